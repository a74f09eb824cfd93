"""Contracts and products: what our reader accepts, the published schemas must accept too.

documents/valid is right for both, documents/invalid wrong for both, documents/stricter is right by
the schema but nothing this server can keep. Besides, valid documents are changed in every place, one
change at a time: what our reader still takes must be valid. Validating takes long, so a sample of
that is judged; ALL=1 in the environment judges all. The first argument is the program
check_document.

The schemas are not ours to ship: ENTREPOT_SCHEMAS names the folder that has them, otherwise they are
looked for in ../shared/schemas beside the project.
"""
import copy
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent))
import tap  # noqa: E402

try:
    import jsonschema
    import yaml
except ImportError:
    print("1..0 # SKIP python3-jsonschema and python3-yaml are not there")
    sys.exit(0)

CHECK = sys.argv.pop(1)
SCHEMAS = pathlib.Path(os.environ.get("ENTREPOT_SCHEMAS", ROOT.parent / "shared" / "schemas"))
FILES = {"odps": "odps-json-schema-v1.0.0.json", "odcs": "odcs-json-schema-v3.1.0.json"}
if not all((SCHEMAS / name).exists() for name in FILES.values()):
    print("1..0 # SKIP the schemas of ODPS and ODCS are not in %s" % SCHEMAS)
    sys.exit(0)
VALIDATORS = {kind: jsonschema.Draft201909Validator(json.loads((SCHEMAS / name).read_text()))
              for kind, name in FILES.items()}


def _read(path):
    # dates of YAML are text in JSON
    return json.loads(json.dumps(yaml.safe_load(path.read_text()),
                                 default=lambda value: value.isoformat()))


def _kind(path):
    return "odps" if ".odps." in path.name else "odcs"


def _ours(documents):
    """What our reader says of (kind, document) pairs: "right", or a fault."""
    lines = "".join("%s %s\n" % (kind, json.dumps(document)) for kind, document in documents)
    done = subprocess.run([CHECK], input=lines, text=True, capture_output=True, check=True)
    verdicts = done.stdout.splitlines()
    assert len(verdicts) == len(documents), done.stderr
    return verdicts


def _theirs(kind, document):
    """What the schema says: "right", or an error."""
    for error in VALIDATORS[kind].iter_errors(document):
        return "%s: %s" % (error.json_path, error.message[:200])
    return "right"


def _compare(path, ours_right, theirs_right):
    kind, document = _kind(path), _read(path)
    ours = _ours([(kind, document)])[0]
    theirs = _theirs(kind, document)
    assert (ours == "right") == ours_right, "our reader: %s" % ours
    assert (theirs == "right") == theirs_right, "the schema: %s" % theirs


def _files(folder):
    return sorted((HERE / "documents" / folder).glob("*.yaml"))


def what_is_valid_is_read():
    for path in _files("valid"):
        yield path.name, _compare, path, True, True


def what_is_invalid_is_refused():
    for path in _files("invalid"):
        yield path.name, _compare, path, False, False


def what_cannot_be_kept_is_refused():
    for path in _files("stricter"):
        yield path.name, _compare, path, False, True


def _places(document, path=()):
    yield path
    members = document.items() if isinstance(document, dict) else \
        enumerate(document) if isinstance(document, list) else ()
    for key, value in members:
        yield from _places(value, path + (key,))


def _changed(document, path, change):
    """A copy in which change(holder, key) was made at a place."""
    holder = whole = {"": copy.deepcopy(document)}
    key = ""
    for step in path:
        holder, key = holder[key], step
    change(holder, key)
    return whole.get("")


def _remove(holder, key):
    del holder[key]


def _put(value):
    def change(holder, key):
        holder[key] = value
    return change


def _add_member(holder, key):
    if isinstance(holder[key], dict):
        holder[key]["unknown"] = "x"


SAMPLE = 20
CHANGES = [_remove, _add_member] + [_put(value) for value in (
    None, True, 0, -1, 1.5, "", "x y", "x", [], ["x"], [1], {}, {"name": "x"})]


def _sound(path):
    kind, document = _kind(path), _read(path)
    variants = [_changed(document, place, change)
                for place in _places(document) if place for change in CHANGES]
    # compare each once: many changes give the same document
    variants = list({json.dumps(variant): variant for variant in variants}.values())
    verdicts = _ours([(kind, variant) for variant in variants])
    taken = [variant for variant, verdict in zip(variants, verdicts) if verdict == "right"]
    if "ALL" not in os.environ:
        taken = taken[::len(taken) // SAMPLE + 1]
    wrong = [error for error in (_theirs(kind, variant) for variant in taken) if error != "right"]
    assert not wrong, "%d of %d taken are invalid, the first: %s" % (
        len(wrong), len(taken), "\n".join(sorted(set(wrong))[:10]))
    assert 0 < len(taken) < len(variants), "%d of %d" % (len(taken), len(variants))


def whatever_is_taken_is_valid():
    for path in _files("valid"):
        if not path.name.startswith("full.odcs"):  # the others have its parts, and are faster
            yield path.name, _sound, path


if __name__ == "__main__":
    sys.exit(1 if tap.run(globals()) else 0)
