"""What the user pasted: a reference, a URL, a JSON text or a whole curl command; its credentials are cut off here."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote_plus, urlsplit, urlunsplit

from tui.errors import UsageError
from tui.vendors.contract import Pasted

_SECRET_QUERY = frozenset({"login", "password", "api_key", "apikey", "token", "access_token", "cookie"})
_BODY_OPTIONS = frozenset({"-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json"})
_VALUE_OPTIONS = frozenset(
    {"-H", "--header", "-X", "--request", "-u", "--user", "-o", "--output", "-b", "--cookie", "-A", "--user-agent"}
    | {"-e", "--referer", "-x", "--proxy", "--cacert", "--cert", "--key", "-m", "--max-time", "--connect-timeout"}
)


@dataclass(slots=True)
class _Curl:
    url: str | None = None
    body: str | None = None


def read_paste(text: str, at: datetime) -> Pasted:
    """Take a pasted text apart; `at` is when it was pasted. Raises UsageError for an unusable curl command."""
    text = text.strip()
    if not text:
        raise UsageError("there is nothing to track", hint="give an id, a URL, a JSON reply or a curl command")
    if text.startswith("curl "):
        curl = _read_curl(text)
        return Pasted(text=curl.url or "", url=curl.url, body=curl.body, at=at)
    if text.startswith(("{", "[")):
        return Pasted(text=text, body=text, at=at)
    if "://" in text and not any(character.isspace() for character in text):
        url = without_credentials(text)
        return Pasted(text=url, url=url, at=at)
    return Pasted(text=text, at=at)


def without_credentials(url: str) -> str:
    """The URL without user, password and query fields that are secrets; all else stays byte for byte."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # reading it is what checks it
    except ValueError as error:
        raise UsageError(f"this is not a usable URL: {error}", hint="paste the whole address") from error
    host = parts.netloc.rpartition("@")[2]
    fields = [field for field in parts.query.split("&") if field and not _is_secret(field)]
    return urlunsplit((parts.scheme, host, parts.path, "&".join(fields), ""))


def _is_secret(field: str) -> bool:
    return unquote_plus(field.partition("=")[0]).lower() in _SECRET_QUERY


def _read_curl(text: str) -> _Curl:
    try:
        words = shlex.split(text.replace("\\\r\n", " ").replace("\\\n", " "))
    except ValueError as error:
        raise UsageError(f"the curl command cannot be read: {error}", hint="paste it whole, with its quotes") from error
    curl = _Curl()
    rest = iter(words[1:])
    for word in rest:
        option, equals, value = word.partition("=")
        if option in _BODY_OPTIONS:
            curl.body = value if equals and option.startswith("--") else next(rest, "")
        elif word == "--url":
            curl.url = without_credentials(next(rest, ""))
        elif word in _VALUE_OPTIONS:
            next(rest, None)
        elif "://" in word and not word.startswith("-"):
            curl.url = without_credentials(word)
    if curl.url is None:
        raise UsageError("the curl command names no URL", hint="paste it whole")
    return curl
