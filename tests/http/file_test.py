"""Whole snapshots as files: every format, pre-compressed, and the space they take."""
import base64
import csv
import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import threading

import entrepot
import small_product
import tap
from entrepot import Server

COLUMNS = {"id": "bigint", "name": "text!", "place": "text", "amount": "double precision",
           "at": "timestamptz"}
ACCESS = {"default": "permit", "rules": [
    {"name": "all", "effect": "permit", "principals": {"subjects": ["tester"]}, "datasets": ["*"],
     "actions": ["read", "write"]},
    {"name": "rows", "effect": "permit", "principals": {"subjects": ["north"]},
     "datasets": ["output.things"], "actions": ["read"], "rows": "place eq 'n'"},
    {"name": "columns", "effect": "permit", "principals": {"subjects": ["south"]},
     "datasets": ["output.things"], "actions": ["read"], "columns": {"deny": ["amount"]}}]}
FORMATS = ("json", "ndjson", "csv", "parquet", "arrow")
CODED = ("json", "ndjson", "csv", "arrow")
numbers = {}


def _rows(count, seed=7):
    return [(i, 'row "%d", é' % i, "ns"[i % 2], i / seed, "2026-01-%02dT00:00:00Z" % (i % 28 + 1))
            if i % 5 else (i, "null", None, None, None) for i in range(count)]


def _write_product(folder):
    return small_product.write(
        folder, {"raw": small_product.contract("raw", COLUMNS, mode="replace")},
        {"things": small_product.contract("things", COLUMNS, key=("id",))},
        [{"name": "things", "version": "1.0.0", "inputs": {"raw": {"dataset": "input.raw"}},
          "steps": [{"name": "things", "output": "output.things",
                     "sql": "SELECT id, name, place, amount, at FROM raw ORDER BY id"}]}], ACCESS)


def _publish(server, rows):
    """Gives the number of the snapshot."""
    text = io.StringIO()
    csv.writer(text).writerows([list(COLUMNS)] + [
        ["" if value is None else value for value in row] for row in rows])
    server.deliver("raw", text.getvalue().encode()).expect(201)
    run = server.run_pipeline("things")
    assert run["state"] == "published", run
    return run["outputs"][0]["snapshot"]


def _prepare(server):
    numbers["few"] = _publish(server, _rows(3))
    numbers["many"] = _publish(server, _rows(20000))


def _path(form, number=None):
    return "/output/things/snapshots/%s/data.%s" % (number or numbers["many"], form)


def _get(server, path, accept=None, subject="tester", **fields):
    fields = {name.replace("_", "-"): value for name, value in fields.items()}
    if accept is not None:
        fields["Accept-Encoding"] = accept
    return server.request("GET", path, token=server.token(subject=subject), headers=fields)


def _decode(coding, body):
    if coding == "gzip":
        return gzip.decompress(body)
    if not shutil.which("zstd"):
        tap.skip("zstd is not there")
    return subprocess.run(["zstd", "-d", "-c"], input=body, stdout=subprocess.PIPE,
                          check=True).stdout


def _check_of_bytes(answer, whole):
    """Length, ETag and digest are of the bytes that are sent, in whatever coding (RFC 9530)."""
    digest = hashlib.sha256(whole)
    assert answer.header("ETag") == '"%s"' % digest.hexdigest(), answer.headers
    assert answer.header("Repr-Digest") == "sha-256=:%s:" % (
        base64.b64encode(digest.digest()).decode()), answer.headers
    assert answer.header("Content-Length") == str(len(answer.body)), answer.headers
    assert answer.header("Accept-Ranges") == "bytes"
    assert answer.header("Cache-Control") == "private, max-age=31536000, immutable"
    varies = ", ".join(value for name, value in answer.headers if name.lower() == "vary")
    assert "Authorization" in varies and "Accept-Encoding" in varies, answer.headers


