-- Events before a place, newest first: 0 a run began, 1 it ended.
-- $1 timestamptz: the place: a time
-- $2 int8: and a run
-- $3 int4: and which of its events
-- $4 int8: at most so many
-- n rows: at timestamptz, run int8, event int4
SELECT at, run, event
  FROM ((SELECT coalesce(started_at, requested_at) AS at, id AS run, 0 AS event
           FROM meta.run
          WHERE (started_at IS NOT NULL OR finished_at IS NOT NULL)
            AND (coalesce(started_at, requested_at), id) <= ($1, $2)
            AND (coalesce(started_at, requested_at), id, 0) < ($1, $2, $3)
          ORDER BY coalesce(started_at, requested_at) DESC, id DESC
          LIMIT $4)
        UNION ALL
        (SELECT finished_at, id, 1
           FROM meta.run
          WHERE finished_at IS NOT NULL
            AND (finished_at, id) <= ($1, $2)
            AND (finished_at, id, 1) < ($1, $2, $3)
          ORDER BY finished_at DESC, id DESC
          LIMIT $4)) AS events
 ORDER BY at DESC, run DESC, event DESC
 LIMIT $4;
