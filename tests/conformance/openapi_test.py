"""The OpenAPI document, judged by a foreign validator, and held against what the server answers.

The validator is openapi-spec-validator; `./dev setup foreign` puts it into .deps/python.
"""
import json
import pathlib
import re
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "http"))
import entrepot  # noqa: E402
import tap  # noqa: E402
from entrepot import Server  # noqa: E402

sys.path.insert(0, str(entrepot.ROOT / ".deps" / "python"))
try:
    import jsonschema
except ImportError:
    print("1..0 # SKIP python3-jsonschema is not there")
    sys.exit(0)

METHODS = ("get", "put", "post", "delete", "head", "options", "patch", "trace")
ORDERS = [
    {"id": 1, "customer": "Ada", "amount": 12.5, "sold_at": "2026-01-31T12:30:00.25Z",
     "paid": True, "qty": 2, "due": "2026-02-28", "note": None},
    {"id": 2, "customer": "Béla \"b\"", "amount": 0, "sold_at": "2026-01-31T23:30:00+02:00",
     "paid": False, "qty": 0, "due": "2024-02-29", "note": "a,\nb"},
]
EVENTS = [{"at": "2026-01-31T12:30:00Z", "kind": "click", "value": 0.1}]
STOCK = [{"sku": "a", "level": 1}, {"sku": "b", "level": 2}]


def _prepare(server):
    """Every dataset has rows, so that there is something to judge."""
    for dataset, rows in (("orders", ORDERS), ("events", EVENTS), ("stock", STOCK)):
        server.deliver(dataset, json.dumps(rows), "application/json").expect(201)
    for pipeline in ("sales", "daily", "levels"):
        run = server.run_pipeline(pipeline)
        assert run["state"] == "published", run
    server.post("/control/pipelines/sales/backfills", '{"runs": [{"parameters": {}}]}',
                "application/json").expect(202)


def _document(server):
    return server.get("/discovery/openapi.json").expect(200).json


def _operations(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield path, method, operation


def _judge_of(document, schema):
    """A validator of one schema in the document: references and formats are followed."""
    whole = dict(schema, components=document["components"])
    return jsonschema.Draft202012Validator(
        whole, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)


def _judge(document, schema, value):
    errors = ["%s: %s" % (error.json_path, error.message)
              for error in _judge_of(document, schema).iter_errors(value)]
    assert not errors, "\n".join(errors[:20])


def _foreign():
    try:
        import openapi_spec_validator
    except ImportError:
        tap.skip("openapi-spec-validator is not there; ./dev setup foreign installs it")
    return openapi_spec_validator.OpenAPIV31SpecValidator


def _faults(validator, document):
    return ["%s: %s" % ("/".join(map(str, error.absolute_path)), error.message)
            for error in validator(document).iter_errors()]


def the_judge_refuses_what_is_wrong(server):
    """A judge that accepts everything is none."""
    validator = _foreign()
    document = _document(server)
    del document["info"]["title"]
    assert _faults(validator, document)
    document = _document(server)
    document["paths"]["/discovery/product"]["get"]["responses"] = {"fine": {}}
    assert _faults(validator, document)


def the_judge_accepts_the_document(server):
    faults = _faults(_foreign(), _document(server))
    assert not faults, "\n".join(faults)


def every_operation_has_a_name_of_its_own(server):
    names = [operation["operationId"] for _, _, operation in _operations(_document(server))]
    assert len(names) > 20 and len(names) == len(set(names)), sorted(names)
    for name in names:
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name), name


def good_answers_have_a_schema_and_an_example(server):
    document = _document(server)
    for path, method, operation in _operations(document):
        yield method + " " + path, _has_both, document, operation


def _has_both(document, operation):
    good = [(status, answer) for status, answer in operation["responses"].items()
            if status.startswith("2")]
    assert good, "no good answer"
    for status, answer in good:
        if status == "204":
            assert "content" not in answer
            continue
        assert answer["content"], status
        for media_type, media in answer["content"].items():
            assert media.get("schema"), "%s: no schema, or one that says nothing" % media_type
            assert media.get("example"), "%s: no example" % media_type
            _judge(document, media["schema"], media["example"])


