"""What the user pasted: a reference, a URL, a JSON text or a whole curl command; its credentials are cut off here."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote_plus, urlsplit, urlunsplit

from tui.errors import UsageError
from tui.vendors.contract import Pasted

_SECRET_QUERY = frozenset(
    {"login", "password", "passwd", "api_key", "apikey", "api-key", "x-api-key", "token", "access_token", "cookie"}
    | {"refresh_token", "id_token", "client_secret", "secret", "secret_key", "authorization", "signature", "sig"}
    | {"x-amz-signature", "x-amz-credential", "x-amz-security-token", "awsaccesskeyid", "apim-accesstoken"}
    | {"apim-signature"}
)
_CURL = re.compile(r"(?:\$\s+)?curl(?:\.exe)?\s", re.IGNORECASE)
_BODY_OPTIONS = frozenset({"-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json"})
_FLAGS = frozenset(
    {"--compressed", "--fail", "--fail-with-body", "--get", "--globoff", "--head", "--http1.1", "--http2", "--include"}
    | {"--insecure", "--ipv4", "--ipv6", "--location", "--location-trusted", "--no-buffer", "--no-progress-meter"}
    | {"--path-as-is", "--progress-bar", "--remote-header-name", "--remote-name", "--show-error", "--silent"}
    | {"--ssl-reqd", "--tlsv1.2", "--tlsv1.3", "--verbose", "--basic", "--digest", "--anyauth", "--negotiate", "--ntlm"}
)
"""Long options of curl that take no value; every other one does."""
_SHORT_FLAGS = frozenset("#0123465afgGijkIJlLnNOpqRsSvZ")
"""Short options of curl that take no value; what follows any other letter is its value."""


@dataclass(slots=True)
class _Curl:
    url: str | None = None
    body: str | None = None


def read_paste(text: str, at: datetime) -> Pasted:
    """Take a pasted text apart; `at` is when it was pasted. Raises UsageError for what cannot be used."""
    text = text.strip()
    if not text:
        raise UsageError("there is nothing to track", hint="give an id, a URL, a JSON reply or a curl command")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise UsageError("this is no UTF-8 text", hint="paste it from a UTF-8 source")
    if prompt := _CURL.match(text):
        curl = _read_curl(text[prompt.end() :])
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
    except ValueError:  # its text would show what stands where the host should
        raise UsageError("this is not a usable URL", hint="paste the whole address") from None
    host = parts.netloc.rpartition("@")[2]
    fields = [field for field in parts.query.split("&") if field and not _is_secret(field)]
    return urlunsplit((parts.scheme, host, parts.path, "&".join(fields), ""))


def _is_secret(field: str) -> bool:
    names = (part.partition("=")[0] for part in field.split(";"))
    return any(unquote_plus(name).strip().lower() in _SECRET_QUERY for name in names)


def _read_curl(text: str) -> _Curl:
    text = re.sub(r"\\\r?\n", " ", text)
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise UsageError(f"the curl command cannot be read: {error}", hint="paste it whole, with its quotes") from error
    curl = _Curl()
    for option, value in _options(words):
        if option in _BODY_OPTIONS:
            curl.body = value.removeprefix("$")  # $'…' is how browsers quote for bash
        elif option in ("", "--url") and "://" in value and curl.url is None:
            curl.url = without_credentials(value)
    if curl.url is None:
        raise UsageError("the curl command names no URL", hint="paste it whole")
    return curl


def _options(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    """curl's options with their values; what stands alone has the option ""."""
    rest = iter(words)
    for word in rest:
        if word.startswith("--"):
            option, equals, value = word.partition("=")
            takes_next = not equals and option not in _FLAGS and not option.startswith("--no-")
            yield option, next(rest, "") if takes_next else value
        elif word.startswith("-") and len(word) > 1:
            letters = word[1:].lstrip("".join(_SHORT_FLAGS))
            if letters:
                yield f"-{letters[0]}", letters[1:] or next(rest, "")
        else:
            yield "", word
