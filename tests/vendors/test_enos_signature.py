"""EnOS: the signature against an independent implementation, for any query and any body (dossier section 1.2)."""

from __future__ import annotations

import hashlib

import httpx
from hypothesis import example, given
from hypothesis import strategies as st

from tests.clock import FakeClock
from tui.model import Secret
from tui.vendors._login import Token
from tui.vendors.enos.login import EnosLogin

texts = st.text(st.characters(codec="utf-8"), max_size=12)
queries = st.dictionaries(texts.filter(bool), texts, max_size=6)
plain = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)


def decoded(text: bytes) -> bytes:
    """Percent and plus signs taken back, byte by byte."""
    out, at = bytearray(), 0
    while at < len(text):
        if text[at : at + 1] == b"%":
            out.append(int(text[at + 1 : at + 3], 16))
            at += 3
        else:
            out += b" " if text[at : at + 1] == b"+" else text[at : at + 1]
            at += 1
    return bytes(out)


def expected(token: str, raw_query: bytes, body: bytes, stamp: str, secret: str) -> str:
    """What a server works out from the bytes on the wire; names are sorted by code point, as UTF-8 sorts them."""
    pairs = []
    for item in raw_query.split(b"&") if raw_query else []:
        name, _, value = item.partition(b"=")
        pairs.append((decoded(name), decoded(value)))
    digest = hashlib.sha256(token.encode())
    for name, value in sorted(pairs):
        digest.update(name + value)
    digest.update(body + stamp.encode() + secret.encode())
    return digest.hexdigest()


def signed(url: httpx.URL, body: bytes | None, token: str, secret: str) -> httpx.Request:
    request = httpx.Request("POST", url, content=body)
    EnosLogin(FakeClock(), "https://gateway.example", "key", Secret(secret)).sign(request, Token(Secret(token)))
    return request


@given(queries, st.binary(max_size=200) | st.none(), plain, plain)
@example({"orgId": "o1", "B": "", "_x": "1", "b": "ä +&=%"}, b'{ "b":1,\n "a":"\\u00e9" }\n', "T", "s")
def test_traps_01_and_02_any_query_and_body_are_signed_as_they_go_over_the_wire(
    query: dict[str, str], body: bytes | None, token: str, secret: str
) -> None:
    url = httpx.URL("https://gateway.example/x", params=query)
    request = signed(url, body, token, secret)
    stamp = request.headers["apim-timestamp"]
    made = expected(token, request.url.query, request.content, stamp, secret)
    assert request.headers["apim-signature"] == made
    assert request.content == (body or b"")


@given(queries, plain)
def test_trap_02_the_order_in_the_query_does_not_matter(query: dict[str, str], token: str) -> None:
    turned = dict(reversed(query.items()))
    urls = (httpx.URL("https://gateway.example/x", params=one) for one in (query, turned))
    first, second = (signed(url, b"", token, "s").headers["apim-signature"] for url in urls)
    assert first == second


@given(st.text("abc%+&=äß /?", max_size=20), st.sampled_from([b"", b"x"]))
def test_trap_02_a_query_that_was_pasted_is_signed_as_it_is_sent(raw: str, body: bytes) -> None:
    request = signed(
        httpx.URL(f"https://gateway.example/x?orgId={raw.replace('&', '').replace('%', '')}"), body, "T", "s"
    )
    stamp = request.headers["apim-timestamp"]
    assert request.headers["apim-signature"] == expected("T", request.url.query, body, stamp, "s")
