"""Product descriptors and contracts, as served and as written, judged by their published schemas.

The schemas are not ours to ship: ENTREPOT_SCHEMAS names the folder that has them, otherwise they are
looked for in ../shared/schemas beside the project.
"""
import json
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "http"))
import entrepot  # noqa: E402
import tap  # noqa: E402
from entrepot import Server  # noqa: E402

try:
    import jsonschema
    import yaml
except ImportError:
    print("1..0 # SKIP python3-jsonschema and python3-yaml are not there")
    sys.exit(0)

SCHEMAS = pathlib.Path(os.environ.get("ENTREPOT_SCHEMAS", entrepot.ROOT.parent / "shared/schemas"))
ODPS, ODCS = "odps-json-schema-v1.0.0.json", "odcs-json-schema-v3.1.0.json"
folder = entrepot.temporary_folder()


def _folders():
    yield "the product of the tests", entrepot.PRODUCT
    for path in sorted((entrepot.ROOT / "examples").glob("*/product.odps.yaml")):
        yield path.parent.name, path.parent
    made = folder / "made"
    if not made.exists():
        assert entrepot.run("init", made).returncode == 0
    yield "what init writes", made


def _judge(schema, document):
    path = SCHEMAS / schema
    if not path.exists():
        tap.skip("%s is not there" % schema)
    # dates of YAML are text in JSON
    plain = json.loads(json.dumps(document, default=lambda value: value.isoformat()))
    validator = jsonschema.Draft201909Validator(json.loads(path.read_text()))
    errors = ["%s: %s" % (error.json_path, error.message)
              for error in validator.iter_errors(plain)]
    assert not errors, "\n".join(errors)


def the_judge_refuses_what_is_wrong():
    """A judge that accepts everything is none."""
    for schema in (ODPS, ODCS):
        yield schema, _refuses, schema


def _refuses(schema):
    try:
        _judge(schema, {"kind": "Nothing"})
    except AssertionError:
        return
    raise AssertionError("it accepts nothing as something")


def files_are_valid():
    for name, path in _folders():
        yield name + ", product", _judge, ODPS, yaml.safe_load(
            (path / "product.odps.yaml").read_text())
        for contract in sorted((path / "contracts").glob("*.odcs.yaml")):
            yield name + ", " + contract.name, _judge, ODCS, yaml.safe_load(contract.read_text())


def what_is_served_is_valid():
    for name, path in _folders():
        with Server(path) as server:
            for media_type, read in (("application/json", json.loads),
                                     ("application/yaml", yaml.safe_load)):
                def get(url):
                    answer = server.request("GET", url, headers={"Accept": media_type})
                    return read(answer.expect(200).text)
                product = get("/discovery/product")
                yield "%s, management ports, %s" % (name, media_type), _is_managed, product
                yield "%s, product, %s" % (name, media_type), _judge, ODPS, product
                for port in product.get("inputPorts", []) + product.get("outputPorts", []):
                    contract = get("/discovery/contracts/%s/%s" % (port["contractId"],
                                                                   port["version"]))
                    yield "%s, %s, %s" % (name, port["contractId"], media_type), _judge, ODCS, \
                        contract


def _is_managed(product):
    told = {port["content"] for port in product["managementPorts"]}
    assert {"discoverability", "observability", "control"} <= told, product["managementPorts"]


if __name__ == "__main__":
    import shutil
    try:
        failures = tap.run(globals())
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1 if failures else 0)
