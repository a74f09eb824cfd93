-- Functions that run SQL given as text, or read a table named by text.
--- secret
SELECT query_to_xml('SELECT * FROM meta.hidden', true, true, '')::text AS x
--- secret
SELECT query_to_xml_and_xmlschema('SELECT * FROM meta.hidden', true, true, '')::text AS x
--- secret
SELECT query_to_xmlschema('SELECT 1 AS "HARM"', true, true, '')::text AS x
--- secret
SELECT table_to_xml('meta.hidden', true, true, '')::text AS x
--- secret
SELECT table_to_xml_and_xmlschema('meta.hidden'::regclass, true, true, '')::text AS x
--- secret
SELECT schema_to_xml('meta', true, true, '')::text AS x
--- secret
SELECT schema_to_xml_and_xmlschema('meta', true, true, '')::text AS x
--- secret
SELECT database_to_xml(true, true, '')::text AS x
--- secret
SELECT database_to_xml_and_xmlschema(true, true, '')::text AS x
--- secret
SELECT xmlserialize(content query_to_xml('SELECT value FROM meta.hidden', true, true, '') AS text) AS x
--- secret
SELECT (xpath('//text()', query_to_xml('SELECT value FROM meta.hidden', true, true, '')))[1]::text AS x
--- secret
SELECT cursor_to_xml('c', 10, true, true, '')::text AS x
--- secret
SELECT word AS x FROM ts_stat('SELECT to_tsvector(value) FROM meta.hidden')
--- secret
SELECT word AS x FROM ts_stat($$SELECT to_tsvector('simple', 'HARM')$$)
--- secret
SELECT word AS x FROM ts_stat($$SELECT to_tsvector('simple', 'HARM')$$, 'abcd')
--- secret
SELECT ts_rewrite('a'::tsquery, $$SELECT 'a'::tsquery, 'HARM'::tsquery$$)::text AS x
--- secret
SELECT ts_rewrite(to_tsquery('simple', 'a'), 'SELECT ''a''::tsquery, to_tsquery(''simple'', value) FROM meta.hidden')::text AS x
--- secret
SELECT xmltable.x FROM XMLTABLE('/table/row' PASSING query_to_xml('SELECT value AS x FROM meta.hidden', true, false, '') COLUMNS x text)
--- write
SELECT query_to_xml('DELETE FROM data.s_1 RETURNING 1', true, true, '')::text AS x
--- write
SELECT query_to_xml('CREATE TABLE data.harm (a int)', true, true, '')::text AS x
--- write
SELECT query_to_xml('UPDATE data.s_2 SET city = ''HARM'' RETURNING city', true, true, '')::text AS x
--- secret
SELECT x::text FROM query_to_xml('SELECT * FROM meta.hidden', true, true, '') AS f (x)
--- secret
SELECT pg_catalog."query_to_xml"('SELECT * FROM meta.hidden', true, true, '')::text AS x
--- secret
SELECT U&"query\005fto\005fxml"('SELECT * FROM meta.hidden', true, true, '')::text AS x
--- secret
SELECT dblink('', 'SELECT value FROM meta.hidden')::text AS x
--- secret
SELECT lo_export(1, '@FILE@')::text, query_to_xml(name, true, true, '')::text AS x FROM (SELECT 'SELECT * FROM meta.hidden'::text AS name) AS q
--- secret
SELECT string_agg(query_to_xml(q, true, true, '')::text, '') AS x FROM unnest(ARRAY['SELECT value FROM meta.hidden']) AS u (q)
--- secret
SELECT max(query_to_xml('SELECT value FROM meta.hidden', true, true, '')::text) OVER () AS x FROM orders
