"""Who may do what: tokens that must be refused, scopes, and every route of the OpenAPI document."""
import json
import re
import shutil
import sys
import time

import entrepot
import tap
from entrepot import ALL_SCOPES, Server, base64url, parse_responses

try:
    import tokens
    rsa, ec, okp, stranger = (tokens.Key("RSA", "rsa-1"), tokens.Key("EC", "ec-1"),
                              tokens.Key("OKP", "ed-1"), tokens.Key("EC", "ec-1"))
except ImportError:
    print("1..0 # SKIP python3-cryptography is not there")
    sys.exit(0)

folder = entrepot.temporary_folder()
jwks = folder / "jwks.json"
jwks.write_text(json.dumps({"keys": [rsa.jwk, ec.jwk, okp.jwk]}))
PROTECTED = "/output/sales?top=1"


def _with(server, authorization, path=PROTECTED):
    return server.request("GET", path, token=None, headers={"Authorization": authorization})


def _challenge(answer):
    value = answer.header("WWW-Authenticate")
    assert value and value.startswith("Bearer"), answer.headers
    return value


# --- tokens ------------------------------------------------------------------------------------

def tokens_of_each_algorithm_are_accepted(server):
    for name, key in (("RS256", rsa), ("PS256", rsa), ("ES256", ec), ("EdDSA", okp)):
        yield name, _accepted, server, tokens.token(key, name)
    yield "at+jwt", _accepted, server, tokens.token(ec, "ES256", typ="at+jwt")
    yield "without kid", _accepted, server, tokens.token(ec, "ES256", kid=None)
    yield "audience in a list", _accepted, server, tokens.token(
        ec, "ES256", tokens.claims(aud=["urn:other", tokens.AUDIENCE]))


def _accepted(server, token):
    for _ in range(2):  # the second time it is remembered
        answer = server.get("/output/sales/snapshots", token=token)
        assert answer.status == 200, answer


def no_token_is_401_with_where_to_get_one(server):
    answer = server.get(PROTECTED, token=None)
    answer.problem(401, "unauthenticated")
    challenge = _challenge(answer)
    assert "error=" not in challenge, challenge
    where = re.search(r'resource_metadata="([^"]+)"', challenge)[1]
    assert where.endswith("/.well-known/oauth-protected-resource"), where
    metadata = server.get("/.well-known/oauth-protected-resource", token=None).expect(200).json
    assert metadata["resource"], metadata
    assert set(ALL_SCOPES.split()) <= set(metadata["scopes_supported"]), metadata
    assert metadata["bearer_methods_supported"] == ["header"], metadata


