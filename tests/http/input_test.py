"""The input port: every format, all or nothing, and rows that break the contract named by line."""
import hashlib
import itertools
import json

import entrepot
import tap
from entrepot import Server, parse_responses, read_all

HEAD = "id,customer,amount,sold_at,paid,qty,due,note\n"
ROW = {"id": 1, "customer": "Ada", "amount": 12.5, "sold_at": "2026-01-02T03:04:05Z", "paid": True,
       "qty": 3, "due": "2026-02-01", "note": None}
LINE = "1,Ada,12.50,2026-01-02T03:04:05Z,true,3,2026-02-01,\n"
_numbers = itertools.count(1000)


def _line(number, **changes):
    fields = dict(id=number, customer="Ada", amount="12.50", sold_at="2026-01-02T03:04:05Z",
                  paid="true", qty=3, due="2026-02-01", note="")
    fields.update(changes)
    return ",".join(str(value) for value in fields.values()) + "\n"


def _stored(server):
    """How many deliveries were accepted so far, by the port's own list."""
    return [entry for entry in _deliveries(server, "orders") if entry["state"] == "accepted"]


def _deliveries(server, dataset):
    document = server.get("/input/%s/deliveries" % dataset).expect(200).json
    return document if isinstance(document, list) else document["deliveries"]


def _sold(server):
    """The rows the orders have now, through the pipeline and the output port."""
    run = server.run_pipeline("sales")
    assert run["state"] in ("published", "reused"), run
    return server.get("/output/sales?orderby=id").expect(200).json


# --- what is accepted --------------------------------------------------------------------------

def a_delivery_is_answered_with_its_receipt(server):
    body = (HEAD + LINE).encode()
    answer = server.deliver("orders", body).expect(201)
    receipt = answer.json
    assert receipt["dataset"] == "orders" and receipt["rows"] == 1, receipt
    assert receipt["sha256"] == hashlib.sha256(body).hexdigest(), receipt
    location = answer.header("Location")
    assert location.endswith("/input/orders/deliveries/%d" % receipt["delivery"]), location
    entry = server.get("/input/orders/deliveries/%d" % receipt["delivery"]).expect(200).json
    assert entry["sha256"] == receipt["sha256"] and entry["rows"] == 1, entry
    assert entry["state"] == "accepted", entry
    listed = _deliveries(server, "orders")
    assert receipt["delivery"] in [item["delivery"] for item in listed], listed


def each_format_gives_the_same_rows(server):
    ndjson = json.dumps(ROW) + "\n"
    cases = [
        ("CSV", "text/csv", HEAD + LINE),
        ("CSV with charset", "text/csv; charset=utf-8; header=present", HEAD + LINE),
        ("CSV without a last line end", "text/csv", HEAD + LINE.rstrip("\n")),
        ("CSV with CRLF and BOM", "text/csv", "\ufeff" + (HEAD + LINE).replace("\n", "\r\n")),
        ("CSV with quotes", "text/csv", HEAD + '"1","Ada","12.50","2026-01-02T03:04:05Z","true",'
                                               '"3","2026-02-01",\n'),
        ("CSV in another order of columns", "text/csv",
         "note,id,customer,amount,sold_at,paid,qty,due\n"
         ",1,Ada,12.50,2026-01-02T03:04:05Z,true,3,2026-02-01\n"),
        ("CSV with another time zone", "text/csv",
         HEAD + LINE.replace("03:04:05Z", "05:04:05+02:00")),
        ("JSON", "application/json", json.dumps([ROW])),
        ("JSON with blanks", "application/json", "\n [ \t" + json.dumps(ROW, indent=4) + "\n]\n\n"),
        ("JSON without the null member", "application/json",
         json.dumps([{k: v for k, v in ROW.items() if v is not None}])),
        ("NDJSON", "application/x-ndjson", ndjson),
        ("NDJSON with an empty line and CRLF", "application/x-ndjson",
         ndjson.rstrip("\n") + "\r\n\r\n"),
    ]
    for name, media_type, body in cases:
        yield name, _same_rows, server, media_type, body


