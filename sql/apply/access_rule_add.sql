-- Store an access rule.
-- $1 int8: catalog
-- $2 int4: place
-- $3 text: name
-- $4 text: effect
-- $5 text: rule, JSON
-- 0 rows
INSERT INTO meta.access_rule (catalog_id, ordinal, name, effect, document)
VALUES ($1, $2, $3, $4, $5::text::json);
