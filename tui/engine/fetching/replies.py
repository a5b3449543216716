"""What a file's server says, before a byte of it is believed (facts: downloads, sections 3.1 and 3.2)."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx

from tui.engine.fetching.names import ending_of
from tui.engine.fetching.spans import Span
from tui.engine.wire.plain_answer import fields_of
from tui.errors import AskError
from tui.model import ProblemKind
from tui.moments import http_date
from tui.untrusted_json import read_json
from tui.vendors.contract import Reply, retry_after

_RANGE = re.compile(r"bytes (\d{1,19})-(\d{1,19})/(\d{1,19}|\*)")
_STRONG_ETAG = re.compile(r'"[\x21\x23-\x7e\x80-\xff]*"')
_MD5_ETAG = re.compile(r'"([0-9a-fA-F]{32})"')
_STRONG_AFTER = timedelta(seconds=60)
"""A Last-Modified younger than this may hide a second change in the same second (RFC 9110, 8.8.2.2)."""
_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
_NEVER_JSON = frozenset(
    {".zip", ".gz", ".7z", ".csv", ".tsv", ".parquet", ".pdf", ".dwg", ".rvt", ".png", ".jpg", ".xlsx"}
)
_WEB_PAGES = (".html", ".htm", ".xhtml")
_ASK = "ask who runs the server, or what stands between"


class ChangedError(Exception):
    """The object is not the one that the bytes before came from; or the server does not go on in it."""


class LinkRefusedError(AskError):
    """The server refuses the address (401, 403): it has died, or is not known there yet."""

    def __init__(self, status: int, said: AskError | None = None) -> None:
        """`said` is what the vendor itself says of it."""
        told = f"the file's server refused the link ({status})"
        hint = "the link has died, or the account may not read it: start the job again, or check its rights"
        super().__init__(ProblemKind.GONE, told, hint=hint)
        self.said = said


class CrowdedError(AskError):
    """The server asks for fewer requests at a time (429, 503)."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a good answer says of the whole object. `validator` is None where nothing may be joined to it later."""

    total: int | None
    validator: str | None
    etag: str | None
    modified: str | None
    media_type: str
    disposition: str
    sha256: str | None = None
    """Of the whole object, hex, where a header gives it."""

    @property
    def md5(self) -> str | None:
        """The ETag, hex, where it looks like an MD5."""
        match = _MD5_ETAG.fullmatch(self.etag or "")
        return match[1].lower() if match else None

    def matches(self, validator: str) -> bool:
        """Whether this is the object that the validator was taken from."""
        return validator in (self.etag, self.modified)


def refuse_failure(response: httpx.Response, now: datetime) -> None:
    """Raises AskError, in our words, for every status but 200 and 206; ChangedError where the object moved.

    A refused link (401, 403) is the caller's, who knows whom to ask for the vendor's own words.
    """
    status = response.status_code
    if status in (200, 206):
        return
    if status in (412, 416):
        raise ChangedError
    wait = _wait(response, now)
    if status in (404, 410):
        raise AskError(
            ProblemKind.GONE,
            f"the file is not there ({status})",
            hint="the vendor may have removed it; run the job again",
        )
    told = f"the file's server answered {status}"
    if status in (429, 503):
        raise CrowdedError(ProblemKind.UNREACHABLE, told, hint="it is busy: try again later", retry_after=wait)
    if status in _RETRIED:
        raise AskError(ProblemKind.UNREACHABLE, told, hint="it has trouble: try again later", retry_after=wait)
    raise AskError(
        ProblemKind.BAD_REPLY, f"{told}, which is no file", hint="a proxy may stand between; ask who runs the server"
    )


def read_whole(status: int, headers: Mapping[str, str], name: str, *, size: int | None, is_hashed: bool) -> Told:
    """A 200, its headers by names in lower case. Raises AskError when what comes is not the file called `name`.

    Packed bytes are the file where its hash will prove it, or where they are said to be as many as the vendor's `size`.
    """
    if status != 200:
        raise AskError(ProblemKind.BAD_REPLY, "the file's server answered 206, a part that nobody asked for", hint=_ASK)
    refuse_web_page(headers, name)
    coding = headers.get("content-encoding", "identity")
    if coding != "identity" and not is_hashed and (size is None or _length(headers) != size):
        told = f"the file's server packs the bytes ({coding}) although told not to"
        raise AskError(ProblemKind.BAD_REPLY, told, hint=_ASK)
    return _told(headers, _length(headers))


