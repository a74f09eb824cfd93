-- Deliveries a dead server process was receiving.
-- $1 text: server process that is starting under this name
-- 0 rows
UPDATE meta.delivery
   SET state = 'interrupted', reason = 'the server stopped while receiving', finished_at = now()
 WHERE state = 'receiving' AND owner = $1;
