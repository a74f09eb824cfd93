-- One row per day with sales.
SELECT (sold_at AT TIME ZONE 'UTC')::date AS day, count(*) AS orders, sum(amount) AS total
  FROM paid_orders
 GROUP BY 1
