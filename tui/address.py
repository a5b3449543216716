"""Whether two addresses belong to one server, and where a redirect leads: a login is never carried away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tui.errors import AskError
from tui.model import ProblemKind

if TYPE_CHECKING:
    import httpx


Origin = tuple[str, str, int | None]


def origin(base_url: str) -> Origin:
    """Scheme, host and port of a connection's address, one however it is written.

    One that leads nowhere, e.g. to `10.0.0.300`, is like itself alone.
    """
    try:
        return _origin(base_url)
    except ValueError:
        return "", base_url, None


def place(base_url: str) -> tuple[Origin, str]:
    """What a connection's address leads to, one however it is written: many may share a host."""
    server = origin(base_url)
    return server, _parsed(base_url).path.rstrip("/") if server[0] else ""


def same_origin(one: str, other: str) -> bool:
    """Whether two absolute URLs have the same scheme, host and port; False for what is no URL."""
    try:
        return _origin(one) == _origin(other)
    except ValueError:
        return False


def has_host(url: str) -> bool:
    """Whether it is a URL that names a host."""
    try:
        return bool(_parsed(url).host)
    except ValueError:
        return False


def joined(url: str, location: str) -> str:
    """Where a relative or absolute address leads from a URL. Raises ValueError for what is no address."""
    return str(_parsed(url, location))


def below(base_url: str, path: str) -> str:
    """The address of a path below a connection's own address."""
    return f"{base_url.rstrip('/')}/{path.lstrip('/')}"


def next_address(url: str, location: str) -> str:
    """Where a redirect leads, without user or password. Raises AskError for what is not to be followed."""
    try:
        target = _parsed(url, location).copy_with(userinfo=b"")
    except ValueError:
        raise _no_redirect("to what is no address") from None
    if target.scheme not in ("http", "https") or not target.host:
        raise _no_redirect("to what is no web address")
    if target.scheme == "http" and _parsed(url).scheme == "https":
        raise _no_redirect("from https to http, where everybody can read it")
    return str(target)


def host_of(text: str) -> str | None:
    """A host's name or address alone, as it stands in the URLs that lead to it; None for anything else."""
    try:
        url = _parsed(f"https://[{text}]" if text.count(":") > 1 and not text.startswith("[") else f"https://{text}")
    except ValueError:
        return None
    is_host = url.raw_path == b"/" and not (url.userinfo or url.port or url.fragment or text.endswith(("/", ":", "?")))
    host = url.raw_host.decode("ascii")
    return host if host and is_host and not re.search(r"[\s*%\[\]]", host) and "#" not in text else None


def _no_redirect(where: str) -> AskError:
    return AskError(ProblemKind.BAD_REPLY, f"the file's server sends on {where}", hint="ask who runs the server")


def _origin(url: str) -> Origin:
    parts = _parsed(url)
    return parts.scheme, parts.host, parts.port


def _parsed(url: str, location: str | None = None) -> httpx.URL:
    """The URL, or where a location leads from there. Raises ValueError for what is no URL."""
    import httpx  # noqa: PLC0415  # the board loads an HTTP client after its first frame

    try:
        return httpx.URL(url) if location is None else httpx.URL(url).join(location)
    except httpx.InvalidURL as error:
        raise ValueError("no URL") from error
