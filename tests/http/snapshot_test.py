"""Snapshots as resources: the list, rows as of a time, the Parquet file and its parts, changes."""
import base64
import csv
import hashlib
import io
import json
import os
import shutil
import threading

import entrepot
import small_product
import tap
from entrepot import Server

COLUMNS = {"id": "bigint", "name": "text!", "place": "text", "amount": "double precision"}
ACCESS = {"default": "permit", "rules": [
    {"name": "all", "effect": "permit", "principals": {"subjects": ["tester"]}, "datasets": ["*"],
     "actions": ["read", "write"]},
    {"name": "rows", "effect": "permit", "principals": {"subjects": ["north"]},
     "datasets": ["output.keyed"], "actions": ["read"], "rows": "place eq 'n'"},
    {"name": "columns", "effect": "permit", "principals": {"subjects": ["south"]},
     "datasets": ["output.keyed"], "actions": ["read"], "columns": {"deny": ["amount"]}},
    {"name": "keyless", "effect": "permit", "principals": {"subjects": ["west"]},
     "datasets": ["output.keyed"], "actions": ["read"], "columns": {"deny": ["id"]}},
    {"name": "none of ours", "effect": "permit", "principals": {"subjects": ["east"]},
     "datasets": ["output.keyed", "output.loose"], "actions": ["read"],
     "columns": {"deny": ["extra"]}},
    {"name": "nothing", "effect": "forbid", "principals": {"subjects": ["nobody"]},
     "datasets": ["output.*"], "actions": ["read"]}]}
BEFORE = [(1, "same", "n", 1.5), (2, "changes", "n", 2), (3, "goes", "n", 3), (4, "moves", "n", 4),
          (5, "is null", None, None), (6, "costs more", "s", 6)]
AFTER = [(1, "same", "n", 1.5), (2, "changed", "n", 2), (4, "moves", "s", 4),
         (5, "is null", "s", None), (6, "costs more", "s", 7), (7, "comes", "n", 7)]
numbers = {}


def _write_product(folder):
    def pipeline(name, more=""):
        sql = "SELECT id, name, place, amount%s FROM things ORDER BY id" % more
        return {"name": name, "version": "1.0.0", "inputs": {"things": {"dataset": "input.things"}},
                "steps": [{"name": name, "output": "output." + name, "sql": sql}]}
    return small_product.write(
        folder, {"things": small_product.contract("things", COLUMNS, mode="replace")},
        {"keyed": small_product.contract("keyed", COLUMNS, key=("id",)),
         "loose": small_product.contract("loose", dict(COLUMNS, extra="text"))},
        [pipeline("keyed"), pipeline("loose", ", name AS extra")], ACCESS)


def _publish(server, rows, pipeline="keyed"):
    """Gives the number of the snapshot."""
    text = io.StringIO()
    csv.writer(text).writerows([list(COLUMNS)] + [
        ["" if value is None else value for value in row] for row in rows])
    server.deliver("things", text.getvalue()).expect(201)
    run = server.run_pipeline(pipeline)
    assert run["state"] == "published", run
    return run["outputs"][0]["snapshot"]


def _prepare(server):
    numbers["before"] = _publish(server, BEFORE)
    numbers["after"] = _publish(server, AFTER)
    _publish(server, BEFORE, "loose")
    _publish(server, AFTER, "loose")


def _file(number=None, dataset="keyed"):
    return "/output/%s/snapshots/%s/data.parquet" % (dataset, number or numbers["before"])


def _get(server, path, subject="tester", **fields):
    return server.request("GET", path, token=server.token(subject=subject), headers={
        name.replace("_", "-"): value for name, value in fields.items()})


# --- the list ------------------------------------------------------------------------------------

