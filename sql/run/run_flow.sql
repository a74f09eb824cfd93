-- What a run reads is pinned; nothing happens when another has taken the run since.
-- $1 int8: run
-- $2 int8: fence
-- $3 int8: flow
-- 0..1 row: id int8
UPDATE meta.run
   SET flow_id = $3
 WHERE id = $1 AND fence = $2 AND state IN ('running', 'checking')
RETURNING id;
