"""Twelve rules on every row of a run's result; against the same aggregates by hand in psql."""
import datetime

from .measure import Measure, NotAvailable

_HALF = {"unit": "percent", "mustBeLessThan": 50, "severity": "warning"}
_NONE = {"mustBe": 0, "severity": "error"}
_MISSING = {"missingValues": [None, "", "n/a"]}
_HEX = "^[0-9a-f]{32}x{9}$"
_WORDS = "^[A-Za-z]"

# of which column (None: of all), the rule, and the same as an aggregate
_TWELVE = [
    (None, {"metric": "rowCount", "mustBeGreaterThan": 0, "severity": "error"}, "count(*)"),
    ("id", {"metric": "nullValues", **_NONE}, "count(*) FILTER (WHERE id IS NULL)"),
    ("customer", {"metric": "nullValues", **_NONE}, "count(*) FILTER (WHERE customer IS NULL)"),
    ("amount", {"metric": "nullValues", **_NONE}, "count(*) FILTER (WHERE amount IS NULL)"),
    ("sold_at", {"metric": "nullValues", **_NONE}, "count(*) FILTER (WHERE sold_at IS NULL)"),
    ("due", {"metric": "nullValues", **_NONE}, "count(*) FILTER (WHERE due IS NULL)"),
    ("note", {"metric": "nullValues", **_HALF}, "count(*) FILTER (WHERE note IS NULL)"),
    ("customer", {"metric": "missingValues", "arguments": _MISSING, **_HALF},
     "count(*) FILTER (WHERE customer IS NULL OR customer IN ('', 'n/a'))"),
    ("note", {"metric": "missingValues", "arguments": _MISSING, **_HALF},
     "count(*) FILTER (WHERE note IS NULL OR note IN ('', 'n/a'))"),
    ("customer", {"metric": "invalidValues", "arguments": {"pattern": _HEX}, **_HALF},
     "count(*) FILTER (WHERE customer !~ '%s')" % _HEX),
    ("note", {"metric": "invalidValues", "arguments": {"pattern": _WORDS}, **_HALF},
     "count(*) FILTER (WHERE note !~ '%s')" % _WORDS),
    ("qty", {"metric": "invalidValues", "arguments": {"validValues": list(range(900))}, **_HALF},
     "count(*) FILTER (WHERE qty <> ALL ('{%s}'))" % ",".join(map(str, range(900)))),
]
# a rule that no result can keep: a server that checks does not publish
_IMPOSSIBLE = [(None, {"metric": "rowCount", "mustBe": 0, "severity": "error"})]
RULES = {"checked": [(column, rule) for column, rule, _ in _TWELVE], "refused": _IMPOSSIBLE}
assert len(_TWELVE) == 12


def _instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def _seconds_of_checking(run):
    """From the end of the last step to the end of the run: checking, and publishing."""
    done = max(_instant(step["finished_at"]) for step in run["steps"])
    return (_instant(run["finished_at"]) - done).total_seconds()


def quality(ground):
    ground.load()
    if ground.server.run_pipeline("refused", seconds=3600)["state"] == "published":
        raise NotAvailable("a rule that is not kept does not stop a run")
    if not ground.run_anew("checked")[1].get("steps"):
        raise NotAvailable("a run does not tell the times of its steps")

    def limit():
        # the rows of the same kind of table, as fresh as a run's
        ground.psql("DROP TABLE IF EXISTS limits.checked; CREATE TABLE limits.checked AS "
                    "SELECT * FROM limits.made")
        return ground.rows / ground.seconds_of("SELECT 1", "SELECT %s FROM limits.checked" % ", ".join(
            aggregate for _, _, aggregate in _TWELVE))

    def ours():
        return ground.rows / _seconds_of_checking(ground.run_anew("checked")[1])

    return Measure(ours, limit, unit="rows/s", goal=0.83)


MEASURES = {"quality": quality}
