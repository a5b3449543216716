"""From a pasted text to a connection and a reference (CONTRACT section 2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from tui.address import same_origin
from tui.errors import UsageError
from tui.model import Connection, Reference
from tui.text import is_safe_line
from tui.vendors.contract import LinksElsewhere, Pasted, Vendor


@dataclass(frozen=True, slots=True)
class Found:
    """A job as the user named it, and the connection to ask."""

    connection: Connection
    reference: Reference


def find(pasted: Pasted, connections: Iterable[Connection], vendor_of: Callable[[str], Vendor]) -> Found:
    """Find the one connection that the text belongs to. Raises UsageError when none or several fit."""
    candidates = tuple(connections)
    if not candidates:
        raise UsageError("there is no connection yet", hint="describe one in config.toml, or try jobdeck --demo")
    if pasted.url:
        candidates = _of_address(pasted.url, candidates, vendor_of)
    found, mistakes = _read_all(pasted, candidates, vendor_of)
    if len(found) == 1:
        return found[0]
    if not found and mistakes:
        raise mistakes[0]
    if not found:
        names = ", ".join(connection.name for connection in candidates)
        raise UsageError(
            f"this names no job that {names} could have", hint="give an id, a URL, a JSON reply or a curl command"
        )
    names = ", ".join(one.connection.name for one in found)
    raise UsageError(f"several connections fit: {names}", hint="say which one with -c CONNECTION")


def _read_all(
    pasted: Pasted, connections: Iterable[Connection], vendor_of: Callable[[str], Vendor]
) -> tuple[list[Found], list[UsageError]]:
    found: list[Found] = []
    mistakes: list[UsageError] = []
    for connection in connections:
        try:
            reference = vendor_of(connection.vendor).read_ref(pasted, connection)
        except UsageError as error:  # meant for this vendor, but wrong; another connection may still take it
            mistakes.append(error)
            continue
        if reference is None:
            continue
        if is_safe_line(reference.id):
            found.append(Found(connection, reference))
        else:
            mistakes.append(UsageError(f"no job has such an id: {reference.id}", hint="copy it again"))
    return found, mistakes


def _of_address(
    url: str, connections: tuple[Connection, ...], vendor_of: Callable[[str], Vendor]
) -> tuple[Connection, ...]:
    """Those whose host it is; else those whose vendor gives out such addresses of other hosts."""
    found = tuple(connection for connection in connections if same_origin(url, connection.base_url))
    found = found or tuple(one for one in connections if _links_to(vendor_of(one.vendor), url))
    if not found:
        names = ", ".join(connection.name for connection in connections)
        raise UsageError(
            f"the URL's host {urlsplit(url).hostname or '?'} is not that of {names}",
            hint="use a connection whose base_url has this host",
        )
    return found


def _links_to(vendor: Vendor, url: str) -> bool:
    return isinstance(vendor, LinksElsewhere) and vendor.is_own_link(url)
