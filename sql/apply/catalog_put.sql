-- The product as its folder describes it now.
-- $1 int8: domain
-- $2 text: product id
-- $3 text: name
-- $4 text: version
-- $5 text: kind
-- $6 bool: discovery without a token
-- $7 text: descriptor, JSON
-- $8 text: its SHA-256
-- $9 text: access document, JSON
-- $10 text: its SHA-256
-- 1 row: id int8
INSERT INTO meta.catalog (domain_id, product_id, name, version, kind, open_discovery, descriptor,
                          descriptor_sha256, access, access_sha256)
VALUES ($1, $2, $3, $4, $5, $6, $7::text::json, $8, $9::text::json, $10)
    ON CONFLICT (product_id) DO UPDATE
   SET domain_id = excluded.domain_id, name = excluded.name, version = excluded.version,
       kind = excluded.kind, open_discovery = excluded.open_discovery,
       descriptor = excluded.descriptor, descriptor_sha256 = excluded.descriptor_sha256,
       access = excluded.access, access_sha256 = excluded.access_sha256, applied_at = now()
RETURNING id;
