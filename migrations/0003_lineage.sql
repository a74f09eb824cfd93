-- Lineage.
SELECT 1;