def _same_rows(server, media_type, body):
    server.deliver("orders", body.encode(), media_type).expect(201)
    rows = _sold(server)
    assert rows == [ROW], rows


def values_arrive_exactly_as_they_were_sent(server):
    note = 'a "quoted", line\nbreak\r\nand \u20ac \U0001f6a2 \\ tab\t\u0001'
    rows = [dict(ROW, id=-2 ** 63, customer="x" * 41, qty=0, note=note),
            dict(ROW, id=2 ** 63 - 1, customer="\u20ac" * 41, qty=1000, note=""),
            dict(ROW, id=0, sold_at="0001-01-01T00:00:00Z", due="0001-01-01", note="null"),
            dict(ROW, id=7, sold_at="9999-12-31T23:59:59.999999Z", due="9999-12-31", note="\\N")]
    amounts = ["0", "9999999999.99", "0.01", "1e3"]
    text = []
    for row, amount in zip(rows, amounts):
        text.append(json.dumps(row, ensure_ascii=False).replace('"amount": 12.5',
                                                                '"amount": ' + amount))
    server.deliver("orders", "\n".join(text).encode(), "application/x-ndjson").expect(201)
    import decimal
    server.run_pipeline("sales")
    got = json.loads(server.get("/output/sales?orderby=id").expect(200).body,
                     parse_float=decimal.Decimal)
    expected = sorted((dict(row, amount=decimal.Decimal(amount)) for row, amount in
                       zip(rows, amounts)), key=lambda row: row["id"])
    assert [dict(row, amount=decimal.Decimal(row["amount"])) for row in got] == expected, got


def a_pointer_finds_the_rows_in_a_document(server):
    stock = [{"sku": "a", "level": 1}, {"sku": "b", "level": 2}]
    for pointer, document in (("/rows", {"rows": stock}), ("/a/b", {"a": {"b": stock}, "c": []}),
                              ("/3166-1", {"3166-1": stock}), ("/a~1b~0c", {"a/b~c": stock}),
                              ("/1", [0, stock]), ("", stock)):
        yield repr(pointer), _pointer, server, pointer, document


def _pointer(server, pointer, document):
    import urllib.parse
    answer = server.deliver("stock?pointer=" + urllib.parse.quote(pointer),
                            json.dumps(document).encode(), "application/json")
    assert answer.expect(201).json["rows"] == 2


def a_pointer_to_nothing_is_refused(server):
    for pointer, document in (("/rows", {"row": []}), ("/rows", []), ("/rows", {"rows": {}}),
                              ("/rows/x", {"rows": []}), ("rows", {"rows": []}),
                              ("/rows", {"rows": 7}), ("/a~2", {"a~2": []})):
        yield pointer + " " + json.dumps(document), _bad_pointer, server, pointer, document


def _bad_pointer(server, pointer, document):
    answer = server.deliver("stock?pointer=" + pointer, json.dumps(document).encode(),
                            "application/json")
    assert answer.status in (400, 422), answer
    answer.problem(answer.status)


def an_empty_delivery_of_rows_is_a_delivery(server):
    for media_type, body in (("text/csv", b"sku,level\n"), ("application/json", b"[]"),
                             ("application/x-ndjson", b"")):
        yield media_type, lambda server, media_type, body: server.deliver(
            "stock", body, media_type).expect(201), server, media_type, body


def a_chunked_body_is_a_body(server):
    pieces = (piece for piece in (b"sku,le", b"vel\nch", b"unked,", b"9\n"))
    answer = server.request("POST", "/input/stock", body=pieces, headers={
        "Content-Type": "text/csv", "Transfer-Encoding": "chunked"})
    assert answer.expect(201).json["rows"] == 1