def read_part(response: httpx.Response, asked: Span, validator: str | None) -> Told:
    """A 206 that must begin where we asked and end no later. Raises AskError, or ChangedError for another object."""
    if response.status_code == 200:
        raise ChangedError
    headers = fields_of(response.headers.raw)
    if headers.get("content-encoding", "identity") != "identity":
        raise ChangedError
    match = _RANGE.fullmatch(headers.get("content-range", "").strip())
    if match is None:
        raise AskError(ProblemKind.BAD_REPLY, "the file's server does not say which part it sends", hint=_ASK)
    first, last = int(match[1]), int(match[2])
    total = None if match[3] == "*" else int(match[3])
    if first != asked.first or last >= asked.end or (total is not None and last >= total):
        raise AskError(ProblemKind.BAD_REPLY, "the file's server sends another part than was asked for", hint=_ASK)
    told = _told(headers, total)
    if validator is not None and not told.matches(validator):
        raise ChangedError
    return told


def _told(headers: Mapping[str, str], total: int | None) -> Told:
    etag, modified = headers.get("etag"), headers.get("last-modified")
    return Told(
        total=total,
        validator=_validator(headers),
        etag=etag,
        modified=modified,
        media_type=headers.get("content-type", "").partition(";")[0].strip().lower(),
        disposition=headers.get("content-disposition", ""),
        sha256=_whole_sha256(headers),
    )


def _validator(headers: Mapping[str, str]) -> str | None:
    if "content-encoding" in headers:
        return None
    etag = headers.get("etag")
    if etag is not None:
        return etag if _STRONG_ETAG.fullmatch(etag) else None
    modified = headers.get("last-modified", "")
    sent, changed = http_date(headers.get("date", "")), http_date(modified)
    return modified if sent and changed and sent - changed >= _STRONG_AFTER else None


def _whole_sha256(headers: Mapping[str, str]) -> str | None:
    """S3's checksum of an object that was stored in one piece, or a Repr-Digest (RFC 9530)."""
    stored = headers.get("x-amz-checksum-sha256") if headers.get("x-amz-checksum-type") != "COMPOSITE" else None
    if not stored and "repr-digest" not in headers:
        return None
    named = re.search(r"sha-256=:([A-Za-z0-9+/=]+):", headers.get("repr-digest", ""))
    text = stored or (named[1] if named else "")
    try:
        value = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return value.hex() if len(value) == 32 else None


def _length(headers: Mapping[str, str]) -> int | None:
    """The Content-Length. Raises AskError for what is none: a body whose end nobody knows is no file."""
    if "transfer-encoding" in headers or "content-length" not in headers:
        return None
    value = headers["content-length"]
    if not (value.isascii() and value.isdigit() and len(value) < 20):
        raise AskError(ProblemKind.BAD_REPLY, "the file's server gives a length that is none", hint=_ASK)
    return int(value)


def refuse_web_page(headers: Mapping[str, str], name: str) -> None:
    """A sign-in or error page that comes with status 200 is not the file, nor any news of it. Raises AskError."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("text/html", "application/xhtml+xml") and not name.lower().endswith(_WEB_PAGES):
        told = "the file's server sent a web page instead of the file"
        raise AskError(ProblemKind.BAD_REPLY, told, hint="a login page may stand between; ask who runs the server")


def is_error_text(start: bytes, media_type: str, name: str) -> bool:
    """Whether a short body is an error in place of the file: S3's XML, or JSON where another kind is due."""
    ending = ending_of(name).lower()
    if ending != ".xml" and re.match(rb"\s*(<\?xml[^>]*>\s*)?<Error>", start):
        return True
    is_json = media_type == "application/json" or media_type.endswith("+json")
    return is_json and ending in _NEVER_JSON and _is_json_text(start)


def _is_json_text(start: bytes) -> bool:
    """Gateways call all that they pass on JSON: what counts is what it is."""
    try:
        return isinstance(read_json(start), dict | list | str)
    except ValueError:
        return False


def _wait(response: httpx.Response, now: datetime) -> float | None:
    return retry_after(Reply(response.status_code, response.headers, b"", now))
