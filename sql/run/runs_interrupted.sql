-- Runs whose server process is dead: this one's of before its start, and those past their lease.
-- $1 text: server process that is starting under this name, '' for none
-- n rows: id int8
UPDATE meta.run
   SET state = 'failed', finished_at = now(), lease_until = NULL, fence = fence + 1,
       error = '{"type": "urn:entrepot:problem:interrupted", "title": "The run was interrupted", "status": 500, "detail": "the server stopped while it ran; run it again"}'
 WHERE state IN ('running', 'checking')
   AND (owner = $1 OR lease_until < now())
RETURNING id;
