"""What costs no query: an answer that has not changed, and a snapshot's file; against nginx."""
from .ground import CONNECTIONS
from .measure import Measure

MEGABYTE = 1024 * 1024


def not_modified(ground):
    ground.load()
    nginx = ground.nginx()
    path = "/output/goods?filter=id%20eq%205"
    tag = ground.server.get(path).expect(200).header("ETag")
    ground.server.get(path, headers={"If-None-Match": tag}).expect(304)
    return Measure(lambda: ground.wrk([path], {"If-None-Match": tag}),
                   lambda: ground.wrk(["/row.json"], {"If-None-Match": nginx.tag}, base=nginx.base),
                   goal=1.7)


def parquet_file(ground):
    """A file made once per snapshot: the first request makes it, before the turns begin."""
    ground.load()
    number = ground.psql("SELECT current_number FROM meta.datum "
                         "WHERE layer = 'output' AND name = 'goods'")
    path = "/output/goods/snapshots/%s/data.parquet" % number
    ground.need(path, headers={"Range": "bytes=0-99"}, status=206)
    kept = ground.keep(path, "data.parquet")
    few = CONNECTIONS // 4  # a large file is read by few at a time

    def rate(path, base):
        return ground.wrk_both([path], connections=few, base=base)[1] / MEGABYTE

    return Measure(lambda: rate(path, None), lambda: rate(kept, ground.nginx().base), unit="MB/s",
                   goal=0.9)


MEASURES = {"not_modified": not_modified, "parquet_file": parquet_file}
