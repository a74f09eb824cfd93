"""Access rules as a reader meets them: hidden columns, hidden rows, and no way around either."""
import collections
import json
import shutil
import urllib.parse

import entrepot

PATH = "/output/sales"
ROWS = 300

RULES = """
default: permit
rules:
  - name: testers-see-all
    effect: permit
    principals: {subjects: [tester]}
    datasets: ['*']
    actions: [read, write]
  - name: the-north-sees-paid-orders-without-amounts
    effect: permit
    principals: {subjects: [north]}
    datasets: [output.sales]
    actions: [read]
    columns: {deny: [amount]}
    rows: paid and amount gt 100
  - name: the-south-sees-no-keys
    effect: permit
    principals: {subjects: [south]}
    datasets: [output.sales]
    actions: [read]
    columns: {deny: [id]}
    rows: qty lt 5 or customer eq 'customer 3'
"""

orders = [{"id": number, "customer": "customer %d" % (number % 7), "amount": float(number),
           "sold_at": "2026-01-02T03:04:05Z", "paid": number % 3 > 0, "qty": number % 11,
           "due": "2026-02-01", "note": None if number % 5 else "n%d" % number}
          for number in range(1, ROWS + 1)]
north = [order for order in orders if order["paid"] and order["amount"] > 100]
south = [order for order in orders if order["qty"] < 5 or order["customer"] == "customer 3"]


def _prepare(server):
    body = "\n".join(json.dumps(row) for row in orders).encode()
    server.deliver("orders", body, "application/x-ndjson").expect(201)
    assert server.run_pipeline("sales")["state"] == "published"


def _ask(server, subject, **options):
    path = PATH + "?" + urllib.parse.urlencode(options, quote_via=urllib.parse.quote)
    return server.get(path, token=server.token("output:read", subject))


def rows_that_a_rule_hides_are_not_there(server):
    for options in ({}, {"orderby": "id"}, {"top": "1000"}, {"orderby": "note desc"},
                    {"filter": "id gt 0 or true"}, {"filter": "not (id lt 0)", "top": "1000"}):
        yield str(options), _hidden_rows, server, options


def _hidden_rows(server, options):
    rows = _ask(server, "north", **options).expect(200).json
    assert sorted(row["id"] for row in rows) == [order["id"] for order in north]
    assert all("amount" not in row for row in rows)


def a_filter_narrows_what_a_rule_leaves(server):
    rows = _ask(server, "north", filter="id lt 150 or id eq 200", orderby="id").expect(200).json
    assert [row["id"] for row in rows] == [order["id"] for order in north
                                           if order["id"] < 150 or order["id"] == 200]
    assert _ask(server, "north", filter="id eq 50").expect(200).json == []
    assert _ask(server, "north", filter="id eq 101").expect(200).json[0]["id"] == 101


def hidden_columns_cannot_be_asked_for(server):
    for name, options in (("select", {"select": "amount"}), ("filter", {"filter": "amount gt 1"}),
                          ("orderby", {"orderby": "amount"}), ("case", {"filter": "AMOUNT gt 1"}),
                          ("function", {"orderby": "round(amount)"}),
                          ("groups", {"apply": "groupby((amount))"}),
                          ("sum", {"apply": "aggregate(amount with sum as x)"}),
                          ("step", {"apply": "filter(amount gt 1)/aggregate($count as x)"}),
                          ("computed", {"apply": "compute(amount mul 2 as x)"}),
                          ("in a case", {"filter": "case(amount gt 1:true,true:false)"}),
                          ("in a list", {"filter": "amount in (101,102)"}),
                          ("out of brackets", {"filter": "id eq 1) or (amount gt 1"}),
                          ("alias", {"filter": "id eq @amount) or (true", "@amount": "1"})):
        yield name, _refused, server, options


def _refused(server, options):
    document = _ask(server, "north", **options).problem(400)
    assert "amount" in document["detail"] or ")" in document["detail"], document


def counts_and_groups_are_of_what_may_be_seen(server):
    for subject, expected in (("north", north), ("south", south), ("tester", orders)):
        for _ in range(2):  # the second is remembered
            answer = _ask(server, subject, count="true", top="1").expect(200)
            assert answer.header("Total-Count") == str(len(expected)), (subject, answer.headers)
            answer = _ask(server, subject, count="true", top="1", filter="qty gt 2").expect(200)
            assert answer.header("Total-Count") == str(
                sum(order["qty"] > 2 for order in expected)), (subject, answer.headers)
        rows = _ask(server, subject, apply="groupby((qty),aggregate($count as n))").expect(200).json
        counts = collections.Counter(order["qty"] for order in expected)
        assert {row["qty"]: row["n"] for row in rows} == counts, (subject, rows)


def a_token_is_of_those_who_see_the_same(server):
    answer = server.request("GET", PATH + "?select=qty&maxpagesize=3",
                            token=server.token("output:read", "tester")).expect(200)
    path = answer.link("next")[answer.link("next").index("/output/"):]
    server.get(path, token=server.token("output:read", "tester")).expect(200)
    server.get(path, token=server.token("output:read", "north")).problem(400)


