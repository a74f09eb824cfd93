"""The discovery port: what a crawler reads, in the forms it asks for, polled cheaply."""
import json
import re

import entrepot
import tap
from entrepot import Server

try:
    import yaml
except ImportError:
    yaml = None


def _path(url):
    return re.sub(r"^https?://[^/]+", "", url)


def the_catalogue_leads_to_everything(server):
    answer = server.get("/.well-known/api-catalog", token=None).expect(200)
    assert answer.media_type == "application/linkset+json", answer.headers
    assert "rfc9727" in answer.header("Content-Type"), answer.headers
    links = re.findall(r'"href":\s*"([^"]+)"', answer.text)
    assert len(links) >= 5, answer.text
    for link in links:
        target = server.get(_path(link))
        assert target.status in (200, 404) and (target.status == 200 or "/output/" in link), link
    relations = answer.json["linkset"][0]
    for relation in ("service-desc", "service-meta", "status"):
        assert relation in relations, relations.keys()


def the_catalogue_names_every_protocol(server):
    server.deliver("stock", "sku,level\na,1\nb,2\n").expect(201)
    server.run_pipeline("levels")
    base = server.get("/discovery/openapi.json").json["servers"][0]["url"]
    linkset = server.get("/.well-known/api-catalog", token=None).expect(200).json["linkset"]
    items = {item["href"] for item in linkset[0]["item"]}
    anchors = {context["anchor"]: context for context in linkset}
    for entry in (base + "/odata/", base + "/delta-sharing/shares"):
        assert entry in items and entry in anchors, (entry, items, list(anchors))
    model = anchors[base + "/odata/"]["service-desc"]
    for link in model:
        answer = server.request("GET", _path(link["href"]), headers={"Accept": "*/*"})
        assert answer.expect(200).media_type == link["type"], link
    assert {link["type"] for link in model} == {"application/xml", "application/json"}


def a_dataset_has_an_address_in_every_protocol(server):
    dataset = server.get("/discovery/datasets/levels", token=None).expect(200).json
    protocols = {address["protocol"]: address["href"] for address in dataset["addresses"]}
    assert set(protocols) == {"output", "odata", "delta-sharing"}, protocols
    for href in protocols.values():
        server.get(_path(href)).expect(200)
    ports = server.get("/discovery/product", token=None).json["outputPorts"]
    port, = [port for port in ports if port["name"] == "levels"]
    told = {definition["url"] for definition in port["authoritativeDefinitions"]
            if definition["type"] == "implementation"}
    assert told == set(protocols.values()), port
    assert "addresses" not in server.get("/discovery/datasets/orders", token=None).json


def HEAD_of_the_catalogue_has_its_link(server):
    answer = server.request("HEAD", "/.well-known/api-catalog", token=None)
    assert answer.status == 200 and answer.link("api-catalog"), answer.headers


def the_root_links_to_the_catalogue(server):
    answer = server.get("/", token=None)
    assert answer.status == 200 and answer.link("api-catalog"), answer


def the_product_is_the_folders_descriptor(server):
    answer = server.get("/discovery/product", token=None).expect(200)
    document = answer.json
    assert document["kind"] == "DataProduct" and document["id"] == "shop", document
    assert {port["name"] for port in document["outputPorts"]} == {"sales", "daily", "levels"}
    assert {port["name"] for port in document["inputPorts"]} == {"orders", "events", "stock"}


def documents_come_as_JSON_and_YAML(server):
    if not yaml:
        tap.skip("python3-yaml is not there")
    for path in ("/discovery/product", "/discovery/contracts/shop.orders/1.0.0"):
        yield path, _both, server, path


def _both(server, path):
    as_json = server.request("GET", path, token=None, headers={"Accept": "application/json"})
    as_yaml = server.request("GET", path, token=None, headers={"Accept": "application/yaml"})
    assert as_json.expect(200).media_type == "application/json", as_json.headers
    assert as_yaml.expect(200).media_type == "application/yaml", as_yaml.headers
    # dates of YAML become objects in Python: compared as text
    assert json.loads(json.dumps(yaml.safe_load(as_yaml.text), default=str)) == as_json.json
    assert as_json.header("ETag") != as_yaml.header("ETag")
    assert "Accept" in as_json.header("Vary"), as_json.headers
    server.request("GET", path, token=None, headers={"Accept": "image/png"}).problem(406)