# --- formats -------------------------------------------------------------------------------------

def a_file_has_the_bytes_of_the_stream(server):
    for form in FORMATS:
        for number in (numbers["few"], numbers["many"]):
            answer = _get(server, _path(form, number)).expect(200)
            stream = server.get("/output/things?snapshot=%d&format=%s" % (number, form))
            assert answer.body == stream.expect(200).body and answer.body, (form, number)
            assert answer.header("Content-Type") == stream.header("Content-Type"), form
            assert answer.header("Content-Encoding") is None
            ending = "arrows" if form == "arrow" else form
            assert answer.header("Content-Disposition") == (
                'attachment; filename="things-%d.%s"' % (number, ending)), answer.headers
            assert answer.header("Snapshot") == str(number)
            _check_of_bytes(answer, answer.body)
    assert len(json.loads(_get(server, _path("json")).body)) == 20000


def files_that_are_not_there_are_refused(server):
    for path in (_path("xlsx"), _path("CSV"), _path("csv.gz"), _path("arrows"), _path("csv", 9999),
                 _path("csv", "x"), "/output/nobody/snapshots/1/data.csv",
                 "/output/things/snapshots/9999/files"):
        server.get(path).problem(404)
    for path in (_path("csv") + "?top=1", "/output/things/snapshots/1/files?top=1"):
        server.get(path).problem(400, "bad-query")
    for form in FORMATS:
        server.request("POST", _path(form), body=b"x").problem(405)
        server.request("GET", _path(form), token=None).problem(401)


def who_may_not_see_all_does_not_get_a_file(server):
    for form in FORMATS:
        etag = server.get(_path(form)).header("ETag")
        for subject in ("north", "south"):
            for accept in ("identity", "gzip"):
                refused = _get(server, _path(form), accept, subject, If_None_Match=etag)
                document = refused.problem(403, "forbidden")
                assert "format=%s gives" % form in document["detail"], document
    for subject in ("north", "south"):
        files = _get(server, "/output/things/snapshots/%d/files" % numbers["many"], None, subject)
        files.problem(403, "forbidden")


# --- codings -------------------------------------------------------------------------------------

def a_file_is_kept_compressed(server):
    for form in CODED:
        plain = _get(server, _path(form)).expect(200)
        tags = {plain.header("ETag")}
        for coding in ("gzip", "zstd"):
            answer = _get(server, _path(form), coding).expect(200)
            assert answer.header("Content-Encoding") == coding, answer.headers
            assert answer.header("Content-Type") == plain.header("Content-Type")
            assert _decode(coding, answer.body) == plain.body, (form, coding)
            _check_of_bytes(answer, answer.body)
            tags.add(answer.header("ETag"))
            stream = _get(server, "/output/things?snapshot=%d&format=%s" % (
                numbers["many"], form), coding).expect(200)
            assert len(answer.body) < len(stream.body) < len(plain.body), (form, coding)
            assert _get(server, _path(form), coding).body == answer.body
        assert len(tags) == 3, "a tag of each"


def the_coding_is_chosen_by_weight(server):
    for accept, coding in (
            (None, None), ("", None), ("identity", None), ("br, deflate", None), ("gzip", "gzip"),
            ("gzip, zstd", "zstd"), ("gzip;q=1, zstd;q=0.5", "gzip"), ("*", "zstd"),
            ("gzip;q=0", None), ("zstd;q=0, *;q=0.1", "gzip"), ("identity, gzip;q=0.5", None),
            ("identity;q=0, gzip;q=0.5", "gzip"), ("identity;q=0, *", "zstd"),
            ("*;q=0, zstd", "zstd")):
        answer = _get(server, _path("csv"), accept).expect(200)
        assert answer.header("Content-Encoding") == coding, (accept, answer.headers)
    for form in FORMATS:
        for accept in ("identity;q=0", "*;q=0", "identity;q=0, br", "gzip;q=0, zstd;q=0, *;q=0"):
            document = _get(server, _path(form), accept).problem(406, "not-acceptable")
            assert "Accept-Encoding" in document["detail"], document


