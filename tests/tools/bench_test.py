"""The arithmetic of the bench: what is compared with what, and what is told of it."""
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))
from bench import exports, files, ingest, quality, rows, runs  # noqa: E402
from bench.measure import Measure, NotAvailable, table, take  # noqa: E402
import tap  # noqa: E402


class _Process:
    pid = os.getpid()


class _Server:
    """Stands for the program: memory that stays."""
    process = _Process()

    def memory_kb(self, _):
        return 3 * 1024


class _Ground:
    server = _Server()
    idle_kb = 1024


def _take(make, turns=1):
    return take(_Ground, "thing", make, turns)


def the_halves_of_a_turn_are_compared_and_the_median_is_told():
    ours, limits = iter([5, 100, 30]), iter([10, 20, 60])
    result = _take(lambda _: Measure(lambda: next(ours), lambda: next(limits), goal=0.9), 3)
    assert (result["ours"], result["limit"], result["ratio"]) == (30, 20, 0.5), result
    assert result["peak_mb"] == 2 and result["runs"] == 3 and result["goal"] == 0.9, result


def of_times_the_smaller_is_the_better_one():
    result = _take(lambda _: Measure(lambda: 4, 10, unit="ms", less_is_better=True))
    assert (result["limit"], result["ratio"], result["unit"]) == (10, 2.5, "ms"), result


def what_is_not_there_is_told_and_no_failure():
    def absent(_):
        raise NotAvailable("GET /odata/goods is answered 404")

    def absent_later(_):
        return Measure(lambda: absent(_), 1)
    for make in (absent, absent_later):
        result = _take(make)
        assert result == {"name": "thing", "available": False,
                          "reason": "GET /odata/goods is answered 404"}, result
        assert "not available: GET" in list(table([result]))[1]


def the_table_has_a_line_for_each():
    lines = list(table([_take(lambda _: Measure(lambda: 2000, lambda: 1000))]))
    assert lines[1].split() == ["thing", "2000", "1000", "requests/s", "2.00", "1.00", "2.0",
                                "1"], lines


def every_name_is_of_one_group():
    groups = [group.MEASURES for group in (rows, files, exports, ingest, runs, quality)]
    names = [name for group in groups for name in group]
    assert len(names) == len(set(names)), names
    wanted = """row row_128 page filter_count not_modified export_csv export_json export_ndjson
        export_arrow export_parquet parquet_file odata_page slow_200 ingest_csv run gates publish
        quality queue"""
    missing = set(wanted.split()) - set(names)
    assert not missing, missing


def the_rules_of_quality_are_twelve_and_have_one_operator_each():
    rules = quality.RULES["checked"]
    assert len(rules) == 12
    for _, rule in rules:
        assert sum(key.startswith("must") for key in rule) == 1, rule


if __name__ == "__main__":
    sys.exit(1 if tap.run(globals()) else 0)
