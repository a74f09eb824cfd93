-- Types as a person writes them, numeric(12,2), in the order asked.
-- $1 int8[]: object ids of types
-- $2 int8[]: their modifiers, -1 for none
-- n rows: name text
SELECT format_type(asked.type::oid, asked.modifier::int4) AS name
  FROM unnest($1::int8[], $2::int8[]) WITH ORDINALITY AS asked (type, modifier, place)
 ORDER BY asked.place;
