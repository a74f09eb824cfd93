-- End a session of the pipelines' role that does not heed a cancel.
-- $1 int4: its server process
-- n rows: ended bool
SELECT pg_terminate_backend(pid) AS ended
  FROM pg_stat_activity
 WHERE pid = $1 AND usename = 'entrepot_pipeline';