def wrong_tokens_are_401(server):
    now = int(time.time())

    def es(**changes):
        return tokens.token(ec, "ES256", tokens.claims(**changes))

    good = tokens.token(ec, "ES256")
    head, body, signature = good.split(".")
    twice = b'{"sub":"a",' + json.dumps(tokens.claims()).encode()[1:]
    huge = json.dumps(tokens.claims()).replace(str(tokens.claims()["exp"]), "1e300").encode()
    cases = [
        ("expired", es(iat=now - 900, exp=now - 600)),
        ("not yet valid", es(nbf=now + 600)),
        ("issued in the future", es(iat=now + 600, exp=now + 900)),
        ("without exp", es(exp=None)),
        ("exp as text", es(exp=str(now + 600))),
        ("exp past all numbers", tokens.token(ec, "ES256", huge)),
        ("a longer life than allowed", es(exp=now + 400 * 86400)),
        ("wrong audience", es(aud="urn:entrepot:other")),
        ("without audience", es(aud=None)),
        ("audience that only begins so", es(aud=tokens.AUDIENCE + "x")),
        ("wrong issuer", es(iss="urn:test:other")),
        ("without issuer", es(iss=None)),
        ("without subject", es(sub=None)),
        ("bound to a key we cannot check", es(cnf={"jkt": "x"})),
        ("alg none", tokens.compact({"alg": "none", "typ": "JWT"}, tokens.claims(), lambda _: b"")),
        ("alg None", tokens.compact({"alg": "None", "typ": "JWT"}, tokens.claims(), lambda _: b"")),
        ("alg none with a kid", tokens.compact({"alg": "none", "kid": "ec-1"}, tokens.claims(),
                                               lambda _: b"")),
        ("HS256 with the RSA public PEM", tokens.hmac_token(rsa.public_pem(), kid="rsa-1")),
        ("HS256 with the RSA public PEM, no kid", tokens.hmac_token(rsa.public_pem())),
        ("HS256 with the EC public PEM", tokens.hmac_token(ec.public_pem(), kid="ec-1")),
        ("HS256 with the modulus", tokens.hmac_token(rsa.jwk["n"].encode(), kid="rsa-1")),
        ("HS256 with nothing", tokens.hmac_token(b"")),
        ("RS384, not on the list", tokens.token(rsa, "RS384")),
        ("RS256 of an EC key", tokens.token(rsa, "RS256", kid="ec-1")),
        ("ES256 of an RSA key", tokens.token(ec, "ES256", kid="rsa-1")),
        ("another key of the same kid", tokens.token(stranger, "ES256")),
        ("an unknown kid", tokens.token(ec, "ES256", kid="ec-2")),
        ("a kid that is a path", tokens.token(ec, "ES256", kid="../../token-key.pem")),
        ("a kid that is no text", tokens.token(ec, "ES256", kid=1)),
        ("a key of its own", tokens.token(stranger, "ES256", kid=None, jwk=stranger.jwk)),
        ("crit", tokens.token(ec, "ES256", crit=["b64"], b64=True)),
        ("typ of something else", tokens.token(ec, "ES256", typ="dpop+jwt")),
        ("header twice alg", tokens.compact(b'{"alg":"ES256","alg":"none","kid":"ec-1"}',
                                            tokens.claims(), lambda data: ec.sign("ES256", data))),
        ("sub twice", tokens.token(ec, "ES256", twice)),
        ("claims that are a list", tokens.token(ec, "ES256", b"[]")),
        ("claims that are no JSON", tokens.token(ec, "ES256", b"{sub:}")),
        ("claims that are not UTF-8", tokens.token(ec, "ES256", b'{"sub":"\xff"}')),
        ("claims nested deep", tokens.token(ec, "ES256", b'{"a":' + b"[" * 3000 + b"]" * 3000 + b"}")),
        ("signature cut", head + "." + body + "." + signature[:-4]),
        ("signature longer", head + "." + body + "." + signature + "AAAA"),
        ("signature of zeros", head + "." + body + "." + base64url(bytes(64))),
        ("signature empty", head + "." + body + "."),
        ("two parts", head + "." + body),
        ("four parts", good + ".x"),
        ("five parts", good + ".x.y"),
        ("padding", head + "." + body + "." + signature + "=="),
        ("standard base64", head + "." + body + "." + signature[:-1] + "+"),
        ("stray bits at the end", head + "." + body + "." + signature[:-1] + _other_end(signature)),
        ("a changed claim", head + "." + base64url(json.dumps(
            tokens.claims(sub="admin")).encode()) + "." + signature),
        ("no token at all", "x"),
        ("dots", ".."),
        ("nine kilobytes", "a" * 9000),
    ]
    for name, token in cases:
        yield name, _refused, server, token


