"""AWS Signature V4 for pre-signed URLs (dossier jaggaer.md, section 6)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote, unquote

ALGORITHM = "AWS4-HMAC-SHA256"
Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Key:
    """A key pair of the emulated AWS account."""

    id: str
    secret: str = field(repr=False)
    region: str = "us-east-2"

    def scope(self, day: str) -> str:
        """`date/region/s3/aws4_request`."""
        return f"{day}/{self.region}/s3/aws4_request"


def canonical_request(method: str, host: str, path: str, pairs: Pairs) -> str:
    """The text whose hash is signed; `path` and `pairs` are decoded, `pairs` hold no signature."""
    query = "&".join(f"{name}={value}" for name, value in sorted((_quote(n), _quote(v)) for n, v in pairs))
    return "\n".join([method, quote(path, safe="/-_.~"), query, f"host:{host}", "", "host", "UNSIGNED-PAYLOAD"])


def signature(key: Key, stamp: str, canonical: str) -> str:
    """The hex signature of a canonical request made at `stamp` (`20260102T030405Z`)."""
    day = stamp[:8]
    text = "\n".join([ALGORITHM, stamp, key.scope(day), hashlib.sha256(canonical.encode()).hexdigest()])
    chain = f"AWS4{key.secret}".encode()
    for part in (day, key.region, "s3", "aws4_request"):
        chain = _hmac(chain, part)
    return _hmac(chain, text).hex()


def presign(key: Key, host: str, path: str, *, at: datetime, expires: int, extra: Pairs) -> str:
    """The path and query of a GET URL for `path` that lives `expires` seconds from `at`."""
    stamp = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    pairs = [
        ("X-Amz-Algorithm", ALGORITHM),
        ("X-Amz-Date", stamp),
        ("X-Amz-SignedHeaders", "host"),
        ("X-Amz-Expires", str(expires)),
        ("X-Amz-Credential", f"{key.id}/{key.scope(stamp[:8])}"),
        *extra,
    ]
    signed = signature(key, stamp, canonical_request("GET", host, path, pairs))
    query = "&".join(f"{name}={_quote(value)}" for name, value in [*pairs, ("X-Amz-Signature", signed)])
    return f"{quote(path, safe='/-_.~')}?{query}"


def split_query(raw_query: str) -> Pairs:
    """Names and values of a raw query, percent-decoded; `+` stays what it is."""
    pairs = []
    for item in raw_query.split("&") if raw_query else []:
        name, _, value = item.partition("=")
        pairs.append((unquote(name), unquote(value)))
    return pairs


def is_genuine(key: Key, method: str, host: str, path: str, pairs: Pairs) -> bool:
    """Whether the signature in `pairs` belongs to this request; its age is not looked at."""
    fields = dict(pairs)
    stamp = fields.get("X-Amz-Date", "")
    if fields.get("X-Amz-Credential") != f"{key.id}/{key.scope(stamp[:8])}":
        return False
    unsigned = [(name, value) for name, value in pairs if name != "X-Amz-Signature"]
    expected = signature(key, stamp, canonical_request(method, host, path, unsigned))
    return hmac.compare_digest(expected.encode(), fields.get("X-Amz-Signature", "").encode())


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _quote(text: str) -> str:
    return quote(text, safe="-_.~")