def parquet_is_coded_only_for_who_takes_nothing_else(server):
    plain = _get(server, _path("parquet"), "gzip, zstd").expect(200)
    assert plain.header("Content-Encoding") is None and plain.body[:4] == b"PAR1"
    coded = _get(server, _path("parquet"), "gzip, identity;q=0").expect(200)
    assert coded.header("Content-Encoding") == "gzip"
    assert gzip.decompress(coded.body) == plain.body


def a_compressed_file_is_given_in_parts(server):
    whole = _get(server, _path("csv"), "gzip").expect(200)
    size = len(whole.body)
    for text, first, last in (("0-3", 0, 3), ("-8", size - 8, size - 1), ("10-", 10, size - 1)):
        part = _get(server, _path("csv"), "gzip", Range="bytes=" + text).expect(206)
        assert part.body == whole.body[first:last + 1], text
        assert part.header("Content-Range") == "bytes %d-%d/%d" % (first, last, size)
        assert part.header("Content-Encoding") == "gzip", "a part of what is coded"
        for name in ("ETag", "Repr-Digest"):
            assert part.header(name) == whole.header(name), "of the whole"
    pieces = b"".join(_get(server, _path("csv"), "gzip", Range="bytes=%d-%d" % (
        at, min(at + 49999, size - 1))).expect(206).body for at in range(0, size, 50000))
    assert gzip.decompress(pieces) == _get(server, _path("csv")).body
    beyond = _get(server, _path("csv"), "gzip", Range="bytes=%d-" % size)
    beyond.problem(416, "range")
    assert beyond.header("Content-Range") == "bytes */%d" % size


def conditions_are_of_the_coding(server):
    plain = _get(server, _path("json")).header("ETag")
    coded = _get(server, _path("json"), "gzip").header("ETag")
    for accept, tag, other in (("gzip", coded, plain), (None, plain, coded)):
        same = _get(server, _path("json"), accept, If_None_Match=tag).expect(304)
        assert same.body == b"" and same.header("ETag") == tag
        _get(server, _path("json"), accept, If_None_Match=other).expect(200)
        _get(server, _path("json"), accept, If_Range=tag, Range="bytes=0-3").expect(206)
        whole = _get(server, _path("json"), accept, If_Range=other, Range="bytes=0-3").expect(200)
        _check_of_bytes(whole, whole.body)


def HEAD_says_the_same_without_the_bytes(server):
    for accept in ("identity", "gzip", "zstd"):
        whole = _get(server, _path("ndjson"), accept).expect(200)
        head = server.request("HEAD", _path("ndjson"), headers={"Accept-Encoding": accept})
        assert head.expect(200).body == b""
        for name in ("Content-Length", "Content-Type", "Content-Encoding", "ETag", "Repr-Digest",
                     "Accept-Ranges", "Last-Modified", "Cache-Control"):
            assert head.header(name) == whole.header(name), name


