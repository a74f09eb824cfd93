"""Tokens of every kind, right and wrong, made byte by byte: no library would sign most of them."""
import hashlib
import hmac
import json
import time

from entrepot import ALL_SCOPES, base64url

ISSUER = "urn:test:issuer"
AUDIENCE = "urn:entrepot:shop"


def _integer(number, size=None):
    return base64url(number.to_bytes(size or (number.bit_length() + 7) // 8, "big"))


class Key:
    """A private key with its JWK: RSA, EC (P-256) or Ed25519."""

    def __init__(self, kind, kid):
        from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
        self.kind, self.kid = kind, kid
        if kind == "RSA":
            self.private = rsa.generate_private_key(65537, 2048)
            numbers = self.private.public_key().public_numbers()
            self.jwk = {"kty": "RSA", "n": _integer(numbers.n), "e": _integer(numbers.e)}
        elif kind == "EC":
            self.private = ec.generate_private_key(ec.SECP256R1())
            numbers = self.private.public_key().public_numbers()
            self.jwk = {"kty": "EC", "crv": "P-256", "x": _integer(numbers.x, 32),
                        "y": _integer(numbers.y, 32)}
        else:
            from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
            self.private = ed25519.Ed25519PrivateKey.generate()
            raw = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
            self.jwk = {"kty": "OKP", "crv": "Ed25519", "x": base64url(raw)}
        self.jwk.update(kid=kid, use="sig")

    def public_pem(self):
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
        return self.private.public_key().public_bytes(Encoding.PEM,
                                                      PublicFormat.SubjectPublicKeyInfo)

    def sign(self, algorithm, data):
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
        digest = hashes.SHA384() if algorithm.endswith("384") else hashes.SHA256()
        if self.kind == "EC":
            r, s = utils.decode_dss_signature(self.private.sign(data, ec.ECDSA(digest)))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        if self.kind == "OKP":
            return self.private.sign(data)
        if algorithm.startswith("PS"):
            return self.private.sign(data, padding.PSS(padding.MGF1(digest), digest.digest_size),
                                     digest)
        return self.private.sign(data, padding.PKCS1v15(), digest)


def claims(**changes):
    """Claims that are right now; None takes one away."""
    now = int(time.time())
    right = {"iss": ISSUER, "aud": AUDIENCE, "sub": "tester", "iat": now, "exp": now + 600,
             "scope": ALL_SCOPES}
    right.update(changes)
    return {name: value for name, value in right.items() if value is not None}


def compact(header, body, signature):
    head, payload = (part if isinstance(part, bytes) else json.dumps(part).encode()
                     for part in (header, body))
    signed = base64url(head) + "." + base64url(payload)
    return signed + "." + base64url(signature(signed.encode()))


def token(key, algorithm, body=None, **header):
    """A signed token; header fields are added or, with None, left out."""
    fields = {"alg": algorithm, "typ": "JWT", "kid": key.kid}
    fields.update(header)
    fields = {name: value for name, value in fields.items() if value is not None}
    return compact(fields, claims() if body is None else body,
                   lambda data: key.sign(algorithm, data))


def hmac_token(secret, body=None, **header):
    fields = {"alg": "HS256", "typ": "JWT"}
    fields.update(header)
    return compact(fields, claims() if body is None else body,
                   lambda data: hmac.new(secret, data, hashlib.sha256).digest())