def contracts_are_found_by_id_and_version(server):
    for port in server.get("/discovery/product", token=None).json["outputPorts"]:
        contract = server.get("/discovery/contracts/%s/%s" % (port["contractId"], port["version"]),
                              token=None).expect(200).json
        assert contract["kind"] == "DataContract" and contract["id"] == port["contractId"]
    server.get("/discovery/contracts/shop.sales/9.9.9", token=None).problem(404)
    server.get("/discovery/contracts/nothing/1.0.0", token=None).problem(404)


def datasets_are_listed_with_what_is_current(server):
    document = server.get("/discovery/datasets", token=None).expect(200).json
    entries = document if isinstance(document, list) else document["datasets"]
    names = {entry["dataset"] for entry in entries}
    assert {"sales", "daily", "levels"} <= names, names


def pipelines_show_their_SQL(server):
    document = server.get("/discovery/pipelines/daily", token=None).expect(200).text
    assert "paid_orders" in document and "GROUP BY" in document, document
    server.get("/discovery/pipelines/nothing", token=None).problem(404)


def documents_are_polled_by_entity_tag(server):
    for path in ("/.well-known/api-catalog", "/discovery/product", "/discovery/datasets",
                 "/discovery/openapi.json", "/discovery/contracts/shop.orders/1.0.0",
                 "/discovery/pipelines/sales"):
        yield path, _polled, server, path


def _polled(server, path):
    tag = server.get(path, token=None).expect(200).header("ETag")
    assert tag, "no ETag"
    answer = server.request("GET", path, token=None, headers={"If-None-Match": tag})
    assert answer.status == 304 and not answer.body, answer


def the_OpenAPI_document_tells_every_route(server):
    document = server.get("/discovery/openapi.json", token=None).expect(200).json
    assert document["openapi"].startswith("3.1"), document["openapi"]
    assert document["info"]["title"] and document["info"]["version"]
    schemes = document["components"]["securitySchemes"]
    assert any(scheme.get("scheme") == "bearer" for scheme in schemes.values()), schemes
    paths = set(document["paths"])
    for path in ("/discovery/product", "/control/runs/{id}", "/observability/metrics"):
        assert path in paths, sorted(paths)
    assert any(path.startswith("/output/") for path in paths)
    seen = set()
    for path, item in document["paths"].items():
        parameters = {p["name"] for p in item.get("parameters", [])}
        for method, operation in item.items():
            if method not in ("get", "put", "post", "delete", "head", "options"):
                continue
            own = parameters | {p["name"] for p in operation.get("parameters", []) if "name" in p}
            assert set(re.findall(r"{([^}]+)}", path)) <= own, (method, path, own)
            assert any(status.startswith("2") for status in operation["responses"]), path
            if "operationId" in operation:
                assert operation["operationId"] not in seen, operation["operationId"]
                seen.add(operation["operationId"])


def URLs_stay_below_the_public_address(_):
    with Server(entrepot.PRODUCT, "--public-url", "https://data.example/a/shop/1") as server:
        for path in ("/.well-known/api-catalog", "/.well-known/oauth-protected-resource",
                     "/discovery/openapi.json"):
            text = server.get(path, token=None).expect(200).text
            assert "https://data.example/a/shop/1" in text, text[:500]
            assert "127.0.0.1" not in text, text[:500]
        server.deliver("stock", "sku,level\na,1\nb,2\n").expect(201)
        server.run_pipeline("levels")
        answer = server.request("GET", "/output/levels", headers={"Prefer": "maxpagesize=1"})
        link = answer.expect(200).link("next")
        assert link.startswith("https://data.example/a/shop/1/output/levels"), link
        server.stop_cleanly()


def a_Host_field_of_somebody_else_is_not_believed_blindly(server):
    data = server.raw(b'GET /.well-known/api-catalog HTTP/1.1\r\nHost: ev"il<x>\r\n'
                      b"Connection: close\r\n\r\n")
    answer = entrepot.parse_responses(data)[0]
    assert answer.status == 400 or b"<x>" not in answer.body, answer


def discovery_asks_for_a_token_where_the_product_says_so(_):
    import shutil
    folder = entrepot.temporary_folder()
    try:
        shutil.copytree(entrepot.PRODUCT, folder / "closed")
        path = folder / "closed" / "product.odps.yaml"
        path.write_text(path.read_text() + "customProperties:\n  - property: entrepot.discovery\n"
                                           "    value: token\n")
        with Server(folder / "closed") as server:
            for open_path in ("/.well-known/oauth-protected-resource", "/observability/health/live"):
                assert server.get(open_path, token=None).status == 200
            server.get("/discovery/product", token=None).problem(401)
            token = server.token("output:read")
            assert server.get("/discovery/product", token=token).status == 200
            server.stop_cleanly()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    entrepot.main(globals())