def many_who_ask_at_once_get_the_same_file(server):
    number = _publish(server, _rows(20000, 11))
    bodies = []
    threads = [threading.Thread(target=lambda form=form, accept=accept: bodies.append(
        (form, accept, _get(server, _path(form, number), accept).expect(200).body)))
        for form in ("csv", "json") for accept in ("identity", "gzip", "zstd") for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(bodies) == 36 and len(set(bodies)) == 6
    names = os.listdir(server.data_dir / "files")
    assert not [name for name in names if name.startswith("tmp-")], names


# --- what there is -------------------------------------------------------------------------------

def files_are_listed_with_what_there_is_to_know(server):
    number = _publish(server, _rows(5000, 13))
    entry = server.get("/output/things/snapshots").json[0]
    assert entry["snapshot"] == number
    path = entry["links"]["files"][len(server.get("/discovery/openapi.json").json[
        "servers"][0]["url"]):]
    before = server.get(path).expect(200)
    assert {file["name"] for file in before.json} == {"data." + form for form in FORMATS}
    for file in before.json:
        assert file["bytes"] is None and file["sha256"] is None, "not made yet"
        assert set(file["codings"]) == (
            set() if file["name"] == "data.parquet" else {"gzip", "zstd"}), file
        assert file["href"].endswith("/snapshots/%d/%s" % (number, file["name"]))
    plain = _get(server, _path("csv", number)).expect(200)
    coded = _get(server, _path("csv", number), "zstd").expect(200)
    after = server.get(path).expect(200)
    assert after.header("ETag") != before.header("ETag")
    file = [file for file in after.json if file["name"] == "data.csv"][0]
    for what, answer in ((file, plain), (file["codings"]["zstd"], coded)):
        assert what["bytes"] == len(answer.body)
        assert '"%s"' % what["sha256"] == answer.header("ETag")
    assert file["media_type"] == plain.header("Content-Type")
    assert file["codings"]["gzip"] == {"bytes": None, "sha256": None}
    same = server.request("GET", path, headers={"If-None-Match": after.header("ETag")})
    same.expect(304)


# --- space ---------------------------------------------------------------------------------------

def _kept(server):
    folder = server.data_dir / "files"
    return {name: (folder / name).stat().st_size for name in os.listdir(folder)
            if not (folder / name).is_symlink()}


def files_make_room_for_each_other(server):
    with Server(server.folder, "--file-space", "4MB") as other:
        number = _publish(other, _rows(20000))
        bodies = {}
        for _ in range(2):
            for form in FORMATS:
                for accept in ("identity", "gzip"):
                    body = _get(other, _path(form, number), accept).expect(200).body
                    assert bodies.setdefault((form, accept), body) == body, "made again the same"
                    assert sum(_kept(other).values()) <= 4 << 20, _kept(other)
        assert sum(len(body) for body in bodies.values()) > 4 << 20, "not all of them fit"
        newest = hashlib.sha256(body).hexdigest()
        assert [name for name in _kept(other) if name.startswith(newest)], "used last, and there"
        other.stop_cleanly()


def a_file_larger_than_all_space_is_given_too(server):
    with Server(server.folder, "--file-space", "1KB") as other:
        number = _publish(other, _rows(2000))
        for form in ("csv", "json", "csv"):
            body = _get(other, _path(form, number), "gzip").expect(200).body
            assert len(body) > 1024 and len(_kept(other)) == 1, _kept(other)
        other.stop_cleanly()


def files_of_all_forms_go_with_their_snapshot(server):
    with Server(server.folder, "--keep-snapshots", "1", "--retire-grace", "0ms") as other:
        first = _publish(other, _rows(1000))
        for form in FORMATS:
            for accept in ("identity", "gzip", "zstd"):
                _get(other, _path(form, first), accept).expect(200)
        files = other.data_dir / "files"
        assert len(os.listdir(files)) == 26, "13 files and 13 names"
        for name in os.listdir(files):  # as if it had been there for long
            os.utime(files / name, (0, 0), follow_symlinks=False)
        second = _publish(other, _rows(1000, 3))
        tap.until(lambda: not os.listdir(files), 60, 0.2)
        for form in FORMATS:
            _get(other, _path(form, first), "gzip").problem(410, "snapshot-retired")
            _get(other, _path(form, second), "gzip").expect(200)
        other.get("/output/things/snapshots/%d/files" % first).problem(410, "snapshot-retired")
        other.stop_cleanly()


if __name__ == "__main__":
    home = entrepot.temporary_folder()
    try:
        entrepot.main(globals(), folder=_write_product(home / "product"), prepare=_prepare)
    finally:
        shutil.rmtree(home, ignore_errors=True)
