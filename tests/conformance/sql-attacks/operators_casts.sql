-- Operators and casts call functions that stand nowhere in the text.
--- secret
SELECT 'meta.hidden'::regclass::text || 'HARM' AS x
--- other
SELECT CAST('pg_authid' AS regclass)::text || 'HARM' AS x
--- secret
SELECT regclass 'meta.hidden' || 'HARM' AS x
--- other
SELECT 'entrepot_owner'::regrole::text || 'HARM' AS x
--- other
SELECT 10::regrole::text || 'HARM' AS x
--- other
SELECT 'pg_sleep'::regproc::text || 'HARM' AS x
--- other
SELECT name::regclass::text || 'HARM' AS x FROM (SELECT 'pg_authid'::text AS name) AS q
--- secret
SELECT to_regclass('meta.hidden')::text || 'HARM' AS x
--- other
SELECT 'meta'::regnamespace::text || 'HARM' AS x
--- other
SELECT 'english'::regconfig::text || 'HARM' AS x
--- other
SELECT 'simple'::regdictionary::text || 'HARM' AS x
--- other
SELECT ARRAY['pg_authid']::regclass[]::text || 'HARM' AS x
--- other
SELECT 'HARM' || ('pg_authid'::regclass = 1260)::text AS x
--- time
SELECT (3 OPERATOR(data.@@@) 4)::text AS x
--- time
SELECT (3 @@@ 4)::text AS x
--- secret
SELECT 'a' OPERATOR(data.||) 'HARM' AS x
--- other
SELECT ('a'::tsvector @@ 'a'::tsquery)::text || 'HARM' AS x
--- other
SELECT ('a b' @@ 'a')::text || 'HARM' AS x
--- other
SELECT ('{=r/entrepot_owner}'::aclitem[] @> 'entrepot_pipeline=r/entrepot_owner'::aclitem)::text || 'HARM' AS x
--- other
SELECT 'entrepot_pipeline=r/entrepot_owner'::aclitem::text || 'HARM' AS x
--- write
SELECT 'HARM' || (5::data.counted)::text AS x
--- other
SELECT ('(1,2)'::point <-> '(3,4)'::point)::text || 'HARM' AS x
--- secret
SELECT (orders @@@ orders)::text AS x FROM orders
--- other
SELECT '<a>HARM</a>'::xml::text AS x
--- secret
SELECT XMLPARSE(DOCUMENT '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a>&f;</a>')::text AS x
--- secret
SELECT '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a>&f;</a>'::xml::text AS x
--- memory
SELECT '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;"><!ENTITY f "&e;&e;&e;&e;&e;&e;&e;&e;">]><a>&f;</a>'::xml::text AS x
--- other
SELECT ('1' || tableoid)::text || 'HARM' AS x FROM data.s_1
--- secret
SELECT id::text AS x FROM orders ORDER BY id USING OPERATOR(data.@@@)
--- other
SELECT txid_snapshot '1:1:'::text || 'HARM' AS x
--- other
SELECT '0/0'::pg_lsn::text || 'HARM' AS x
