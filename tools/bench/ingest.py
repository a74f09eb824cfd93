"""Rows in: a delivery, against psql's \\copy from into the same table definition."""
from .measure import Measure
from .product import ALL_COLUMNS, NAMES


def _limit_table(ground):
    """limits.arrivals, with the columns the server adds filled by themselves."""
    arrivals = ground.psql("SELECT format('input.i_%s', id) FROM meta.datum "
                           "WHERE layer = 'input' AND name = 'arrivals'")
    ground.psql("DROP TABLE IF EXISTS limits.arrivals; CREATE TABLE limits.arrivals (LIKE %s "
                "INCLUDING ALL)" % arrivals)
    # its delivery's number, and the number of the row in it
    own = ground.psql("SELECT attname FROM pg_attribute WHERE attrelid = 'limits.arrivals'::regclass"
                      " AND attnum > 0 AND attname <> ALL ('{%s}') ORDER BY attnum" %
                      ",".join(NAMES)).split()
    if own:
        ground.psql("CREATE SEQUENCE IF NOT EXISTS limits.row_number CACHE 1000; "
                    "ALTER TABLE limits.arrivals ALTER %s SET DEFAULT 1" % own[0])
    for name in own[1:]:
        ground.psql("ALTER TABLE limits.arrivals ALTER %s SET DEFAULT nextval('limits.row_number')"
                    % name)


def ingest_csv(ground):
    ground.load()
    _limit_table(ground)
    copy = "\\copy limits.arrivals (%s) from '%s' csv header" % (ALL_COLUMNS, ground.csv)

    def limit():
        ground.psql("TRUNCATE limits.arrivals")
        ground.psql("CHECKPOINT")
        return ground.rows / ground.seconds_of("SET timezone = 'UTC'", copy)

    def ours():
        ground.psql("CHECKPOINT")
        return ground.rows / ground.deliver("arrivals", ground.csv)

    return Measure(ours, limit, unit="rows/s")


MEASURES = {"ingest_csv": ingest_csv}
