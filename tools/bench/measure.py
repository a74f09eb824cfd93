"""One measure: ours beside its limit, in turns."""
import pathlib
import statistics
import sys


def say(text):
    print("bench: " + text, file=sys.stderr, flush=True)


class NotAvailable(Exception):
    """The server under test does not have what is measured; the text says what it answered."""


class Measure:
    """What is done in each turn.

    ours, limit: called in turns; each gives a number in the unit. limit may be a number itself: a
    budget, which is the same in every turn. Where less is better (times, memory) the ratio is
    limit ÷ ours, else ours ÷ limit: above 1 ours is always the better one.
    goal: the ratio that is asked for.
    """

    def __init__(self, ours, limit, unit="requests/s", goal=1.0, less_is_better=False):
        self.ours = ours
        self.limit = limit if callable(limit) else lambda: limit
        self.unit = unit
        self.goal = goal
        self.less_is_better = less_is_better

    def ratio(self, ours, limit):
        above, below = (limit, ours) if self.less_is_better else (ours, limit)
        return above / below if below else float("inf")


def take(ground, name, make, turns):
    """Measure one name; gives its result."""
    try:
        measure = make(ground)
        return _take(ground, name, measure, turns)
    except NotAvailable as reason:
        say("%s is not available: %s" % (name, reason))
        return {"name": name, "available": False, "reason": str(reason)}


def _take(ground, name, measure, turns):
    server = ground.server
    # the high-water mark starts anew
    pathlib.Path("/proc/%d/clear_refs" % server.process.pid).write_text("5")
    own, other = [], []
    for turn in range(turns):
        other.append(measure.limit())
        own.append(measure.ours())
        say("%s %d/%d: ours %s, limit %s %s" % (name, turn + 1, turns, number(own[-1]),
                                                number(other[-1]), measure.unit))
    peak_kb = server.memory_kb("VmHWM") - ground.idle_kb
    ours, limit = statistics.median(own), statistics.median(other)
    # of a turn, whose two halves had the same machine; it may be another one a minute later
    ratio = statistics.median(map(measure.ratio, own, other))
    return {"name": name, "available": True, "ours": round(ours, 3), "limit": round(limit, 3),
            "unit": measure.unit, "ratio": round(ratio, 3),
            "goal": measure.goal, "peak_mb": round(max(0, peak_kb) / 1024, 1), "runs": turns}


def number(value):
    return "%.0f" % value if value >= 1000 else "%.2f" % value


LINE = "%-21s %12s %12s %-10s %7s %6s %8s %5s"


def table(results):
    """The lines of the table."""
    yield LINE % ("name", "ours", "limit", "unit", "ratio", "goal", "peak MB", "runs")
    for result in results:
        if not result["available"]:
            yield "%-21s not available: %s" % (result["name"], result["reason"])
            continue
        yield LINE % (result["name"], number(result["ours"]), number(result["limit"]),
                      result["unit"], "%.2f" % result["ratio"], "%.2f" % result["goal"],
                      "%.1f" % result["peak_mb"], result["runs"])
