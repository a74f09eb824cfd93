"""The graph of datasets, pipelines and columns, as the discovery port shows it."""
import json
import sys

import entrepot
import tap
from cluster import Cluster
from entrepot import Server

GRAPH = "/discovery/lineage"
NODES = ["input.events", "input.orders", "input.stock", "output.daily", "output.levels",
         "output.sales", "pipeline.daily", "pipeline.levels", "pipeline.sales"]

# Where the run engine has stored none, these stand for what it reads from the SQL.
SALES = {"doubt": None,
         "columns": [{"name": "id", "sources": [{"input": 0, "column": "id", "kind": "IDENTITY"}]}],
         "dataset": []}
DAILY = {"doubt": None,
         "columns": [{"name": "orders", "sources": []},
                     {"name": "total", "sources": [
                         {"input": 0, "column": "amount", "kind": "AGGREGATION"}]}],
         "dataset": [{"input": 0, "column": "paid", "kind": "FILTER"}]}


def _graph(server, query=""):
    return server.get(GRAPH + query).expect(200).json


def _nodes(graph):
    return sorted(node["id"] for node in graph["nodes"])


def _edges(graph):
    return sorted((edge["from"], edge["kind"], edge["to"]) for edge in graph["edges"])


def before_any_run_the_pipelines_say_it(server, cluster):
    graph = _graph(server)
    assert graph["product"] == "shop"
    assert _nodes(graph) == NODES, _nodes(graph)
    assert _edges(graph) == [
        ("input.orders", "reads", "pipeline.daily"), ("input.orders", "reads", "pipeline.sales"),
        ("input.stock", "reads", "pipeline.levels"), ("pipeline.daily", "makes", "output.daily"),
        ("pipeline.levels", "makes", "output.levels"), ("pipeline.sales", "makes", "output.sales"),
    ], _edges(graph)
    assert graph["snapshots"] == [] and graph["columns"] == []


def datasets_have_their_columns(server, cluster):
    nodes = {node["id"]: node for node in _graph(server)["nodes"]}
    columns = {column["name"]: column["type"] for column in nodes["input.orders"]["columns"]}
    assert columns["id"] == "integer" and "paid" in columns, columns
    assert nodes["input.orders"]["current"] is None
    assert nodes["pipeline.sales"]["version"] == "1.0.0"
    for node in nodes.values():
        path = node["href"].partition("/discovery")[2]
        server.get("/discovery" + path).expect(200)


def _run_all(server, cluster):
    orders = [{"id": 1, "customer": "Ada", "amount": 12.5, "sold_at": "2026-01-31T12:30:00Z",
               "paid": True, "qty": 2, "due": "2026-02-28", "note": None}]
    server.deliver("orders", json.dumps(orders), "application/json").expect(201)
    for pipeline in ("sales", "daily"):
        assert server.run_pipeline(pipeline)["state"] == "published"
    for dataset, lineage in (("sales", SALES), ("daily", DAILY)):
        cluster.psql("""
            INSERT INTO meta.lineage (sha256, document) VALUES ('%(dataset)s', '%(lineage)s');
            WITH bare AS (UPDATE meta.snapshot SET lineage_id = lineage.id
                            FROM meta.lineage, meta.datum
                           WHERE lineage_id IS NULL AND lineage.sha256 = '%(dataset)s'
                             AND datum.id = datum_id AND datum.name = '%(dataset)s'
                         RETURNING snapshot.id, flow_id)
            INSERT INTO meta.snapshot_input (snapshot_id, ordinal, datum_id, number)
            SELECT bare.id, 0, source.datum_id, source.number
              FROM bare JOIN meta.source USING (flow_id)"""
                     % {"dataset": dataset, "lineage": json.dumps(lineage)}, "graph")


def a_run_tells_which_column_comes_from_which(server, cluster):
    etag = server.get(GRAPH).header("ETag")
    _run_all(server, cluster)
    graph = _graph(server)
    assert server.get(GRAPH).header("ETag") != etag, "a published snapshot changes the graph"
    snapshots = {entry["dataset"]: entry for entry in graph["snapshots"]}
    assert snapshots["output.sales"]["inputs"] == [{"dataset": "input.orders", "number": 1}]
    assert snapshots["output.sales"]["by_column"] is True
    assert snapshots["output.sales"]["pipeline"] == "sales"
    ways = {(way["from"], way["column"], way["to"], way["to_column"], way["kind"])
            for way in graph["columns"]}
    assert ("input.orders", "id", "output.sales", "id", "IDENTITY") in ways, ways
    assert ("input.orders", "amount", "output.daily", "total", "AGGREGATION") in ways, ways
    assert ("input.orders", "paid", "output.daily", None, "FILTER") in ways, ways


def a_graph_not_changed_is_not_sent_again(server, cluster):
    first = server.get(GRAPH).expect(200)
    again = server.get(GRAPH, headers={"If-None-Match": first.header("ETag")})
    assert again.status == 304 and not again.body


def around_a_dataset_is_what_leads_to_it_and_from_it(server, cluster):
    for query in ("?dataset=output.sales", "?dataset=sales"):
        graph = _graph(server, query)
        assert _nodes(graph) == ["input.orders", "output.sales", "pipeline.sales"], _nodes(graph)
        assert {way["to"] for way in graph["columns"]} == {"output.sales"}
    graph = _graph(server, "?dataset=input.orders")
    assert _nodes(graph) == ["input.orders", "output.daily", "output.sales", "pipeline.daily",
                             "pipeline.sales"], _nodes(graph)
    assert _nodes(_graph(server, "?dataset=input.events")) == ["input.events"]
    for query in ("", "?dataset=sales", "?dataset=input.stock"):
        graph = _graph(server, query)
        for way in graph["columns"]:
            assert {way["from"], way["to"]} <= set(_nodes(graph)), way


def a_snapshot_tells_what_it_was_made_from(server, cluster):
    server.deliver("orders", "[]", "application/json").expect(201)
    assert server.run_pipeline("sales")["state"] == "published"
    graph = _graph(server, "?dataset=sales&snapshot=1")
    assert _nodes(graph) == ["input.orders", "output.sales", "pipeline.sales"], _nodes(graph)
    snapshot, = graph["snapshots"]
    assert (snapshot["snapshot"], snapshot["inputs"][0]["number"]) == (1, 1), snapshot
    node = next(node for node in graph["nodes"] if node["id"] == "output.sales")
    assert node["current"] == 1, "as of the snapshot asked for"
    assert ("id", "id") in {(way["column"], way["to_column"]) for way in graph["columns"]}


def what_is_not_there_is_refused(server, cluster):
    for query, status in (("?dataset=nothing", 404), ("?dataset=output.orders", 404),
                          ("?dataset=", 404), ("?snapshot=1", 400),
                          ("?dataset=sales&snapshot=99", 404), ("?dataset=sales&snapshot=x", 400),
                          ("?dataset=orders&snapshot=1", 404), ("?depth=1", 400)):
        yield query, lambda text, wanted: server.get(GRAPH + text).problem(wanted), query, status


def who_may_discover_may_see_it(server, cluster):
    assert server.get(GRAPH, token=None).status == server.get("/discovery/pipelines",
                                                              token=None).status


def main():
    cluster = Cluster()
    try:
        cluster.psql("CREATE DATABASE graph")
        with Server(entrepot.PRODUCT, "--database", cluster.url("graph")) as server:
            failed = tap.run(globals(), server, cluster)
            server.stop_cleanly()
    finally:
        cluster.remove()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
