"""The flights product of examples/, with some hundred rows of the shape of the real ones."""
import collections
import datetime
import decimal

import entrepot

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


def _run(server, pipeline, **wish):
    run = server.run_pipeline(pipeline, wish)
    assert run["state"] == "published", run
    return run


def _prepare(server):
    server.deliver("airports", AIRPORTS).expect(201)
    server.deliver("flights", _csv(BEFORE)).expect(201)


def _rows(server, path):
    return server.get("/output/" + path).expect(200).json


def _mean(values):
    mean = decimal.Decimal(sum(values)) / len(values)
    return float(mean.quantize(decimal.Decimal("0.01"), decimal.ROUND_HALF_UP))


def _daily_delays(flights, late_after=15):
    routes = collections.defaultdict(list)
    for date, delay, distance, origin, destination in flights:
        routes[date[:10], origin, destination, distance].append(delay)
    return [{"day": day, "origin": origin, "destination": destination, "flights": len(delays),
             "late": sum(delay > late_after for delay in delays), "delay_minutes": sum(delays),
             "average_delay": _mean(delays), "worst_delay": max(delays), "distance": distance}
            for (day, origin, destination, distance), delays in sorted(routes.items())]


def delays_are_counted_by_day_and_route(server):
    _run(server, "delays")
    assert _rows(server, "daily_delays?orderby=day,origin,destination") == _daily_delays(BEFORE)


def what_counts_as_late_is_told_to_the_run(server):
    _run(server, "delays", parameters={"late_after": 40})
    rows = _rows(server, "daily_delays?orderby=day,origin,destination")
    assert rows == _daily_delays(BEFORE, 40), rows[:3]


def airports_are_added_up_from_the_routes(server):
    _run(server, "delays", parameters={"late_after": 15})
    _run(server, "punctuality")
    rows = {row["iata"]: row for row in _rows(server, "airport_punctuality")}
    assert sorted(rows) == ["ATL", "JFK", "ORD", "PHX", "ZZV"], rows
    to_jfk = [delay for _, delay, _, _, destination in BEFORE if destination == "JFK"]
    jfk = rows["JFK"]
    assert jfk["name"] == "John F Kennedy Intl" and jfk["state"] == "NY", jfk
    assert jfk["arrivals"] == len(to_jfk) and jfk["average_delay"] == _mean(to_jfk), jfk
    punctual = sum(delay <= 15 for delay in to_jfk)
    assert abs(jfk["arrivals_on_time"] - 100 * punctual / len(to_jfk)) <= 0.005, jfk
    # what the data says by NA is not known, and from an airport nobody leaves nobody leaves in time
    assert rows["ZZV"]["city"] is None and rows["ZZV"]["state"] is None, rows["ZZV"]
    assert rows["ZZV"]["departures"] == 0 and rows["ZZV"]["departures_on_time"] is None, rows["ZZV"]


def an_airport_nobody_has_described_stops_the_run(server):
    before = server.get("/output/airport_punctuality").header("ETag")
    without = "".join(line for line in AIRPORTS.splitlines(True) if not line.startswith("PHX"))
    server.deliver("airports", without).expect(201)
    run = server.run_pipeline("punctuality")
    assert run["state"] == "failed" and "name" in str(run["error"]), run
    assert server.get("/output/airport_punctuality").header("ETag") == before
    server.deliver("airports", AIRPORTS).expect(201)


def a_flight_between_places_that_are_none_is_refused(server):
    wrong = [("2001-04-01T09:00:00Z", 4, 760, "ATL", "New York"),
             ("2001-04-01T09:00:00Z", 4, 0, "ATL", "JFK"),
             ("2001-04-01T09:00:00Z", 99999, 760, "ATL", "JFK"),
             ("2001-04-01 09:00", 4, 760, "ATL", "JFK")]
    for row, name in zip(wrong, ("destination", "distance", "delay", "date")):
        problem = server.deliver("flights", _csv([row])).problem(422)
        assert problem["faults"][0]["path"] == name, problem


def airports_are_current_with_the_time_of_the_run(server):
    run = _run(server, "history")
    rows = _rows(server, "airport_history?orderby=iata")
    assert [row["iata"] for row in rows] == ["ATL", "JFK", "ORD", "PHX", "ZZV"], rows
    assert all(row["valid_to"] is None for row in rows), rows
    assert len({row["valid_from"] for row in rows}) == 1 and run["as_of"], rows


def more_flights_are_added_to_those_before(server):
    _run(server, "traffic")
    first = _rows(server, "daily_traffic?orderby=day")
    assert [row["day"] for row in first] == [str(FIRST + datetime.timedelta(days=day))
                                             for day in range(HALF)], first
    assert all(row["flights"] == 40 and row["airports"] == 4 for row in first), first
    server.deliver("flights", _csv(AFTER)).expect(201)
    _run(server, "traffic")
    rows = _rows(server, "daily_traffic?orderby=day")
    assert rows[:HALF] == first and len(rows) == 2 * HALF, rows
    _run(server, "delays", parameters={"late_after": 15})
    rows = _rows(server, "daily_delays?orderby=day,origin,destination")
    assert rows == _daily_delays(BEFORE + AFTER)


if __name__ == "__main__":
    entrepot.main(globals(), folder=FOLDER, prepare=_prepare)
