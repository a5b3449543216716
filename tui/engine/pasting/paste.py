"""What the user pasted: a reference, a URL, a JSON text or a whole curl command; its credentials are cut off here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import unquote_plus, urlsplit, urlunsplit

from tui.engine.pasting.curl import DATA_OPTIONS, curl_options
from tui.errors import UsageError
from tui.secret_names import ENDINGS
from tui.vendors.contract import Pasted

_MORE_SECRET_NAMES = (
    *("login", "clientsecret", "xapikey", "proxyauthorization", "sig", "awsaccesskeyid"),
    *("accesstoken", "refreshtoken", "idtoken", "authtoken", "xauthtoken", "xaccesstoken"),
    *("apimaccesstoken", "apimsignature", "xamzsecuritytoken", "xamzsignature"),
)
_SECRET_NAMES = frozenset((*(word.replace("_", "") for word in ENDINGS), *_MORE_SECRET_NAMES))
"""The plain names of what signs somebody in, in a query, a form or a header. Whole names: a `pageToken` is none."""
_BODY_OPTIONS = DATA_OPTIONS | {"--json"}


def read_paste(text: str, at: datetime) -> Pasted:
    """Take a pasted text apart; `at` is when it was pasted. Raises UsageError for what cannot be used."""
    text = text.strip()
    if not text:
        raise UsageError("there is nothing to track", hint="give an id, a URL, a JSON reply or a curl command")
    refuse_bytes(text)
    if (options := curl_options(text)) is not None:
        return _read_curl(options, at)
    if text.startswith(("{", "[")):
        return Pasted(text=text, body=text, at=at)
    if "://" in text and not any(character.isspace() for character in text):
        url = without_credentials(text)
        return Pasted(text=url, url=url, at=at)
    return Pasted(text=text, at=at)


def refuse_bytes(text: str) -> None:
    """Raise UsageError for what came as bytes that are no UTF-8: no file of ours and no request can hold it."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise UsageError("this is no UTF-8 text", hint="paste it from a UTF-8 source")


def without_credentials(url: str) -> str:
    """The URL without user, password and query fields that are secrets; all else stays byte for byte."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # reading it is what checks it
    except ValueError:  # its text would show what stands where the host should
        raise UsageError("this is not a usable URL", hint="paste the whole address") from None
    host = parts.netloc.rpartition("@")[2]
    fields = [field for field in parts.query.split("&") if field and not is_secret_field(field)]
    return urlunsplit((parts.scheme, host, parts.path, "&".join(fields), ""))


def is_secret_field(field: str) -> bool:
    """Whether a field `NAME=VALUE` of a query is, by its name, nothing to store or to show."""
    names = (part.partition("=")[0] for part in field.split(";"))
    return any(plain_name(name) in _SECRET_NAMES for name in names)


def plain_name(name: str) -> str:
    """A field's name in one spelling: `API-Key`, `api_key` and `apiKey` are one."""
    return unquote_plus(name).strip().lower().replace("_", "").replace("-", "")


def _read_curl(options: Iterable[tuple[str, str]], at: datetime) -> Pasted:
    url = body = None
    for option, value in options:
        if option in _BODY_OPTIONS:
            body = value.removeprefix("$")  # $'…' is how browsers quote for bash
        elif option in ("", "--url") and "://" in value and url is None:
            url = without_credentials(value)
    if url is None:
        raise UsageError("the curl command names no URL", hint="paste it whole")
    return Pasted(text=url, url=url, body=body, at=at)
