"""Aspera: the command that fetches a `fasp:` or `faspe:` link, as the vendor's own client was seen (dossier section 8).

A link is taken apart by hand: it may hold raw blanks and padding that a URL parser would change (trap 8). Nothing of
it may be taken for an option or, by `ascli`, for an `@ruby:` text to be run.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from tui.errors import UsageError
from tui.model import Secret
from tui.redact import remember
from tui.vendors.contract import HandOver

ASCLI, ASCP = "ascli", "ascp"
_KEY_NAME = "aspera_tokenauth_id_rsa"
_KEY_VARIABLE = "ASPERA_SCP_PASS"
"""The variable in which ascp looks for the key's passphrase; the user's own, never ours."""
_PORT, _USER = 33001, "xfer"

_LINK = re.compile(
    r"(?i)(?P<scheme>faspe?):(?://)?(?:(?P<user>[^/?]*)@)?(?P<host>\[[0-9a-f:.]+\]|[^/?:@]+)(?::(?P<port>\d{1,5}))?"
)
_GOOD_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,99}")
_GOOD_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}|\[[0-9A-Fa-f:.]+\]")
_ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}")
_HINT = "copy the link and fetch it by hand"


@dataclass(frozen=True, slots=True)
class FaspLink:
    """A link's parts; the path starts with a slash."""

    is_faspex: bool
    user: str
    host: str
    port: int
    path: str
    token: Secret
    cookie: Secret | None = field(default=None)


def read_link(link: str) -> FaspLink:
    """Take a link apart. Raises UsageError, without the link, for one that no command can be made of."""
    where, mark, query = link.strip().partition("?")
    match = _LINK.match(where)
    if match is None or not where[match.end() :].startswith("/") or not where.isprintable():
        raise UsageError("this is no fasp link with a host and a path", hint=_HINT)
    user, host = (match["user"] or _USER).partition(":")[0], match["host"]
    port, path = int(match["port"] or _PORT), where[match.end() :]
    if not (_GOOD_USER.fullmatch(user) and _GOOD_HOST.fullmatch(host) and 0 < port < 65_536):
        raise UsageError("the link's user, host or port cannot be given to another program", hint=_HINT)
    if " " not in path and _ESCAPED.search(path):
        path = unquote(path)
    pairs = (pair.partition("=") for pair in query.split("&"))
    fields = {name.lower(): unquote(value) for name, _, value in pairs}  # a plus stays a plus
    token, cookie = fields.get("token", ""), fields.get("cookie", "")
    if not mark or not token or "\0" in token + cookie + path:
        raise UsageError("the link holds no token", hint="refresh the job; links of long ago lose theirs")
    for secret in (token, cookie):
        remember(Secret(secret), lasting=False)  # a program may tell of it in its own words
    is_faspex = match["scheme"].lower() == "faspe"
    return FaspLink(is_faspex, user, host, port, path, Secret(token), Secret(cookie) if cookie else None)


def by_ascli(link: str, folder: Path) -> HandOver:
    """The vendor's command-line client: it reads what is secret from the environment."""
    told = read_link(link)
    if told.is_faspex:
        received = (ASCLI, "faspex", "package", "recv", "--link=@env:JOBDECK_LINK", f"--to-folder={folder}")
        return HandOver(received, {"JOBDECK_LINK": Secret(link.strip())})
    spec = {"token": told.token.reveal()} | ({"cookie": told.cookie.reveal()} if told.cookie else {})
    argv = (
        ASCLI,
        "server",
        f"--url=ssh://{told.host}:{told.port}",
        f"--username={told.user}",
        "--ts=@json:@env:TS",
        "download",
        told.path,
        f"--to-folder={folder}",
    )
    return HandOver(argv, {"TS": Secret(json.dumps(spec))})


def by_ascp(link: str, folder: Path, key: Path) -> HandOver:
    """The transfer program itself; the file list holds the path, the target is given in base64."""
    told = read_link(link)
    listed = folder / f".jobdeck-{hashlib.sha256(told.path.encode()).hexdigest()[:12]}.list"
    target = base64.b64encode(str(folder).encode()).decode()
    where = ("--host", told.host.strip("[]"), "--user", told.user, "-k", "2", "-P", str(told.port))
    argv = (ASCP, "-i", str(key), "-d", "--mode", "recv", *where, "--dest64", f"--file-list={listed}", target)
    environ = {"ASPERA_SCP_TOKEN": told.token} | ({"ASPERA_SCP_COOKIE": told.cookie} if told.cookie else {})
    needs = (_KEY_VARIABLE,) if _is_locked(key) else ()
    return HandOver(argv, environ, {listed: f"{told.path}\n"}, needs)


def _is_locked(key: Path) -> bool:
    """Whether the key asks for a passphrase, as the one in IBM's own packages does."""
    try:
        with key.open("rb") as opened:
            return b"ENCRYPTED" in opened.read(200)
    except OSError:
        return False


def token_key(places: Sequence[Path] | None = None) -> Path:
    """The well-known key that comes with Aspera's clients. Raises UsageError when it is nowhere."""
    for place in _usual_places() if places is None else places:
        if (place / _KEY_NAME).is_file():
            return place / _KEY_NAME
    raise UsageError(f"ascp needs the key {_KEY_NAME}, and it is not here", hint="install ascli, or save the link")


def _usual_places() -> tuple[Path, ...]:
    home = Path.home() / ".aspera"
    found = shutil.which(ASCP)
    own = Path(found).resolve().parent if found else Path("/opt/aspera/bin")
    root = own.parent
    known = (home / "connect", home / "ascli", home / "sdk", Path("/opt/aspera"))
    return (own, *(place / inner for place in (root, *known) for inner in ("etc", "var", ".")))