def modes_decide_what_is_the_current_state(server):
    """orders: the last delivery. events: all rows. stock: the last row per key."""
    server.deliver("orders", HEAD + _line(1) + _line(2)).expect(201)
    server.deliver("orders", HEAD + _line(3)).expect(201)
    assert [row["id"] for row in _sold(server)] == [3]
    server.deliver("stock", "sku,level\nu1,1\nu2,2\n").expect(201)
    server.deliver("stock", "sku,level\nu2,20\nu3,30\nu3,31\n").expect(201)
    run = server.run_pipeline("levels")
    assert run["state"] == "published", run
    rows = {row["sku"]: row["level"] for row in server.get("/output/levels").expect(200).json}
    assert {name: rows.get(name) for name in ("u1", "u2", "u3")} == {"u1": 1, "u2": 20, "u3": 31}


# --- what is refused, and nothing stored -------------------------------------------------------

def rows_that_break_the_contract_are_422(server):
    """(name, CSV, line of the fault, the column, part of the reason)"""
    cases = [
        ("a required value is missing", HEAD + _line(1, customer=""), 2, "customer"),
        ("a key is missing", HEAD + _line(""), 2, "id"),
        ("text for a number", HEAD + _line("one"), 2, "id"),
        ("a number past its type", HEAD + _line(2 ** 63), 2, "id"),
        ("a fraction for an integer", HEAD + _line(1, qty="1.5"), 2, "qty"),
        ("too many digits", HEAD + _line(1, amount="10000000000.00"), 2, "amount"),
        ("too many decimals", HEAD + _line(1, amount="1.234"), 2, "amount"),
        ("below the minimum", HEAD + _line(1, amount="-0.01"), 2, "amount"),
        ("above the maximum", HEAD + _line(1, qty=1001), 2, "qty"),
        ("NaN", HEAD + _line(1, amount="NaN"), 2, "amount"),
        ("hexadecimal", HEAD + _line("0x10"), 2, "id"),
        ("a blank in a number", HEAD + _line(" 1"), 2, "id"),
        ("too long", HEAD + _line(1, customer="x" * 42), 2, "customer"),
        ("no such date", HEAD + _line(1, due="2026-02-30"), 2, "due"),
        ("a date the other way round", HEAD + _line(1, due="01/02/2026"), 2, "due"),
        ("a time without its zone", HEAD + _line(1, sold_at="2026-01-02T03:04:05"), 2, "sold_at"),
        ("no such hour", HEAD + _line(1, sold_at="2026-01-02T25:04:05Z"), 2, "sold_at"),
        ("neither true nor false", HEAD + _line(1, paid="maybe"), 2, "paid"),
        ("in the third line", HEAD + _line(1) + _line(2, qty="x"), 3, "qty"),
        ("behind a line break in quotes", HEAD + _line(1, note='"a\nb"') + _line(2, qty="x"),
         4, "qty"),
        ("too few fields", HEAD + "1,Ada\n", 2, None),
        ("too many fields", HEAD + _line(1, note="a,b"), 2, None),
    ]
    for name, body, line, column in cases:
        yield name, _breaks, server, body.encode(), line, column


def _breaks(server, body, line, column, media_type="text/csv"):
    before = len(_stored(server))
    answer = server.deliver("orders", body, media_type)
    assert answer.status in (400, 422), answer
    problem = answer.problem(answer.status)
    fault = problem["faults"][0]
    assert fault["line"] == line, fault
    if column:
        assert column in str(fault), fault
    assert fault["reason"], fault
    assert len(_stored(server)) == before, "something was stored"
    refused = _deliveries(server, "orders")
    assert all(entry["state"] in ("accepted", "rejected", "interrupted") for entry in refused)


def a_value_that_breaks_its_pattern_is_422(server):
    answer = server.deliver("events", "at,kind,value\n2026-01-01T00:00:00Z,Loud!,1\n")
    assert "kind" in str(answer.problem(422, "contract")["faults"][0])


