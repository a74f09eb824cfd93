-- Moves of the pointer of an output dataset, newest first.
-- $1 int8: dataset
-- $2 int8: only ids below this
-- $3 int8: at most so many
-- n rows: id int8, kind text, from_number int8?, to_number int8, run_id int8?, subject text, at timestamptz
SELECT id, kind, from_number, to_number, run_id, subject, at
  FROM meta.publication
 WHERE datum_id = $1 AND id < $2
 ORDER BY id DESC
 LIMIT $3;
