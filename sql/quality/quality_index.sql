-- Has a segment a unique index over exactly these columns?
-- $1 int8: segment
-- $2 text[]: columns, in the order of the index
-- 1 row: found bool
SELECT EXISTS (
    SELECT FROM pg_index
     WHERE indrelid = to_regclass('data.s_' || $1)
       AND indisunique AND indisvalid AND indpred IS NULL
       AND ARRAY(SELECT attname::text
                   FROM unnest(indkey) WITH ORDINALITY AS key (attnum, place)
                   JOIN pg_attribute USING (attnum)
                  WHERE attrelid = indrelid
                  ORDER BY place) = $2) AS found;