def _other_end(signature):
    """A last character that says the same bytes but has stray bits, as 64 bytes leave four."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return alphabet[alphabet.index(signature[-1]) ^ 1]


def _refused(server, token):
    start = len(server.lines)
    answer = _with(server, "Bearer " + token)
    answer.problem(401, "unauthenticated")
    assert 'error="invalid_token"' in _challenge(answer) or \
        'error="invalid_request"' in _challenge(answer), answer.headers
    server.wait_for("request", 10, start)
    if len(token) > 20:
        assert token not in answer.text
        assert not any(token in line for line in server.lines[start:]), "the token is in the log"


def wrong_Authorization_fields_are_refused(server):
    good = tokens.token(ec, "ES256")
    for name, value in (("another scheme", "Digest " + good), ("no token", "Bearer"),
                        ("blank token", "Bearer "), ("two tokens", "Bearer %s %s" % (good, good)),
                        ("two with a comma", "Bearer %s, Bearer %s" % (good, good)),
                        ("no scheme", good), ("Basic of nonsense", "Basic !!!!"),
                        ("Basic without a colon", "Basic " + base64url(b"abc"))):
        yield name, lambda server, value: _with(server, value).problem(401), server, value


def two_Authorization_fields_are_refused(server):
    good = tokens.token(ec, "ES256")
    data = server.raw((
        "GET %s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nAuthorization: Bearer %s\r\n"
        "Connection: close\r\n\r\n" % (PROTECTED, good, good)).encode())
    answer = parse_responses(data)[0]
    assert answer.status in (400, 401), answer
    answer.problem(answer.status)


def a_token_in_the_query_or_body_is_no_token(server):
    good = tokens.token(ec, "ES256")
    answer = server.get("/output/sales?access_token=" + good, token=None)
    answer.problem(401)


def the_scheme_is_caseless_and_Basic_carries_a_token(server):
    import base64
    good = tokens.token(ec, "ES256")
    assert _with(server, "bearer " + good, "/output/sales/snapshots").status == 200
    basic = base64.b64encode(b"token:" + good.encode()).decode()
    assert _with(server, "Basic " + basic, "/output/sales/snapshots").status == 200


def a_key_that_leaves_the_set_is_no_key_any_more(_):
    """Rotation: the new key is taken up, the old one dies, with tokens that were remembered too."""
    other = tokens.Key("EC", "ec-new")
    with Server(entrepot.PRODUCT, "--jwks", jwks, "--issuer", tokens.ISSUER,
                "--jwks-ttl", "1s") as server:
        old, new = tokens.token(ec, "ES256"), tokens.token(other, "ES256")
        path = "/output/sales/snapshots"
        assert server.get(path, token=old).status == 200
        assert server.get(path, token=new).status == 401
        before = jwks.read_text()
        try:
            replacement = folder / "jwks.new"
            replacement.write_text(json.dumps({"keys": [other.jwk]}))
            replacement.rename(jwks)
            tap.until(lambda: server.get(path, token=new).status == 200, 30, 0.2)
            tap.until(lambda: server.get(path, token=old).status == 401, 30, 0.2)
            # a broken file does not take the good keys away
            start = len(server.lines)
            jwks.write_text("{")
            assert server.wait_for_any(30, start, lambda event: event["level"] in
                                       ("warning", "error")), "a broken key file is not told of"
            assert server.get(path, token=new).status == 200
        finally:
            jwks.write_text(before)
        server.stop_cleanly()


# --- scopes ------------------------------------------------------------------------------------

def each_scope_opens_its_own_doors_only(server):
    doors = {
        "output:read": ("GET", "/output/sales/snapshots"),
        "input:read": ("GET", "/input/orders/deliveries"),
        "input:write": ("POST", "/input/orders"),
        "control:read": ("GET", "/control/pipelines/sales"),
        "control:write": ("POST", "/control/pipelines/sales/runs"),
    }
    for scope in doors:
        for needed, (method, path) in doors.items():
            if scope != needed:
                yield "%s does not open %s %s" % (scope, method, path), _closed, server, scope, \
                    needed, method, path
        method, path = doors[scope]
        yield "%s opens %s %s" % (scope, method, path), _open, server, scope, method, path


def _closed(server, scope, needed, method, path):
    token = tokens.token(ec, "ES256", tokens.claims(scope=scope))
    answer = server.request(method, path, token=token)
    answer.problem(403, "forbidden")
    challenge = _challenge(answer)
    assert 'error="insufficient_scope"' in challenge and needed in challenge, challenge


def _open(server, scope, method, path):
    token = tokens.token(ec, "ES256", tokens.claims(scope=scope))
    answer = server.request(method, path, token=token)
    assert answer.status not in (401, 403), answer


def a_token_without_scopes_opens_nothing(server):
    for value in ("", "nothing:here", "output:reader", "OUTPUT:READ", "output:read,input:read"):
        yield repr(value), _scopeless, server, value


def _scopeless(server, value):
    token = tokens.token(ec, "ES256", tokens.claims(scope=value))
    server.get("/output/sales/snapshots", token=token).problem(403)


# --- every route -------------------------------------------------------------------------------

def _routes(server):
    """(method, path with its parameters filled in, is it open) of the OpenAPI document."""
    document = server.get("/discovery/openapi.json", token=None).expect(200).json
    default = document.get("security", [])
    for path, item in document["paths"].items():
        filled = re.sub(r"\{[^}]*\}", "x", path.replace("{dataset}", "sales"))
        if path.startswith("/input"):
            filled = re.sub(r"\{[^}]*\}", "1", path.replace("{dataset}", "orders"))
        methods = [name for name in item if name in ("get", "head", "post", "put", "delete",
                                                     "options", "patch")]
        for method in methods:
            security = item[method].get("security", default)
            yield method.upper(), filled, not security or {} in security, methods


def every_protected_route_asks_for_a_token(server):
    rows = list(_routes(server))
    assert len(rows) >= 20, rows
    for method, path, is_open, _ in rows:
        if not is_open:
            yield method + " " + path, _asks, server, method, path


def _asks(server, method, path):
    answer = server.request(method, path, token=None)
    if method == "HEAD":
        assert answer.status == 401, answer
    else:
        answer.problem(401, "unauthenticated")
    _challenge(answer)


def every_open_route_is_meant_to_be_open(server):
    for method, path, is_open, _ in _routes(server):
        if is_open:
            assert method in ("GET", "HEAD", "OPTIONS"), (method, path)
            # the link to a file is signed
            assert re.match(r"/$|/page\.(js|css)$|/\.well-known/|/discovery|/observability/health|"
                            r"/delta-sharing/files/", path), path


def a_wrong_method_is_405_with_what_is_allowed(server):
    seen = set()
    for _, path, _, methods in _routes(server):
        if path in seen:
            continue
        seen.add(path)
        for wrong in ("DELETE", "PUT", "POST", "GET"):
            if wrong.lower() not in methods:
                yield wrong + " " + path, _wrong_method, server, wrong, path, methods
                break


def _wrong_method(server, wrong, path, methods):
    answer = server.request(wrong, path)
    answer.problem(405, "method-not-allowed")
    allowed = {name.strip() for name in answer.header("Allow").split(",")}
    assert {name.upper() for name in methods} <= allowed, answer.headers
    assert wrong not in allowed
    if "GET" in allowed:
        assert "HEAD" in allowed


def HEAD_answers_where_GET_does(server):
    for method, path, _, _ in _routes(server):
        if method == "GET":
            yield path, _head, server, path


def _head(server, path):
    get, head = server.get(path), server.request("HEAD", path)
    assert head.status == get.status, (head.status, get.status)
    assert head.body == b"", head.body
    assert head.header("Content-Type") == get.header("Content-Type"), (head.headers, get.headers)
    assert head.header("ETag") == get.header("ETag")


def OPTIONS_answers_everywhere(server):
    for path in sorted({path for _, path, _, _ in _routes(server)}):
        yield path, _options, server, path


def _options(server, path):
    answer = server.request("OPTIONS", path, token=None)
    assert answer.status in (200, 204), answer
    assert answer.header("Allow"), answer.headers


# --- the private key ---------------------------------------------------------------------------

def the_token_command_prints_the_token_alone(_):
    with Server() as server:
        made = entrepot.run("token", "--data-dir", server.data_dir, "--scope", "output:read",
                            "--subject", "me", "--ttl", "60")
        assert made.returncode == 0, made.stderr
        assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+\n", made.stdout), made.stdout
        assert server.get("/output/sales/snapshots", token=made.stdout.strip()).status == 200
        assert server.get("/input/orders/deliveries", token=made.stdout.strip()).status == 403
        key = server.data_dir / "token-key.pem"
        assert key.stat().st_mode & 0o777 == 0o600, oct(key.stat().st_mode)
        server.stop_cleanly()


def the_token_command_refuses_what_makes_no_sense(_):
    for name, arguments in (
            ("unknown scope", ["--scope", "output:everything"]),
            ("no life", ["--scope", "output:read", "--ttl", "0"]),
            ("a negative life", ["--scope", "output:read", "--ttl", "-5"]),
            ("no data directory", ["--scope", "output:read", "--data-dir", "/nowhere"])):
        yield name, _no_token, arguments


def _no_token(arguments):
    if "--data-dir" not in arguments:
        arguments = arguments + ["--data-dir", folder / "keys"]
    made = entrepot.run("token", "--subject", "me", *arguments)
    assert made.returncode > 0 and made.stdout == "" and made.stderr, made


if __name__ == "__main__":
    try:
        entrepot.main(globals(), "--jwks", jwks, "--issuer", tokens.ISSUER,
                      mint=lambda scope, subject: tokens.token(
                          ec, "ES256", tokens.claims(scope=scope, sub=subject)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
