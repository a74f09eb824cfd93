-- Deliveries whose connection is gone: their server stopped while receiving.
-- 0 rows
UPDATE meta.delivery
   SET state = 'interrupted', reason = 'the server stopped while receiving', finished_at = now()
 WHERE state = 'receiving'
   AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid || '/' || backend_start = owner);
