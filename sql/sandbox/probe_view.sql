-- What Postgres made of the probe's view: its rule as a node tree.
-- $1 text: the view, quoted
-- 1 row: view int8, tree text, server_version int4
SELECT r.ev_class::int8 AS view, r.ev_action::text AS tree,
       current_setting('server_version_num')::int4 AS server_version
  FROM pg_catalog.pg_rewrite AS r
 WHERE r.ev_class = pg_catalog.to_regclass($1);
