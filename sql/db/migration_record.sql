-- Remember a migration that was run in this transaction.
-- $1 int4: number
-- $2 text: name
-- $3 text: SHA-256 of its text, hexadecimal
-- 0 rows
INSERT INTO meta.migration (number, name, sha256)
VALUES ($1, $2, $3);