def headers_that_do_not_fit_are_refused(server):
    cases = [
        ("a missing column", HEAD.replace("qty,", ""), "qty"),
        ("an extra column", HEAD.replace("note", "note,colour"), "colour"),
        ("a column twice", HEAD.replace("note", "note,id"), "id"),
        ("a column in another case", HEAD.replace("customer", "Customer"), "Customer"),
        ("no header at all", LINE, ""),
        ("an empty body", "", ""),
        ("an empty first line", "\n" + HEAD, ""),
    ]
    for name, head, part in cases:
        yield name, _bad_header, server, head, part


def _bad_header(server, head, part):
    before = len(_stored(server))
    answer = server.deliver("orders", (head + LINE if head and head != LINE else head).encode())
    assert answer.status in (400, 422), answer
    assert part in json.dumps(answer.problem(answer.status)), answer
    assert len(_stored(server)) == before


def a_wrong_type_in_row_70001_stores_nothing_and_names_the_row(server):
    before = len(_stored(server))
    lines = [_line(number) for number in range(1, 70001)] + [_line(70001, qty="many"),
                                                             _line(70002)]
    answer = server.deliver("orders", (HEAD + "".join(lines)).encode())
    fault = answer.problem(422, "contract")["faults"][0]
    assert fault["line"] == 70002 and "qty" in str(fault), fault  # the header is line 1
    assert "70001" in str(fault) or "70002" in str(fault), fault
    assert len(_stored(server)) == before
    server.deliver("orders", HEAD + _line(5)).expect(201)
    assert [row["id"] for row in _sold(server)] == [5]


def the_first_faults_are_listed_and_then_it_ends(server):
    body = HEAD + "".join(_line(number, qty="x") for number in range(1, 500))
    problem = server.deliver("orders", body).problem(422, "contract")
    assert len(problem["faults"]) == 20, len(problem["faults"])
    assert [fault["line"] for fault in problem["faults"]] == list(range(2, 22))


def bytes_that_are_no_CSV_are_refused(server):
    long = HEAD.encode() + _line(1, note="x" * (2 << 20)).encode()
    cases = [
        ("invalid UTF-8", HEAD.encode() + b"1,A\xffda,1,2026-01-02T03:04:05Z,true,3,2026-02-01,\n"),
        ("a surrogate", HEAD.encode() + b"1,\xed\xa0\x80,1,2026-01-02T03:04:05Z,true,3,2026-02-01,\n"),
        ("UTF-8 cut at the end", HEAD.encode() + _line(1, note="x").encode()[:-1] + b"\xe2\x82"),
        ("a NUL byte", HEAD.encode() + _line(1, note="a\0b").encode()),
        ("a quote never closed", HEAD.encode() + _line(1, note='"never').encode() + b"2,more\n" * 50),
        ("text behind a quote", HEAD.encode() + _line(1, note='"a"b').encode()),
        ("a quote in the middle", HEAD.encode() + _line(1, note='a"b"').encode()),
        ("UTF-16", "\ufeff".encode("utf-16-le") + HEAD.encode("utf-16-le")),
        ("a value of two megabytes", long),
        ("a ZIP file", b"PK\x03\x04" + bytes(500)),
    ]
    for name, body in cases:
        yield name, _no_csv, server, body


def _no_csv(server, body, media_type="text/csv"):
    before = len(_stored(server))
    answer = server.deliver("orders", body, media_type)
    assert answer.status in (400, 413, 422), answer
    answer.problem(answer.status)
    assert len(_stored(server)) == before


