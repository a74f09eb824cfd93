-- Triggers.
SELECT 1;
