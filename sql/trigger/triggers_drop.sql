-- Drop the triggers of a pipeline, but for those named.
-- $1 text: pipeline
-- $2 text[]: names that stay
-- 0 rows
DELETE FROM meta.trigger WHERE pipeline = $1 AND name <> ALL ($2);
