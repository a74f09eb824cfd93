"""All rows at once, in each format; against psql's binary \\copy of the same rows."""
import select
import socket
import time

from .measure import Measure, NotAvailable
from .product import ALL_COLUMNS

SORTED = "&filter=paid%20eq%20true&orderby=amount"
SLOW = 200  # clients
SLOW_BUDGET_MB = 256
PIECE = 4096  # bytes a slow client takes at a time


def _export(ground, name, sort=False, goal=1.0):
    ground.load()
    path = "/output/goods?format=" + name
    ground.need(path + "&top=1")
    rows, limit = ground.rows, ground.table
    if sort:
        path += SORTED
        rows = int(ground.psql("SELECT count(*) FROM %s WHERE paid" % ground.table))
        # the server completes every order with the key
        limit = "(SELECT %s FROM %s WHERE paid ORDER BY amount, id)" % (ALL_COLUMNS, ground.table)
    copy = "\\copy %s to '/dev/null' (format binary)" % limit
    return Measure(lambda: rows / ground.download(path),
                   lambda: rows / ground.seconds_of("SELECT 1", copy), unit="rows/s", goal=goal)


def _reader(ground):
    """A client that asks for everything, and takes little at a time."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, PIECE)
    client.connect((ground.server.host, ground.server.port))
    client.sendall(("GET /output/goods?format=ndjson HTTP/1.1\r\nHost: bench\r\n"
                    "Authorization: %s\r\n\r\n" % ground.authorization).encode())
    return client


def _read_slowly(clients, seconds):
    """Give each a piece now and then; gives how many were answered with rows."""
    heads = {}
    end = time.monotonic() + seconds
    while clients and time.monotonic() < end:
        for client in select.select(clients, [], [], 0.1)[0]:
            piece = client.recv(PIECE)
            heads.setdefault(client, piece[:15])
            if not piece or not heads[client].startswith(b"HTTP/1.1 200"):
                clients.remove(client)
                client.close()
        time.sleep(0.2)  # slowness is what is measured
    return sum(head.startswith(b"HTTP/1.1 200") for head in heads.values())


def slow_200(ground):
    """The server's memory while many read slowly; its own streams are bounded, the rest wait or
    are answered 503."""
    ground.load()

    def ours():
        clients = [_reader(ground) for _ in range(SLOW)]
        everyone = list(clients)
        try:
            streamed = _read_slowly(clients, max(4, ground.options.seconds))
        finally:
            for client in everyone:
                client.close()
        if not streamed:
            raise NotAvailable("no slow reader was given rows")
        return ground.server.memory_kb("VmHWM") / 1024

    return Measure(ours, SLOW_BUDGET_MB, unit="MB", less_is_better=True)


def _of(name, sort=False, goal=1.0):
    return lambda ground: _export(ground, name, sort, goal)


MEASURES = {"export_" + name: _of(name) for name in ("csv", "json", "ndjson", "arrow")}
MEASURES["export_parquet"] = _of("parquet", goal=0.7)
MEASURES.update({"export_%s_sorted" % name: _of(name, sort=True)
                 for name in ("csv", "json", "ndjson", "arrow")})
MEASURES["slow_200"] = slow_200
