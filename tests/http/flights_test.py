"""The flights product of examples/, with some hundred rows of the shape of the real ones."""
import collections
import datetime
import decimal

import entrepot
import tap

FOLDER = entrepot.ROOT / "examples" / "flights"
AIRPORTS = """iata,name,city,state,country,latitude,longitude
ATL,William B Hartsfield-Atlanta Intl,Atlanta,GA,USA,33.64044444,-84.42694444
JFK,John F Kennedy Intl,New York,NY,USA,40.63975111,-73.77892556
ORD,Chicago O'Hare International,Chicago,IL,USA,41.979595,-87.90446417
PHX,Phoenix Sky Harbor International,Phoenix,AZ,USA,33.43416667,-112.0080556
ZZV,"Zanesville, Municipal",NA,NA,USA,39.94445833,-81.89210528
"""
ROUTES = [("ATL", "JFK", 760), ("JFK", "ATL", 760), ("ORD", "PHX", 1440), ("PHX", "ORD", 1440),
          ("ATL", "ORD", 606), ("JFK", "ZZV", 425)]
FIRST = datetime.date(2001, 3, 28)
HALF = 4  # days of each delivery


def _flights(first, days):
    """Rows as (date, delay, distance, origin, destination): some dozen a day, early and late."""
    rows = []
    for number in range(days * 40):
        origin, destination, distance = ROUTES[number % len(ROUTES)]
        day = first + datetime.timedelta(days=number // 40)
        minute = number % 40 * 36
        rows.append(("%sT%02d:%02d:00Z" % (day, minute // 60, minute % 60),
                     number * 7 % 83 - 30, distance, origin, destination))
    return rows


def _csv(rows):
    return "".join(["date,delay,distance,origin,destination\n"] +
                   [",".join(map(str, row)) + "\n" for row in rows])


BEFORE = _flights(FIRST, HALF)
AFTER = _flights(FIRST + datetime.timedelta(days=HALF), HALF)


def _prepare(server):
    server.deliver("airports", AIRPORTS).expect(201)
    server.deliver("flights", _csv(BEFORE)).expect(201)


def _rows(server, path):
    """The rows, or None while nothing is published."""
    answer = server.get("/output/" + path)
    return None if answer.status == 404 else answer.expect(200).json


def _until(what):
    """Wait for what a run does that nobody asked for."""
    return tap.until(what, 60)


def _become(server, path, rows):
    _until(lambda: _rows(server, path) == rows)


def _run(server, pipeline, **parameters):
    run = server.run_pipeline(pipeline, {"parameters": parameters})
    assert run["state"] in ("published", "reused"), run
    return run


def _runs(server, pipeline):
    return server.get("/control/runs?pipeline=" + pipeline).expect(200).json


def _mean(values):
    mean = decimal.Decimal(sum(values)) / len(values)
    return float(mean.quantize(decimal.Decimal("0.01"), decimal.ROUND_HALF_UP))


def _delays_to(airport):
    return [delay for _, delay, _, _, destination in BEFORE if destination == airport]


def _on_time(delays, late_after=15):
    late = decimal.Decimal(sum(delay > late_after for delay in delays))
    return float((100 - 100 * late / len(delays)).quantize(decimal.Decimal("0.01"),
                                                           decimal.ROUND_HALF_UP))


def _daily_delays(flights, late_after=15):
    routes = collections.defaultdict(list)
    for date, delay, distance, origin, destination in flights:
        routes[date[:10], origin, destination, distance].append(delay)
    return [{"day": day, "origin": origin, "destination": destination, "flights": len(delays),
             "late": sum(delay > late_after for delay in delays), "delay_minutes": sum(delays),
             "average_delay": _mean(delays), "worst_delay": max(delays), "distance": distance}
            for (day, origin, destination, distance), delays in sorted(routes.items())]


DELAYS = "daily_delays?orderby=day,origin,destination"


def a_delivery_starts_what_counts_it(server):
    _become(server, DELAYS, _daily_delays(BEFORE))
    assert [run["origin"] for run in _runs(server, "delays")] == ["delivery"]


def what_adds_up_the_counts_follows_by_itself(server):
    _until(lambda: _rows(server, "airport_punctuality"))
    assert _runs(server, "punctuality")[0]["origin"] == "pipeline"
    rows = {row["iata"]: row for row in _rows(server, "airport_punctuality")}
    assert sorted(rows) == ["ATL", "JFK", "ORD", "PHX", "ZZV"], rows
    to_jfk = _delays_to("JFK")
    jfk = rows["JFK"]
    assert jfk["name"] == "John F Kennedy Intl" and jfk["state"] == "NY", jfk
    assert jfk["arrivals"] == len(to_jfk) and jfk["average_delay"] == _mean(to_jfk), jfk
    assert jfk["arrivals_on_time"] == _on_time(to_jfk), jfk
    # what the data says by NA is not known, and from an airport nobody leaves nobody leaves in time
    assert rows["ZZV"]["city"] is None and rows["ZZV"]["state"] is None, rows["ZZV"]
    assert rows["ZZV"]["departures"] == 0 and rows["ZZV"]["departures_on_time"] is None, rows["ZZV"]


def what_counts_as_late_is_told_to_the_run(server):
    for minutes in (40, 15):
        _run(server, "delays", late_after=minutes)
        rows = _rows(server, DELAYS)
        assert rows == _daily_delays(BEFORE, minutes), rows[:3]
        _become(server, "airport_punctuality?filter=iata%20eq%20'JFK'&select=arrivals_on_time",
                [{"arrivals_on_time": _on_time(_delays_to("JFK"), minutes)}])


def a_flight_between_places_that_are_none_is_refused(server):
    wrong = [("2001-04-01T09:00:00Z", 4, 760, "ATL", "New York"),
             ("2001-04-01T09:00:00Z", 4, 0, "ATL", "JFK"),
             ("2001-04-01T09:00:00Z", 99999, 760, "ATL", "JFK"),
             ("2001-04-01 09:00", 4, 760, "ATL", "JFK")]
    for row, name in zip(wrong, ("destination", "distance", "delay", "date")):
        problem = server.deliver("flights", _csv([row])).problem(422)
        assert problem["faults"][0]["path"] == name, problem


def _history(server, iata):
    return _rows(server, "airport_history?filter=iata%%20eq%%20'%s'&orderby=valid_from" % iata)


def airports_are_valid_from_the_run_that_saw_them(server):
    _until(lambda: _rows(server, "airport_history"))
    as_of = server.finished_run("/control/runs/%d" % _runs(server, "history")[0]["id"])["as_of"]
    rows = _rows(server, "airport_history?orderby=iata")
    assert [row["iata"] for row in rows] == ["ATL", "JFK", "ORD", "PHX", "ZZV"], rows
    assert {_instant(row["valid_from"]) for row in rows} == {_instant(as_of)}, (rows, as_of)
    assert all(row["valid_to"] is None for row in rows), rows


def _instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def an_airport_that_is_renamed_keeps_its_old_name_for_its_old_time(server):
    before = _history(server, "JFK")
    server.deliver("airports", AIRPORTS.replace("William B Hartsfield", "Hartsfield-Jackson")
                   ).expect(201)
    _until(lambda: len(_history(server, "ATL")) == 2)
    old, new = _history(server, "ATL")
    assert old["name"].startswith("William") and new["name"].startswith("Hartsfield-J"), (old, new)
    assert old["valid_to"] == new["valid_from"] and new["valid_to"] is None, (old, new)
    assert _history(server, "JFK") == before


def an_airport_nobody_has_described_is_closed_and_stops_the_run(server):
    shown = server.get("/output/airport_punctuality").header("ETag")
    without = "".join(line for line in AIRPORTS.splitlines(True) if not line.startswith("PHX"))
    server.deliver("airports", without).expect(201)
    _until(lambda: _history(server, "PHX")[0]["valid_to"])
    run = server.run_pipeline("punctuality")
    assert run["state"] == "failed" and "name" in str(run["error"]), run
    assert server.get("/output/airport_punctuality").header("ETag") == shown
    server.deliver("airports", AIRPORTS).expect(201)
    _until(lambda: len(_history(server, "PHX")) == 2)


def days_are_added_to_those_before(server):
    def days(number):
        return [str(FIRST + datetime.timedelta(days=day)) for day in range(number)]
    _run(server, "traffic")
    first = _rows(server, "daily_traffic?orderby=day")
    assert [row["day"] for row in first] == days(HALF), first
    assert all(row["flights"] == 40 and row["airports"] == 4 for row in first), first
    server.deliver("flights", _csv(AFTER)).expect(201)
    run = _run(server, "traffic")
    assert run["state"] == "published" and run["outputs"][0]["rows"] == 2 * HALF, run
    rows = _rows(server, "daily_traffic?orderby=day")
    assert rows[:HALF] == first and [row["day"] for row in rows] == days(2 * HALF), rows
    _become(server, DELAYS, _daily_delays(BEFORE + AFTER))


if __name__ == "__main__":
    entrepot.main(globals(), folder=FOLDER, prepare=_prepare)
