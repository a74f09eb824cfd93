"""Snapshots under /odata: by number, by time, along next links, and once they are retired."""
import shutil

import entrepot
import odata_product
import tap
from odata_reader import get, local, path_of, read_pages

# How many levels there are in each snapshot of the set; every level is the snapshot's number.
LEVELS = {1: 30, 2: 40}

times = {}


def _publish(server, number, count):
    server.deliver("stock", "".join(["sku,level\n"] + [
        "s%03d,%d\n" % (row, number) for row in range(count)])).expect(201)
    assert server.run_pipeline("levels")["state"] == "published"
    times[number] = server.get("/output/levels/snapshots").json[0]["published_at"]


def _fill(server):
    for number, count in LEVELS.items():
        _publish(server, number, count)


def _pins(number):
    """The ways to ask for a snapshot, and how long the answer may be kept."""
    yield {"snapshot": number}, "immutable"
    yield {"as_of": times[number]}, "no-cache"
    yield {"as_of": times[number].replace("Z", "+00:00")}, "no-cache"


def every_resource_can_be_asked_of_a_snapshot(server):
    for number, count in LEVELS.items():
        for pin, kept in _pins(number):
            yield "%s of %d" % (next(iter(pin.items())), number), _resources, server, number, count, \
                pin, kept


def _resources(server, number, count, pin, kept):
    rows = [{"sku": "s%03d" % row, "level": number} for row in range(count)]
    for resource, options, expected in (
            ("levels", {}, rows), ("levels", {"filter": "sku lt 's002'"}, rows[:2]),
            ("levels", {"orderby": "sku desc", "top": 3}, rows[:-4:-1]),
            ("levels", {"skip": 25, "select": "sku"}, [{"sku": row["sku"]} for row in rows[25:]]),
            ("levels", {"apply": "groupby((level))"}, [{"level": number}])):
        answer = get(server, resource, **pin, **options).expect(200)
        found = [{name: row[name] for name in row if name in ("sku", "level")}
                 for row in answer.json["value"]]
        assert found == expected, (options, found)
        _is_of(answer, number, kept)
    counted = get(server, "levels", count="true", top=0, **pin).expect(200)
    assert counted.json["@odata.count"] == count, counted
    for resource, expected in (("levels/$count", str(count)), ("levels('s001')/level/$value", str(number)),
                               ("levels/s001/level/$value", str(number))):
        answer = get(server, resource, **pin).expect(200)
        assert answer.text == expected, (resource, answer)
        _is_of(answer, number, kept)
    for resource, member in (("levels('s001')", "level"), ("levels/s001", "level"),
                             ("levels('s001')/level", "value"), ("levels/s001/level", "value")):
        answer = get(server, resource, **pin).expect(200)
        assert answer.json[member] == number, (resource, answer)
        _is_of(answer, number, kept)
    last = "levels('s%03d')" % (LEVELS[2] - 1)
    assert get(server, last, **pin).status == (200 if number == 2 else 404)


def _is_of(answer, number, kept):
    assert answer.header("Snapshot") == str(number), answer.headers
    assert kept in answer.header("Cache-Control"), answer.headers


