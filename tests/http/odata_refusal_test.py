"""What the OData service refuses, in the form that OData has for it."""
import base64
import shutil

import entrepot
import odata_product


def every_failure_is_an_error_of_OData(server):
    server.get("/odata/sales", token=None).problem(401, "unauthenticated")
    server.get("/odata/sales", token="x.y.z").problem(401, "unauthenticated")
    server.get("/odata/sales", token=server.token("input:read")).problem(403, "forbidden")
    server.get("/odata/nothing").problem(404, "dataset-unknown")
    server.get("/odata/a/b/c/d/e/f").problem(404, "not-found")
    server.get("/odata/daily").problem(404, "not-found")
    for method in ("POST", "PUT", "DELETE"):
        answer = server.request(method, "/odata/sales")
        answer.problem(405, "method-not-allowed")
        assert "GET" in answer.header("Allow")
    server.request("PATCH", "/odata/sales").problem(405)
    server.request("BREW", "/odata/sales").problem(501)
    server.get("/odata/sales?$filter=%ff").problem(400)
    server.get("/odata/sales?$filter=%").problem(400)
    server.get("/odata/%00").problem(400)
    long = server.get("/odata/sales?$filter=" + "x" * 20000)
    assert long.status in (400, 414, 431), long
    long.problem(long.status)
    for option in ("$filter=nope%20eq%201", "$top=-1", "$top=x", "$orderby=nope", "$select=nope",
                   "$skip=-1", "$count=maybe", "$nope=1", "nope=1", "$filter=(id%20eq%201",
                   "$filter=id%20eq%20'x'"):
        answer = server.get("/odata/sales?" + option)
        answer.problem(400, "bad-query")
        assert answer.json["error"]["target"], answer.json
    many = "(" * 10000 + "true" + ")" * 10000
    assert server.get("/odata/sales?$filter=" + many).status in (400, 414, 431)


def a_refusal_of_the_listener_is_one_too(server):
    for request in (b"GET /odata/sales HTTP/1.1\r\nConnection: close\r\n\r\n",
                    b"GET /odata/sales HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
                    b"GET /odata/sales HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
                    b"GET http://a/odata/sales?x=%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"):
        answer = entrepot.parse_responses(server.raw(request))[0]
        answer.path = "/odata/sales"
        assert answer.status >= 400
        answer.problem(answer.status)
    # and elsewhere a problem document stays one
    server.get("/odatas").problem(404)
    server.get("/output/nothing").problem(404)


def a_client_with_a_password_is_asked_for_it(server):
    answer = server.get("/odata", token=None)
    challenges = [value for name, value in answer.headers if name == "WWW-Authenticate"]
    assert [challenge.split(" ")[0] for challenge in challenges] == ["Bearer", "Basic"], challenges
    assert not [value for name, value in server.get("/output/sales", token=None).headers
                if name == "WWW-Authenticate" and value.startswith("Basic")]
    for user in ("", "token"):
        pair = base64.b64encode(("%s:%s" % (user, server.token())).encode()).decode()
        server.get("/odata/sales?$top=1", token=None,
                   headers={"Authorization": "Basic " + pair}).expect(200)


def what_is_not_served_is_501(server):
    for path in ("$all", "$crossjoin(sales,parts)", "$entity?$id=sales(1)", "sales/$ref",
                 "sales(1)/$ref", "sales/$filter(id%20eq%201)", "sales/$each", "sales/1/$ref",
                 "sales?$expand=x", "sales(1)?$expand=x", "sales?$search=x", "sales?$compute=x",
                 "sales?$deltatoken=x", "sales?$schemaversion=x", "sales?$filter=a/any(x:x%20eq%201)",
                 "sales?$filter=isof(id,Edm.Int64)"):
        server.get("/odata/" + path).problem(501, "not-implemented")
    server.post("/odata/$batch", b"{}", "application/json").problem(501, "not-implemented")
    server.post("/odata/sales/$query", b"$top=1", "text/plain").problem(501, "not-implemented")


if __name__ == "__main__":
    product = odata_product.make()
    try:
        entrepot.main(globals(), folder=product, prepare=odata_product.fill)
    finally:
        shutil.rmtree(product.parent, ignore_errors=True)
