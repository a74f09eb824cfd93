-- Runs whose server process is dead: those past their lease, or all of other processes.
-- $1 text: this server process
-- $2 bool: whether this process is the only one
-- n rows: id int8
UPDATE meta.run
   SET state = 'failed', finished_at = now(), lease_until = NULL, fence = fence + 1,
       error = json_build_object(
           'type', 'urn:entrepot:problem:interrupted', 'title', 'The run was interrupted',
           'status', 500, 'detail', 'the server stopped while it ran; run it again')
 WHERE state IN ('running', 'checking')
   AND (lease_until < now() OR ($2 AND owner IS DISTINCT FROM $1))
RETURNING id;