def examples_of_deliveries_are_accepted(server):
    """What the document shows is what the input port takes."""
    document = _document(server)
    for path, method, operation in _operations(document):
        if method == "post" and path.startswith("/input/"):
            for media_type, media in operation["requestBody"]["content"].items():
                yield "%s, %s" % (path, media_type), _accepted, server, path, media_type, media


def _accepted(server, path, media_type, media):
    example = media["example"]
    body = example if isinstance(example, str) else json.dumps(example)
    server.post(path, body.encode(), media_type).expect(201)


RULES = """
      - {name: code, logicalType: string, required: true, logicalTypeOptions: {pattern: '^[A-Z]{2}$'}}
      - {name: zip, logicalType: string, required: true,
         logicalTypeOptions: {pattern: '^[0-9]{5}$', minLength: 5, maxLength: 5}}
      - {name: long, logicalType: string, required: true, logicalTypeOptions: {minLength: 30}}
      - {name: year, logicalType: integer, required: true,
         logicalTypeOptions: {minimum: 1900, maximum: 2100}}
      - {name: below, logicalType: number, required: true, logicalTypeOptions: {exclusiveMaximum: 0}}
      - {name: whole, logicalType: number, physicalType: 'numeric(5,0)', required: true}
      - {name: part, logicalType: number, physicalType: 'numeric(2,2)', required: true}
      - {name: hour, logicalType: time, required: true}
      - {name: day, logicalType: date, required: true, logicalTypeOptions: {minimum: '2027-01-01'}}
"""


def examples_keep_the_rules_of_their_contract(_):
    folder = entrepot.temporary_folder()
    try:
        shutil.copytree(entrepot.PRODUCT, folder / "product")
        path = folder / "product" / "contracts" / "stock.odcs.yaml"
        path.write_text(path.read_text().rstrip("\n") + RULES)
        with Server(folder / "product") as server:
            document = _document(server)
            content = document["paths"]["/input/stock"]["post"]["requestBody"]["content"]
            media = content["application/json"]
            _judge(document, media["schema"], media["example"])
            for media_type, media in content.items():
                _accepted(server, "/input/stock", media_type, media)
            server.stop_cleanly()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _filled(server, path):
    """A path with its parameters set to something that is there."""
    values = {"/discovery/contracts/{id}/{version}": ("shop.sales", "1.0.0"),
              "/discovery/datasets/{name}": ("sales",),
              "/discovery/pipelines/{name}": ("sales",),
              "/control/pipelines/{name}": ("sales",),
              "/control/pipelines/{name}/versions/{version}": ("sales", "1.0.0"),
              "/control/pipelines/{name}/triggers": ("sales",),
              "/control/pipelines/{name}/backfills": ("sales",),
              "/control/pipelines/{name}/runs": ("sales",),
              "/odata/{set}": ("sales",),
              "/odata/{set}/$count": ("sales",),
              "/odata/{set}/{part}": ("sales(1)", "customer"),
              "/odata/{set}/{part}/$value": ("sales(1)", "customer"),
              "/odata/{set}/{key}/{property}": ("sales", "1", "customer"),
              "/odata/{set}/{key}/{property}/$value": ("sales", "1", "customer")}.get(path)
    if path.startswith("/control/datasets/{name}"):
        values = ("sales", "1")[:path.count("{")]
    if path.startswith("/delta-sharing/shares/"):
        values = ("shop", "output", "sales")[:path.count("{")]
    if path.startswith("/delta-sharing/files/"):
        return _signed_link(server)
    if values is None:
        values = ("1",) * path.count("{")
    for value in values:
        path = re.sub(r"{[^}]+}", value, path, count=1)
    return path


def _signed_link(server):
    lines = server.post("/delta-sharing/shares/shop/schemas/output/tables/sales/query", "{}")
    url = json.loads(lines.expect(200).text.splitlines()[-1])["file"]["url"]
    return re.sub(r"^https?://[^/]+", "", url)


# What is told to be at a path, and is not asked for here: it changes what the others look at.
CHANGES = ("put", "post", "delete")