def snapshots_are_listed_with_what_there_is_to_know(server):
    listed = server.get("/output/keyed/snapshots").expect(200).json
    assert [entry["snapshot"] for entry in listed][-2:] == [numbers["after"], numbers["before"]]
    newest = listed[-2]
    assert newest["rows"] == len(AFTER) and newest["bytes"] > 0, newest
    assert newest["contract_version"] == "1.0.0" and newest["state"] == "published", newest
    assert len(newest["sha256"]) == len(newest["contract_sha256"]) == 64, newest
    assert newest["run"] and newest["published_at"].endswith("Z"), newest
    for name, url in newest["links"].items():
        path = url[url.index("/", 8):]
        server.get(path).expect(200)
        assert name in ("contract", "rows", "files", "parquet", "changes"), name
    assert "changes" in newest["links"] and "changes" not in listed[-1]["links"]
    assert "changes" not in server.get("/output/loose/snapshots").json[0]["links"]


# --- the file ------------------------------------------------------------------------------------

def a_file_is_whole_and_never_changes(server):
    answer = server.get(_file()).expect(200)
    assert answer.body[:4] == answer.body[-4:] == b"PAR1"
    assert answer.media_type == "application/vnd.apache.parquet", answer.headers
    assert answer.header("Content-Length") == str(len(answer.body)), answer.headers
    assert answer.header("Accept-Ranges") == "bytes"
    assert answer.header("Cache-Control") == "private, max-age=31536000, immutable"
    digest = hashlib.sha256(answer.body)
    assert answer.header("ETag") == '"%s"' % digest.hexdigest(), "strong, and of the bytes"
    assert answer.header("Repr-Digest") == "sha-256=:%s:" % (
        base64.b64encode(digest.digest()).decode()), answer.headers
    assert answer.header("Snapshot") == str(numbers["before"])
    assert "keyed-%d.parquet" % numbers["before"] in answer.header("Content-Disposition")
    coded = _get(server, _file(), Accept_Encoding="zstd, gzip").expect(200)
    assert coded.header("Content-Encoding") is None and coded.body == answer.body
    assert server.get(_file()).body == answer.body
    assert server.get(_file(numbers["after"])).header("ETag") != answer.header("ETag")


def HEAD_says_the_same_without_the_bytes(server):
    whole = server.get(_file()).expect(200)
    head = server.request("HEAD", _file()).expect(200)
    assert head.body == b""
    for name in ("Content-Length", "Content-Type", "ETag", "Repr-Digest", "Accept-Ranges",
                 "Last-Modified", "Cache-Control"):
        assert head.header(name) == whole.header(name), name
    partial = server.request("HEAD", _file(), headers={"Range": "bytes=0-3"})
    assert partial.status == 200 and partial.header("Content-Range") is None, partial


def a_file_is_given_in_parts(server):
    whole = server.get(_file()).body
    size = len(whole)
    for text, first, last in (("0-3", 0, 3), ("-8", size - 8, size - 1), ("10-", 10, size - 1),
                              ("0-", 0, size - 1), ("0-999999999", 0, size - 1),
                              ("-999999999", 0, size - 1),
                              ("%d-" % (size - 1), size - 1, size - 1)):
        answer = _get(server, _file(), Range="bytes=" + text).expect(206)
        assert answer.body == whole[first:last + 1], text
        assert answer.header("Content-Range") == "bytes %d-%d/%d" % (first, last, size), text
        assert answer.header("Content-Length") == str(last - first + 1), text
        assert answer.header("ETag") and answer.header("Repr-Digest"), "of the whole"


def a_range_beyond_the_end_is_416(server):
    size = len(server.get(_file()).body)
    for text in ("%d-" % size, "%d-%d" % (size, size + 5), "99999999999999999999999-", "-0",
                 "%d-,%d-" % (size, size + 9)):
        answer = _get(server, _file(), Range="bytes=" + text)
        answer.problem(416, "range")
        assert answer.header("Content-Range") == "bytes */%d" % size, (text, answer.headers)


def other_ranges_are_answered_whole(server):
    whole = server.get(_file()).body
    for text in ("bytes=0-1,4-5", "bytes=" + ",".join(["0-"] * 500), "bytes=5-1", "bytes=x",
                 "bytes=", "bytes", "rows=0-1", "bytes=0-1;2-3", "bytes=--1"):
        answer = _get(server, _file(), Range=text).expect(200)
        assert answer.body == whole and answer.header("Content-Range") is None, text


