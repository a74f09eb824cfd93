-- Quality.
SELECT 1;
