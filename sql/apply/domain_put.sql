-- The domain of a name, made if new.
-- $1 text: name
-- 1 row: id int8
INSERT INTO meta.domain (name) VALUES ($1)
    ON CONFLICT (name) DO UPDATE SET name = excluded.name
RETURNING id;