def conditions_are_looked_at(server):
    whole = server.get(_file()).expect(200)
    etag = whole.header("ETag")
    for wanted in (etag, "W/" + etag, '"x", ' + etag, "*"):
        answer = _get(server, _file(), If_None_Match=wanted, Range="bytes=0-3").expect(304)
        assert answer.body == b"" and answer.header("ETag") == etag, wanted
        assert "immutable" in answer.header("Cache-Control")
    _get(server, _file(), If_None_Match='"x"').expect(200)
    assert len(_get(server, _file(), If_Range=etag, Range="bytes=0-3").expect(206).body) == 4
    for other in ('"x"', "W/" + etag, whole.header("Last-Modified"), "x"):
        answer = _get(server, _file(), If_Range=other, Range="bytes=0-3").expect(200)
        assert answer.body == whole.body, other
    # what would be beyond the end does not matter when the file is another one
    _get(server, _file(), If_Range='"x"', Range="bytes=999999999-").expect(200)


def who_may_not_see_all_does_not_get_the_file(server):
    for subject in ("north", "south", "west", "nobody"):
        for path in (_file(), _file(numbers["after"])):
            document = _get(server, path, subject).problem(403, "forbidden")
            assert subject == "nobody" or "format=parquet" in document["detail"], document
        etag = server.get(_file()).header("ETag")
        _get(server, _file(), subject, If_None_Match=etag, Range="bytes=0-3").problem(403)
    _get(server, _file(), "east").expect(200)  # what is hidden is in no column of this one
    rows = _get(server, "/output/keyed/snapshots/%d?format=parquet" % numbers["before"], "north")
    assert rows.expect(200).body[:4] == b"PAR1"


def files_that_are_not_there_are_refused(server):
    for number in ("0", "-1", "x", "1.5", "99999", "99999999999999999999", "..", "%2e%2e"):
        server.get(_file(number)).problem(404)
    server.get(_file(dataset="nobody")).problem(404, "dataset-unknown")
    server.get(_file() + "?top=1").problem(400, "bad-query")
    server.request("POST", _file(), body=b"x").problem(405)
    server.request("GET", _file(), token=None).problem(401)