def links_keep_the_snapshot(server):
    page = {"Prefer": "maxpagesize=7", "Isolation": "snapshot"}
    for number, count in LEVELS.items():
        for pin, _ in _pins(number):
            rows, pages = read_pages(server, path_of("levels", **pin), page)
            assert len(rows) == count and {row["level"] for row in rows} == {number}, (pin, rows)
            assert len(pages) == -(-count // 7)
            link = server.get(local(pages[0]["@odata.nextLink"])).expect(200)
            _is_of(link, number, "immutable")


def an_entity_tag_is_of_a_snapshot(server):
    tags = set()
    for number in LEVELS:
        for pin, _ in _pins(number):
            tag = get(server, "levels", **pin).header("ETag")
            get(server, "levels", {"If-None-Match": tag}, **pin).expect(304)
            tags.add(tag)
    assert len(tags) == len(LEVELS), "rows are the same, however they are asked for"


def options_may_be_written_in_any_way(server):
    """An option that is not heard would give the rows of another snapshot."""
    for root in ("/odata/", "/output/"):
        for name, value in (("snapshot", 1), ("SNAPSHOT", 1), ("$snapshot", 1), ("as_of", times[1]),
                            ("AS_OF", times[1]), ("$as_of", times[1])):
            server.get("%slevels?%s=%s" % (root, name, value)).expect(200)
            answer = server.get("%slevels?%s=%s&$top=1" % (root, name, value)).expect(200)
            assert answer.header("Snapshot") == "1", (root, name)
        for query in ("snapshot=1&snapshot=2", "snapshot=1&SNAPSHOT=1", "$snapshot=1&snapshot=1",
                      "as_of=%s&as_of=%s" % (times[1], times[2]),
                      "maxpagesize=1&MaxPageSize=2", "snapshot=1&as_of=" + times[1]):
            server.get("%slevels?%s" % (root, query)).problem(400, "bad-query")
    for resource in ("levels('s001')", "levels/$count", "levels('s001')/level"):
        for name in ("SNAPSHOT", "$snapshot"):
            answer = server.get("/odata/%s?%s=1" % (resource, name)).expect(200)
            assert answer.header("Snapshot") == "1", (resource, name)


def snapshots_that_are_none_are_refused(server):
    for resource in ("levels", "levels('s001')", "levels/s001", "levels/$count",
                     "levels('s001')/level", "levels('s001')/level/$value"):
        for pin, status in (
                ({"snapshot": 99}, 404), ({"snapshot": 0}, 400), ({"snapshot": -1}, 400),
                ({"snapshot": "x"}, 400), ({"snapshot": ""}, 400),
                ({"as_of": "2001-01-01T00:00:00Z"}, 404), ({"as_of": "2999-01-01T00:00:00Z"}, 400),
                ({"as_of": "yesterday"}, 400), ({"as_of": ""}, 400), ({"as_of": "1' or '1"}, 400),
                ({"as_of": times[1], "snapshot": 1}, 400)):
            answer = get(server, resource, **pin)
            answer.problem(status)
            if status == 400:
                assert answer.json["error"]["target"] in pin, answer.json
        nobody = server.token("output:read", "nobody")
        for pin in ({"snapshot": 1}, {"as_of": times[1]}):
            server.get(path_of(resource, **pin), token=nobody).problem(403)
            server.get(path_of(resource, **pin), token=None).problem(401)
    get(server, "nothing", as_of=times[1]).problem(404, "dataset-unknown")


def the_model_is_that_of_now(server):
    for document in ("", "$metadata"):
        get(server, document, snapshot=1).problem(400, "bad-query")
        get(server, document, as_of=times[1]).problem(400, "bad-query")
    # and what the output port has besides is not of OData
    server.get("/odata/levels?explain=true").problem(400, "bad-query")
    server.get("/odata/levels/explain").problem(404)
    server.get("/odata/levels/snapshots").problem(404)


def what_is_retired_is_gone(server):
    """The last test: snapshot 1 goes when the third one comes."""
    page = {"Prefer": "maxpagesize=10"}
    links = [get(server, "levels", page, **pin).json["@odata.nextLink"] for pin, _ in _pins(1)]
    current = get(server, "levels", page).expect(200).json["@odata.nextLink"]
    _publish(server, 3, 1)
    rest, _ = read_pages(server, local(current))
    assert {row["level"] for row in rest} == {2} and len(rest) == LEVELS[2] - 10
    assert get(server, "levels").json["value"][0]["level"] == 3
    tap.until(lambda: get(server, "levels", snapshot=1).status == 410, 60, 0.2)
    for resource in ("levels", "levels('s001')", "levels/s001", "levels/$count",
                     "levels('s001')/level", "levels('s001')/level/$value"):
        for pin, _ in _pins(1):
            get(server, resource, **pin).problem(410, "snapshot-retired")
    for link in links:
        server.get(local(link)).problem(410, "snapshot-retired")


if __name__ == "__main__":
    product = odata_product.make()
    try:
        entrepot.main(globals(), "--keep-snapshots", "2", "--retire-grace", "0ms", folder=product,
                      prepare=_fill)
    finally:
        shutil.rmtree(product.parent, ignore_errors=True)
