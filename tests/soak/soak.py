#!/usr/bin/env python3
"""A long run under load, watching for growth.

    soak.py [MINUTES]        10 unless told

Deliveries, runs, exports, pages, rows and requests that are refused, over and over, by several
clients. After a tenth of the time to warm up, the resident memory and the open files of the server
are taken; at the end neither may have grown by more than a fifth (and 16 MB, 16 files), and every
answer must have been one of those expected.
"""
import pathlib
import random
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tests" / "http"), str(ROOT / "tests")]
import entrepot  # noqa: E402

CLIENTS = 3


def csv(chance, count):
    lines = ["id,customer,amount,sold_at,paid,qty,due,note\n"]
    for number in range(count):
        lines.append("%d,Ada %d,%d.25,2026-01-02T03:04:05Z,%s,%d,2026-02-01,%s\n" % (
            number, chance.randrange(100), chance.randrange(10 ** 6), chance.choice(["true", "false"]),
            chance.randrange(1000), chance.choice(["", "note", '"a ""quote"""'])))
    return "".join(lines)


def turn(server, chance):
    """One request; gives its status and those that are right."""
    kind = chance.randrange(10)
    if kind == 0:
        return server.deliver("orders", csv(chance, chance.randrange(1, 3000))).status, (201,)
    if kind == 1:
        return server.deliver("orders", csv(chance, 50) + "x,y\n").status, (400, 422)
    if kind == 2:
        return server.post("/control/pipelines/sales/runs").status, (202,)
    if kind == 3:
        answer = server.get("/output/sales?format=" + chance.choice(["csv", "json", "ndjson"]))
        return answer.status, (200, 503)
    if kind == 4:
        return server.get("/output/sales?filter=qty%20gt%20500&orderby=qty&top=100").status, (200,)
    if kind == 5:
        return server.get("/output/sales?filter=nothing").status, (400,)
    if kind == 6:
        with server.connect() as connection:  # a client that leaves
            connection.sendall(("GET /output/sales HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s"
                                "\r\n\r\n" % server.token()).encode())
        return 200, (200,)
    if kind == 7:
        return server.get("/output/sales", token=None).status, (401,)
    if kind == 8:
        return server.get("/discovery/openapi.json", token=None).status, (200,)
    return server.get("/output/sales?filter=id%%20eq%%20%d" % chance.randrange(3000)).status, (200,)


def main():
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 10
    with entrepot.Server(entrepot.PRODUCT, "--log-level", "info", "--keep-snapshots", "3",
                         "--retire-grace", "1s") as server:
        server.deliver("orders", csv(random.Random(1), 100)).expect(201)
        assert server.run_pipeline("sales")["state"] == "published"
        end = time.monotonic() + minutes * 60
        wrong, turns = [], [0]

        def client(seed):
            chance = random.Random(seed)
            while time.monotonic() < end and not wrong:
                status, right = turn(server, chance)
                turns[0] += 1
                if status not in right:
                    wrong.append((status, right))
        threads = [threading.Thread(target=client, args=(seed,)) for seed in range(CLIENTS)]
        for thread in threads:
            thread.start()

        def files():
            return len(list(pathlib.Path("/proc/%d/fd" % server.process.pid).iterdir()))
        start = time.monotonic()
        before = None
        while time.monotonic() < end and not wrong:
            time.sleep(min(10, max(0.1, end - time.monotonic())))
            now = (server.memory_kb(), files())
            del server.lines[:-1000]
            if not before and time.monotonic() - start > minutes * 6:
                before = now
            print("%5.1f min  %8d turns  %6.1f MB  %d files" % (
                (time.monotonic() - start) / 60, turns[0], now[0] / 1024, now[1]), flush=True)
        for thread in threads:
            thread.join()
        if wrong:
            sys.exit("soak: %d came where %s is right\n%s" % (*wrong[0], server.recent_log()))
        after = (server.memory_kb(), files())
        server.stop_cleanly()
    if before and (after[0] > before[0] * 1.2 + 16384 or after[1] > before[1] * 1.2 + 16):
        sys.exit("soak: it grew from %s to %s (KB, files)" % (before, after))
    print("soak: %d turns, no growth" % turns[0])


if __name__ == "__main__":
    main()