def what_is_told_is_answered(server):
    document = _document(server)
    for path, method, operation in _operations(document):
        # the changes of a table are there to be refused in the words of the protocol
        if method in CHANGES or re.match("/delta-sharing/.*/changes$", path):
            yield "%s %s" % (method, path), _is_known, server, method, path
        else:
            for media_type, media in operation["responses"]["200"]["content"].items():
                yield "%s %s, %s" % (method, path, media_type), _is_as_told, server, document, \
                    path, media_type, media


def _is_known(server, method, path):
    answer = server.request("OPTIONS", _filled(server, path))
    assert method.upper() in answer.header("Allow"), answer


def _is_as_told(server, document, path, media_type, media):
    target = _filled(server, path)
    if path.startswith("/output/") and path.endswith("/changes"):
        target += "?from=1"  # which has no default
    answer = server.request("GET", target, headers={"Accept": media_type + ", */*;q=0.1"})
    answer.expect(200)
    # what is empty, as the answer that has the version of a table in a field, is of no type
    assert answer.media_type == media_type or not answer.body, answer.headers
    if media_type.endswith("json") and "ndjson" not in media_type:
        _judge(document, media["schema"], answer.json)


def rows_fit_their_schema(server):
    document = _document(server)
    for dataset in ("sales", "daily", "levels"):
        for path in ("/output/" + dataset, "/output/%s/snapshots/1" % dataset):
            yield path, _rows_fit, server, document, dataset, path


def _rows_fit(server, document, dataset, path):
    rows = server.request("GET", path, headers={"Accept": "application/json"}).expect(200).json
    assert rows, "there is nothing to judge"
    schema = {"$ref": "#/components/schemas/" + dataset}
    for row in rows:
        _judge(document, schema, row)
    told = document["components"]["schemas"][dataset]["properties"]
    assert list(rows[0]) == list(told), "the columns are others"
    # a schema that takes anything judges nothing
    wrong = {name: {"x": object} for name in told}
    assert not _judge_of(document, schema).is_valid(wrong)


def refusals_are_as_told(server):
    """Each port refuses in its own words, and says which those are."""
    document = _document(server)
    for path, method, operation in _operations(document):
        if "401" in operation["responses"]:
            yield "%s %s" % (method, path), _is_refused, server, document, method, path, operation


def _is_refused(server, document, method, path, operation):
    answer = server.request(method.upper(), _filled(server, path), token="none").expect(401)
    told = operation["responses"]["401"]["content"]
    assert list(told) == [answer.media_type], (told, answer.headers)
    reference = told[answer.media_type]["schema"]
    assert operation["responses"]["default"]["content"][answer.media_type]["schema"] == reference
    _judge(document, reference, answer.json)
    schema = document["components"]["schemas"][reference["$ref"].rsplit("/", 1)[1]]
    assert schema["properties"] and set(schema["properties"]) <= set(answer.json), answer.json


def parts_of_files_are_as_told(server):
    document = _document(server)
    seen = 0
    for path, method, operation in _operations(document):
        if "206" not in operation["responses"]:
            continue
        seen += 1
        assert "Range" in {parameter["name"] for parameter in operation["parameters"]}, path
        target = _filled(server, path)
        part = server.request("GET", target, headers={"Range": "bytes=0-3"}).expect(206)
        assert part.media_type in operation["responses"]["206"]["content"], part.headers
        beyond = server.request("GET", target, headers={"Range": "bytes=999999999-"}).expect(416)
        content = operation["responses"]["416"]["content"]
        assert list(content) == [beyond.media_type], (path, beyond.headers)
        _judge(document, content[beyond.media_type]["schema"], beyond.json)
    assert seen == 3 * 5 + 1, "five files of each dataset, and the one of Delta Sharing"


def problems_fit_their_schema(server):
    document = _document(server)
    for path in ("/output/nothing", "/output/sales?top=x", "/discovery/contracts/a/1.0.0"):
        answer = server.get(path)
        assert answer.status >= 400
        _judge(document, {"$ref": "#/components/schemas/problem"}, answer.json)


if __name__ == "__main__":
    entrepot.main(globals(), prepare=_prepare)
