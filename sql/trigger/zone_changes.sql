-- The offsets of a time zone over a span, each with the instant from which it holds; looked for by
-- the day, then by the quarter of an hour.
-- $1 text: zone
-- $2 timestamptz: from, a midnight of UTC
-- $3 timestamptz: to
-- n rows: at timestamptz, offset_s int8
WITH days AS (
    SELECT day,
           (day AT TIME ZONE $1) - (day AT TIME ZONE 'UTC') AS behind,
           (day + interval '24 hours') AT TIME ZONE $1
               - (day + interval '24 hours') AT TIME ZONE 'UTC' AS next
      FROM generate_series($2::timestamptz, $3::timestamptz, interval '24 hours') AS day
), quarters AS (
    SELECT quarter,
           (quarter AT TIME ZONE $1) - (quarter AT TIME ZONE 'UTC') AS behind,
           (quarter - interval '15 minutes') AT TIME ZONE $1
               - (quarter - interval '15 minutes') AT TIME ZONE 'UTC' AS before
      FROM days, generate_series(day + interval '15 minutes', day + interval '24 hours',
                                 interval '15 minutes') AS quarter
     WHERE days.behind <> days.next
)
SELECT day AS at, extract(epoch FROM behind)::int8 AS offset_s
  FROM days WHERE day = $2
UNION ALL
SELECT quarter, extract(epoch FROM behind)::int8 FROM quarters WHERE behind <> before
 ORDER BY 1;