def bytes_that_are_no_JSON_are_refused(server):
    row = json.dumps(ROW)
    cases = [
        ("truncated in a row", "[" + row[:-10]),
        ("truncated behind a row", "[" + row),
        ("nested 100,000 deep", "[" * 100000 + "]" * 100000),
        ("a value nested 100,000 deep", '[{"id":' + "[" * 100000 + "]" * 100000 + "}]"),
        ("objects nested 100,000 deep", '{"a":' * 100000 + "1" + "}" * 100000),
        ("more behind the end", "[%s] [%s]" % (row, row)),
        ("a comma too many", "[%s,]" % row),
        ("no comma", "[%s %s]" % (row, row)),
        ("a single object", row),
        ("rows that are lists", "[[1,2]]"),
        ("rows that are numbers", "[1,2]"),
        ("just null", "null"),
        ("nothing", ""),
        ("blanks", "   \n"),
        ("a member twice", "[" + row[:-1] + ',"id":2}]'),
        ("an unknown member", "[" + row[:-1] + ',"colour":2}]'),
        ("NaN", "[" + row.replace("12.5", "NaN") + "]"),
        ("a comment", "[/* rows */" + row + "]"),
        ("single quotes", "[" + row.replace('"', "'") + "]"),
        ("a leading zero", "[" + row.replace('"qty": 3', '"qty": 03') + "]"),
        ("a control character in text", "[" + row.replace("Ada", "A\x01da") + "]"),
        ("a lone surrogate", "[" + row.replace("Ada", "\\ud800") + "]"),
        ("an escaped NUL", "[" + row.replace("Ada", "A\\u0000da") + "]"),
        ("an escape of nothing", "[" + row.replace("Ada", "A\\qda") + "]"),
        ("a number as text", "[" + row.replace('"qty": 3', '"qty": "3"') + "]"),
        ("text as a number", "[" + row.replace('"Ada"', "7") + "]"),
        ("true as text", "[" + row.replace("true", '"true"') + "]"),
        ("an object for a number", "[" + row.replace('"qty": 3', '"qty": {}') + "]"),
        ("a number past its type", "[" + row.replace('"id": 1', '"id": 1e400') + "]"),
        ("a missing required member", "[" + row.replace('"qty": 3, ', "") + "]"),
        ("null where it is required", "[" + row.replace('"qty": 3', '"qty": null') + "]"),
    ]
    for name, body in cases:
        yield name, _no_csv, server, body.encode(), "application/json"
    for name, body in (("two rows in a line", row + row + "\n"), ("a list", "[" + row + "]\n"),
                       ("cut at the end", row + "\n" + row[:-5]),
                       ("invalid UTF-8", row.replace("Ada", "A\udcff"))):
        yield "NDJSON, " + name, _no_csv, server, body.encode("utf-8", "surrogateescape"), \
            "application/x-ndjson"


def a_string_without_end_does_not_fill_the_memory(server):
    """A client that would send a gigabyte in one string is cut off early."""
    before = server.memory_kb()
    sent = 0
    with server.connect(timeout=60) as connection:
        connection.sendall((
            "POST /input/orders HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n"
            "Content-Type: application/json\r\nContent-Length: 1073741824\r\n\r\n"
            '[{"id":1,"customer":"' % server.token()).encode())
        piece = b"x" * 65536
        try:
            while sent < (1 << 30):
                connection.sendall(piece)
                sent += len(piece)
        except OSError:
            pass
        data = read_all(connection)
    assert sent < (64 << 20), "%d bytes were taken" % sent
    if data:  # what the server said may be lost behind a reset
        answer = parse_responses(data)[0]
        assert answer.status in (400, 413, 422), answer
    assert server.memory_kb("VmHWM") - before < 64 << 10, "memory grew with the string"
    assert server.get("/observability/health/live", token=None).status == 200


def a_client_that_leaves_in_the_middle_stores_nothing(server):
    before = len(_stored(server))
    with server.connect() as connection:
        connection.sendall((
            "POST /input/orders HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n"
            "Content-Type: text/csv\r\nContent-Length: 100000\r\n\r\n%s%s" %
            (server.token(), HEAD, _line(1))).encode())
    tap.until(lambda: all(entry["state"] != "receiving" for entry in _deliveries(server, "orders")))
    assert len(_stored(server)) == before