def pages_show_every_row_that_may_be_seen_once(server):
    for subject, expected in (("north", north), ("south", south), ("tester", orders)):
        for order in ("", "note desc,customer", "qty,length(customer) desc"):
            yield "%s, %s" % (subject, order or "no order"), _pages, server, subject, expected, order


def _pages(server, subject, expected, order):
    options = {"maxpagesize": "17"}
    if order:
        options["orderby"] = order
    token = server.token("output:read", subject)
    path = PATH + "?" + urllib.parse.urlencode(options, quote_via=urllib.parse.quote)
    rows = []
    while path:
        answer = server.get(path, token=token).expect(200)
        rows += answer.json
        following = [link for link in (answer.header("Link") or "").split(", ")
                     if 'rel="next"' in link]
        path = following and following[0][following[0].index("/output/"):following[0].index(">")]

    def identity(row):
        return json.dumps([row["customer"], row["qty"], row["paid"], row["note"]])
    assert sorted(map(identity, rows)) == sorted(map(identity, expected)), len(rows)
    if subject != "south":
        assert sorted(row["id"] for row in rows) == [row["id"] for row in expected]


def what_one_has_already_says_nothing_to_another(server):
    """A loop remembers what it answered with a 304; each is asked often enough to meet all loops."""
    path = PATH + "?top=5"
    tokens = {subject: server.token("output:read", subject)
              for subject in ("tester", "north", "south")}
    tags = {subject: server.get(path, token=token).expect(200).header("ETag")
            for subject, token in tokens.items()}
    assert len(set(tags.values())) == 3, tags
    for _ in range(8):
        for subject, token in tokens.items():
            for owner, tag in tags.items():
                answer = server.get(path, token=token, headers={"If-None-Match": tag})
                assert answer.status == (304 if owner == subject else 200), (subject, owner, answer)
                assert answer.header("ETag") == tags[subject], (subject, owner, answer)
                assert answer.header("Vary").startswith("Accept, Authorization, Prefer"), answer
    # nor does it open anything to a token without the scope, or to none
    headers = {"If-None-Match": tags["tester"]}
    server.get(path, token=server.token("control:read", "tester"), headers=headers).problem(403)
    server.get(path, token=None, headers=headers).problem(401)


def what_one_has_is_asked_anew_where_an_answer_differs(server):
    tag = server.get(PATH + "?top=3").expect(200).header("ETag")
    same = {"If-None-Match": tag}
    for _ in range(6):
        assert server.get(PATH + "?top=3", headers=same).status == 304
        for name, options, more in (("Accept", "top=3", {"Accept": "text/csv"}),
                                    ("format", "top=3&format=csv", {}),
                                    ("Prefer", "top=3", {"Prefer": "maxpagesize=2"}),
                                    ("Host", "top=3", {"Host": "elsewhere.example"}),
                                    ("target", "top=4", {})):
            answer = server.get(PATH + "?" + options, headers={**same, **more})
            assert answer.status == 200 and answer.header("ETag") != tag, (name, answer)
        server.get(PATH + "?top=3", headers={**same, "Accept": "image/png"}).problem(406)


def what_moves_with_time_is_never_known(server):
    path = PATH + "?top=3&filter=sold_at%20lt%20now()"
    tags = set()
    for _ in range(6):
        tag = server.get(path).expect(200).header("ETag")
        assert server.get(path, headers={"If-None-Match": tag}).status == 200
        tags.add(tag)
    assert len(tags) == 6, tags


def a_new_snapshot_ends_what_was_known(server):
    path = PATH + "?top=3"
    old = server.get(path).expect(200).header("ETag")
    for _ in range(6):
        assert server.get(path, headers={"If-None-Match": old}).status == 304
    rows = [dict(order, qty=order["qty"] + 1) for order in orders]
    server.deliver("orders", "\n".join(map(json.dumps, rows)).encode(),
                   "application/x-ndjson").expect(201)
    assert server.run_pipeline("sales")["state"] == "published"
    for _ in range(6):
        answer = server.get(path, headers={"If-None-Match": old}).expect(200)
        assert answer.header("ETag") != old and answer.json[0]["qty"] == rows[0]["qty"], answer


def what_a_query_computes_can_fail_and_is_400(server):
    for name, options in (("page", {"top": "5"}), ("stream", {})):
        yield name, _fails, server, options


def _fails(server, options):
    document = _ask(server, "tester", filter="qty div (qty sub 3) eq 1", **options).problem(400)
    assert document["type"].endswith("bad-query") and "zero" in document["detail"], document


if __name__ == "__main__":
    product = entrepot.temporary_folder() / "product"
    shutil.copytree(entrepot.PRODUCT, product)
    (product / "access.yaml").write_text(RULES)
    try:
        entrepot.main(globals(), folder=product, prepare=_prepare)
    finally:
        shutil.rmtree(product.parent, ignore_errors=True)
