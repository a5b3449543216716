"""The vector of the dossier (jaggaer.md, section 6), checked there against boto3."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest

from tui.emulators import signing

KEY = signing.Key("AKIDEXAMPLE000000001", "example-secret-key-000000000000000000000")
HOST = "s3.us-east-2.amazonaws.com"
PATH = "/demo.async-results/EES_000001_9f3c"
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
CANONICAL = "ce5f95e6b2841f02be633a7ce51f842d5245bffb5fa1007e53b3b14295a26457"
SIGNATURE = "f0832390bde5b8d0e94f921395225160e32e02ca563694d92735f5418dd3473f"


def pairs_of(target: str) -> signing.Pairs:
    return signing.split_query(target.partition("?")[2])


def test_the_vector() -> None:
    pairs = pairs_of(signing.presign(KEY, HOST, PATH, at=AT, expires=300, extra=[]))
    assert dict(pairs)["X-Amz-Signature"] == SIGNATURE
    unsigned = [pair for pair in pairs if pair[0] != "X-Amz-Signature"]
    canonical = signing.canonical_request("GET", HOST, PATH, unsigned)
    assert hashlib.sha256(canonical.encode()).hexdigest() == CANONICAL


@pytest.mark.parametrize("path", ["/b/plain.zip", "/b/a dir/r+é%.zip", "/b/x[1]~.zip"])
def test_what_was_signed_is_genuine_in_any_order(path: str) -> None:
    target = signing.presign(KEY, HOST, path, at=AT, expires=300, extra=[("response-content-type", "a/b; c=d")])
    pairs = pairs_of(target)
    assert signing.is_genuine(KEY, "GET", HOST, path, pairs)
    assert signing.is_genuine(KEY, "GET", HOST, path, pairs[::-1])


def test_anything_altered_is_not_genuine() -> None:
    pairs = pairs_of(signing.presign(KEY, HOST, PATH, at=AT, expires=300, extra=[]))
    longer = [(name, "900" if name == "X-Amz-Expires" else value) for name, value in pairs]
    assert not signing.is_genuine(KEY, "HEAD", HOST, PATH, pairs)
    assert not signing.is_genuine(KEY, "GET", "other.example", PATH, pairs)
    assert not signing.is_genuine(KEY, "GET", HOST, PATH + "x", pairs)
    assert not signing.is_genuine(KEY, "GET", HOST, PATH, longer)
    assert not signing.is_genuine(KEY, "GET", HOST, PATH, [*pairs, ("response-content-type", "x")])
    assert not signing.is_genuine(signing.Key(KEY.id, "other"), "GET", HOST, PATH, pairs)


def test_the_secret_is_not_shown() -> None:
    assert KEY.secret not in repr(KEY)