def media_types_that_are_not_understood_are_415(server):
    for media_type in (None, "application/xml", "text/plain", "application/octet-stream",
                       "text/csv; charset=utf-16", "multipart/form-data; boundary=x", "csv",
                       "application/vnd.apache.parquet"):
        yield str(media_type), _not_understood, server, media_type


def _not_understood(server, media_type):
    answer = server.deliver("orders", (HEAD + LINE).encode(), media_type)
    problem = answer.problem(415, "media-type")
    assert "text/csv" in str(problem) + str(answer.headers), "it does not say what is understood"


def a_content_coding_that_is_not_understood_is_415(server):
    answer = server.post("/input/orders", (HEAD + LINE).encode(), "text/csv",
                         headers={"Content-Encoding": "br"})
    answer.problem(415)


def an_unknown_dataset_is_404(server):
    server.deliver("ordres", HEAD + LINE).problem(404, "dataset-unknown")
    server.deliver("sales", HEAD + LINE).problem(404, "dataset-unknown")  # an output
    server.get("/input/ordres/deliveries").problem(404, "dataset-unknown")
    server.get("/input/orders/deliveries/999999").problem(404)
    server.get("/input/orders/deliveries/one").problem(404)
    server.get("/input/orders/deliveries/-1").problem(404)


# --- once only ---------------------------------------------------------------------------------

def _keyed(server, key, body):
    return server.post("/input/orders", body, "text/csv", headers={"Idempotency-Key": key})


def the_same_key_and_body_are_stored_once(server):
    body = HEAD + _line(next(_numbers))
    first = _keyed(server, "once-1", body).expect(201).json
    before = len(_stored(server))
    again = _keyed(server, "once-1", body)
    assert again.status in (200, 201), again
    assert again.json["delivery"] == first["delivery"] and again.json["sha256"] == first["sha256"]
    assert len(_stored(server)) == before


def the_same_key_with_another_body_is_422(server):
    _keyed(server, "once-2", HEAD + _line(next(_numbers))).expect(201)
    before = len(_stored(server))
    _keyed(server, "once-2", HEAD + _line(next(_numbers))).problem(422, "idempotency-key-reused")
    assert len(_stored(server)) == before


def a_refused_delivery_does_not_use_up_its_key(server):
    _keyed(server, "once-3", HEAD + _line(1, qty="x")).problem(422)
    _keyed(server, "once-3", HEAD + _line(1)).expect(201)


def the_same_body_without_a_key_is_stored_again(server):
    body = HEAD + _line(next(_numbers))
    first, second = (server.deliver("orders", body).expect(201).json for _ in range(2))
    assert second["delivery"] > first["delivery"]


def keys_that_are_no_keys_are_refused(server):
    for name, key in (("empty", ""), ("a kilobyte", "x" * 1024)):
        yield name, _bad_key, server, key


def _bad_key(server, key):
    answer = _keyed(server, key, HEAD + _line(1))
    assert answer.status in (400, 422), answer
    answer.problem(answer.status)


def two_senders_of_one_key_at_once_store_once(server):
    import threading
    body = HEAD + _line(next(_numbers))
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(_keyed(server, "race", body)))
               for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = {answer.json["delivery"] for answer in answers if answer.status in (200, 201)}
    assert len(numbers) == 1, answers
    assert all(answer.status in (200, 201, 409) for answer in answers), answers


def deliveries_survive_a_restart(_):
    with Server() as first:
        receipt = first.deliver("orders", HEAD + _line(77)).expect(201).json
        first.stop_cleanly()
        with Server(data_dir=first.data_dir) as second:
            entry = second.get("/input/orders/deliveries/%d" % receipt["delivery"]).expect(200)
            assert entry.json["sha256"] == receipt["sha256"]
            assert [row["id"] for row in _sold(second)] == [77]
            second.stop_cleanly()


if __name__ == "__main__":
    entrepot.main(globals())
