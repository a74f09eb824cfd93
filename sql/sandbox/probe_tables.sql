-- Object ids of tables by their quoted names, in the order given; 0 where there is none.
-- $1 text[]: names
-- n rows: relation int8
SELECT coalesce(pg_catalog.to_regclass(wanted.name)::oid::int8, 0) AS relation
  FROM unnest($1::text[]) WITH ORDINALITY AS wanted (name, place)
 ORDER BY wanted.place;
