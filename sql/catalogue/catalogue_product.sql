-- The product of this database.
-- 0..1 row: id int8, product_id text, name text, version text, kind text, open_discovery bool,
--           descriptor text, descriptor_sha256 text, access text, access_sha256 text, domain text,
--           applied_at timestamptz
SELECT catalog.id, product_id, catalog.name, version, kind, open_discovery,
       descriptor::text AS descriptor, descriptor_sha256, access::text AS access, access_sha256,
       domain.name AS domain, applied_at
  FROM meta.catalog
  JOIN meta.domain ON domain.id = catalog.domain_id
 ORDER BY catalog.id
 LIMIT 1;
