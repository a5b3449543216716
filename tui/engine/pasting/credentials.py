"""The credentials in a pasted text: what `paste` cuts off, for a user who wants to keep them in the keyring.

Pure, and the one place besides the keyring that holds them; nothing of them is stored or shown from here.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, unquote_plus, urlsplit

from tui.engine.pasting.curl import DATA_OPTIONS, curl_options
from tui.engine.pasting.paste import is_secret_field, plain_name
from tui.errors import UsageError
from tui.model import Secret

_FIELDS = {
    "password": ("password",),
    "passwd": ("password",),
    "pwd": ("password",),
    "apikey": ("api_key",),
    "xapikey": ("api_key",),
    "accesstoken": ("access_token",),
    "token": ("access_token",),
    "clientsecret": ("client_secret",),
    "secretkey": ("secret_key",),
    "basic": ("password", "client_secret"),
    "bearer": ("access_token",),
}
"""What a credential may be kept as, by the plain name under which it stood; others pass too soon to be kept."""
_USERS = ("username", "client_id")
"""The settings of a connection that say whose its secrets are."""
_USER_OPTIONS = frozenset({"-u", "--user"})
_HEADER_OPTIONS = frozenset({"-H", "--header"})
_FORM_OPTIONS = DATA_OPTIONS | {"--data-urlencode"}
_FORM = re.compile(r"[^\s{}\[\]=&]+=[^\s]*")


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret under the plain name that it had, and whose it is where the text tells."""

    name: str
    secret: Secret
    user: str | None = field(default=None, repr=False)


def credentials_in(text: str) -> tuple[Credential, ...]:
    """Everything in a pasted text that is cut off as a secret; nothing for a text that cannot be read."""
    text = text.strip()
    try:
        options = curl_options(text)
    except UsageError:
        return ()
    if options is not None:
        return tuple(_in_curl(options))
    return tuple(_in_url(text)) if "://" in text and not any(character.isspace() for character in text) else ()


def kept_as(found: Iterable[Credential], names: Iterable[str]) -> Mapping[str, Secret]:
    """Those that are secrets of a connection, by its fields; `names` are the fields that its vendor has."""
    known, kept = frozenset(names), dict[str, Secret]()
    for one in found:
        name = next((name for name in _FIELDS.get(one.name, ()) if name in known), None)
        if name is not None:
            kept.setdefault(name, one.secret)
    return kept


def is_of_another(found: Iterable[Credential], options: Mapping[str, str]) -> bool:
    """Whether the text names a user who is not the connection's."""
    users = {options[name] for name in _USERS if options.get(name)}
    return bool(users) and any(one.user is not None and one.user not in users for one in found)


def _in_url(url: str) -> Iterator[Credential]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return
    yield from _in_query(parts.query)
    login, at, _ = parts.netloc.rpartition("@")
    user, colon, password = login.partition(":")
    if at and colon and password:
        yield Credential("password", Secret(unquote(password)), unquote(user) or None)


def _in_query(query: str) -> Iterator[Credential]:
    pairs = [field.partition("=") for field in re.split("[&;]", query) if is_secret_field(field)]
    told = {plain_name(name): unquote_plus(value) for name, _, value in pairs}
    user = told.pop("login", None) or None
    for name, value in told.items():
        if value:
            yield Credential(name, Secret(value), user)


def _in_curl(options: Iterable[tuple[str, str]]) -> Iterator[Credential]:
    has_url = False
    for option, value in options:
        if option in ("", "--url") and "://" in value and not has_url:
            has_url = True
            yield from _in_url(value)
        elif option in _USER_OPTIONS:
            user, colon, password = value.partition(":")
            if colon and password:
                yield Credential("password", Secret(password), user or None)
        elif option in _HEADER_OPTIONS:
            yield from _in_header(value)
        elif option == "--oauth2-bearer" and value:
            yield Credential("bearer", Secret(value))
        elif option in ("-b", "--cookie") and value:
            yield Credential("cookie", Secret(value))
        elif option in _FORM_OPTIONS and _FORM.fullmatch(value):
            yield from _in_query(value)


def _in_header(line: str) -> Iterator[Credential]:
    name, _, value = line.partition(":")
    name, value = plain_name(name), value.strip()
    if not value:
        return
    if name == "authorization":
        yield from _in_authorization(value)
    elif is_secret_field(name):
        yield Credential(name, Secret(value))


def _in_authorization(value: str) -> Iterator[Credential]:
    scheme, _, proof = value.partition(" ")
    proof = proof.strip()
    if scheme.lower() != "basic":
        yield Credential("bearer" if scheme.lower() == "bearer" else "authorization", Secret(proof or value))
        return
    try:
        user, colon, password = base64.b64decode(proof, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return
    if colon and password:
        yield Credential("basic", Secret(password), user or None)