def many_who_ask_at_once_get_the_same_file(server):
    number = _publish(server, [(i, "row %d" % i, "n", i / 7) for i in range(20000)])
    bodies = []
    threads = [threading.Thread(target=lambda: bodies.append(server.get(_file(number)).body))
               for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(bodies) == 24 and len(set(bodies)) == 1 and bodies[0][:4] == b"PAR1"
    names = os.listdir(server.data_dir / "files")
    assert not [name for name in names if name.startswith("tmp-")], names


# --- as of a time --------------------------------------------------------------------------------

def _as_of(server, at, dataset="keyed", **options):
    return server.get("/output/%s?as_of=%s%s" % (dataset, at, "".join(
        "&%s=%s" % option for option in options.items())))


def rows_are_those_of_a_time(server):
    with Server(server.folder) as other:
        published = {}
        for name in ("first", "second", "third"):
            number = _publish(other, [(1, name, "n", 1)])
            published[number] = name
        a, b, c = published
        path = "/control/datasets/keyed/rollback"
        for back in (a, c):
            other.post(path, json.dumps({"to": back}), "application/json").expect(200)
        moves = other.get("/control/datasets/keyed/publications").expect(200).json[::-1]
        assert [move["to"] for move in moves] == [a, b, c, a, c], moves
        for move in moves:
            answer = _as_of(other, move["at"]).expect(200)
            assert answer.json[0]["name"] == published[move["to"]], move
            assert answer.header("Snapshot") == str(move["to"])
            assert answer.header("Cache-Control") == "private, no-cache"
            assert answer.link("canonical").endswith("/output/keyed/snapshots/%d" % move["to"])
            shifted = move["at"].replace("Z", "+00:00").replace("+", "%2B")
            assert _as_of(other, shifted).json == answer.json
            tagged = other.request("GET", "/output/keyed?as_of=" + move["at"],
                                   headers={"If-None-Match": answer.header("ETag")})
            tagged.expect(304)
        for entry in other.get("/output/keyed/snapshots").json:
            answer = _as_of(other, entry["published_at"])
            assert answer.header("Snapshot") == str(entry["snapshot"]), "from when it says"
        page = _as_of(other, moves[0]["at"], maxpagesize=1).expect(200)
        assert page.header("Snapshot") == str(a) and page.link("next") is None
        other.stop_cleanly()


def times_that_mean_nothing_are_refused(server):
    at = server.get("/output/keyed/snapshots").json[0]["published_at"]
    _as_of(server, "2001-01-01T00:00:00Z").problem(404, "not-found")
    _as_of(server, at, dataset="nobody").problem(404, "dataset-unknown")
    for wrong in ("", "x", "2026-01-01", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00", "now()",
                  "2999-01-01T00:00:00Z", "infinity", "1'%20or%20'1"):
        document = _as_of(server, wrong).problem(400, "bad-query")
        assert document["option"] == "as_of", document
    _as_of(server, at, snapshot=1).problem(400, "bad-query")
    server.get("/output/keyed/snapshots/%d?as_of=%s" % (numbers["before"], at)).problem(400)
    server.request("GET", "/output/keyed?as_of=" + at,
                   token=server.token(subject="nobody")).problem(403)


# --- changes -------------------------------------------------------------------------------------

def _differences(before, after, seen=lambda row: True, columns=range(4)):
    """What is to be answered, computed here."""
    old = {row[0]: row for row in before if seen(row)}
    new = {row[0]: row for row in after if seen(row)}

    def shown(kind, row):
        named = dict(zip(COLUMNS, row))
        return dict({"_change": kind}, **{name: named[name] for index, name in enumerate(COLUMNS)
                                          if index in columns})
    rows = []
    for key in sorted(set(old) | set(new)):
        a = old.get(key) and shown("changed_from", old[key])
        b = new.get(key) and shown("changed_to", new[key])
        if a and b:
            if dict(a, _change="") != dict(b, _change=""):
                rows += [a, b]
        else:
            rows.append(dict(a or b, _change="removed" if a else "added"))
    return rows


def _changes(server, subject="tester", dataset="keyed", **options):
    options = dict({"from": numbers["before"], "to": numbers["after"]}, **options)
    return _get(server, "/output/%s/changes?%s" % (dataset, "&".join(
        "%s=%s" % option for option in options.items() if option[1])), subject)


def changes_are_told_by_key(server):
    answer = _changes(server).expect(200)
    expected = _differences(BEFORE, AFTER)
    assert answer.json == expected, answer.json
    assert [row["_change"] for row in expected].count("added") == 1 and len(expected) == 10
    assert "immutable" in answer.header("Cache-Control")
    back = _changes(server, **{"from": numbers["after"], "to": numbers["before"]}).expect(200)
    assert back.json == _differences(AFTER, BEFORE)
    assert _changes(server, to=numbers["before"]).expect(200).json == []
    counted = server.get("/control/datasets/keyed/diff?from=%d&to=%d" % (
        numbers["before"], numbers["after"])).expect(200).json
    kinds = [row["_change"] for row in expected]
    assert [counted[kind] for kind in ("added", "removed", "changed")] == [
        kinds.count("added"), kinds.count("removed"), kinds.count("changed_to")], counted
    again = _get(server, "/output/keyed/changes?from=%d&to=%d" % (
        numbers["before"], numbers["after"]), If_None_Match=answer.header("ETag"))
    again.expect(304)


def changes_come_in_every_format(server):
    expected = _differences(BEFORE, AFTER)
    lines = _changes(server, format="ndjson").expect(200).text.splitlines()
    assert [json.loads(line) for line in lines] == expected
    table = list(csv.reader(io.StringIO(_changes(server, format="csv").expect(200).text)))
    assert table[0] == ["_change"] + list(COLUMNS) and len(table) == len(expected) + 1
    assert _changes(server, format="parquet").expect(200).body[:4] == b"PAR1"
    assert _changes(server, format="arrow").expect(200).media_type == (
        "application/vnd.apache.arrow.stream")
    tags = {_changes(server, format=name).header("ETag") for name in ("json", "csv", "parquet")}
    assert len(tags) == 3
    _changes(server, format="xml").problem(406)


def changes_obey_the_access_rules(server):
    assert _changes(server, "north").expect(200).json == _differences(
        BEFORE, AFTER, seen=lambda row: row[2] == "n")
    assert _changes(server, "south").expect(200).json == _differences(
        BEFORE, AFTER, columns=range(3)), "what only the hidden column changed is no change"
    _changes(server, "west").problem(400, "bad-query")
    _changes(server, "nobody").problem(403, "forbidden")
    tags = {_changes(server, subject).header("ETag") for subject in ("tester", "north", "south")}
    assert len(tags) == 3


def changes_need_a_key_and_two_snapshots(server):
    document = _changes(server, dataset="loose", **{"from": 1, "to": 2}).problem(400, "bad-query")
    assert "key" in document["detail"], document
    current = _changes(server, to=None).expect(200)
    assert current.header("Cache-Control") == "private, no-cache"
    assert "from=%d&to=" % numbers["before"] in current.link("canonical")
    _changes(server, **{"from": None}).problem(400, "bad-query")
    for wrong in ("0", "x", "-1", "99999999999999999999"):
        _changes(server, **{"from": wrong}).problem(400, "bad-query")
    _changes(server, to=99999).problem(404)
    _changes(server, top=1).problem(400, "bad-query")


# --- retired, restarted, lost --------------------------------------------------------------------

def what_is_retired_is_410_and_its_file_goes(server):
    with Server(server.folder, "--keep-snapshots", "1", "--retire-grace", "0ms") as other:
        first = _publish(other, BEFORE)
        at = other.get("/output/keyed/snapshots").json[0]["published_at"]
        other.get(_file(first)).expect(200)
        files = other.data_dir / "files"
        for name in os.listdir(files):  # as if it had been there for long
            os.utime(files / name, (0, 0), follow_symlinks=False)
        second = _publish(other, AFTER)
        tap.until(lambda: not os.listdir(files), 60, 0.2)
        for path in (_file(first), "/output/keyed/snapshots/%d" % first,
                     "/output/keyed?as_of=" + at,
                     "/output/keyed/changes?from=%d&to=%d" % (first, second)):
            document = other.get(path).problem(410, "snapshot-retired")
            assert document["current"].endswith("/output/keyed"), document
        other.get(_file(second)).expect(200)
        other.stop_cleanly()


def files_outlive_the_server_and_are_made_again_when_lost(server):
    with Server(server.folder) as other:
        number = _publish(other, BEFORE)
        body = other.get(_file(number)).expect(200).body
        files = other.data_dir / "files"
        kept = sorted((name, os.lstat(files / name).st_mtime_ns) for name in os.listdir(files))
        assert len(kept) == 2, kept
        other.stop_cleanly()
        (files / "tmp-0123456789abcdef").write_bytes(b"cut")
        os.utime(files / "tmp-0123456789abcdef", (0, 0))
        other.start()
        assert other.get(_file(number)).expect(200).body == body
        tap.until(lambda: len(os.listdir(files)) == 2, 60, 0.2)
        assert kept == sorted((name, os.lstat(files / name).st_mtime_ns)
                              for name in os.listdir(files)), "found, not made"
        for name in os.listdir(files):
            if name.endswith(".parquet"):
                os.unlink(files / name)
        assert other.get(_file(number)).expect(200).body == body
        shutil.rmtree(files)
        files.mkdir()
        other.get(_file(number)).problem(500, "internal")  # the folder it holds is gone
        other.stop_cleanly()


if __name__ == "__main__":
    home = entrepot.temporary_folder()
    try:
        entrepot.main(globals(), folder=_write_product(home / "product"), prepare=_prepare)
    finally:
        shutil.rmtree(home, ignore_errors=True)
