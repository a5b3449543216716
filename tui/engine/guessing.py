"""What a pasted text tells of the connection that its job needs: for a user who has a URL and no connection yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from tui import vendors
from tui.engine.credentials import credentials_in, kept_as
from tui.engine.door import ConnectionDraft
from tui.engine.paste import read_paste
from tui.errors import UsageError
from tui.model import Connection, Reference
from tui.vendors.contract import Pasted, Vendor


def drafts_for(text: str, at: datetime) -> tuple[ConnectionDraft, ...]:
    """A draft for each vendor that the address in the text can be of; none for a text without an address.

    Its credentials are in the drafts, and whatever else of the address is a setting there by its name.
    """
    try:
        pasted = read_paste(text, at)
    except UsageError:
        return ()
    url = pasted.url
    if url is None:
        return ()
    known = [vendors.load(name) for name in vendors.names()]
    return tuple(_draft(vendor, base, url, text) for vendor in known if (base := _base_url(vendor, pasted, url)))


def _draft(vendor: Vendor, base_url: str, url: str, text: str) -> ConnectionDraft:
    found = credentials_in(text)
    known = {setting.name: setting for setting in vendor.settings}
    settings = {"base_url": base_url}
    for name, value in _told_in(url):
        if name in known and not known[name].choices:
            settings[name] = value
    user = next((one.user for one in found if one.user), None)
    if user is not None and "username" in known:
        settings["username"] = user
    secrets = kept_as(found, [secret.name for secret in vendor.secrets])
    return ConnectionDraft(vendor.name, vendor.name, tuple(settings.items()), tuple(secrets.items()))


def _told_in(url: str) -> Iterator[tuple[str, str]]:
    """The fields of the query by the names that settings have: `orgId` is `org_id`."""
    for name, value in parse_qsl(urlsplit(url).query):
        yield "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name), value


def _base_url(vendor: Vendor, pasted: Pasted, url: str) -> str | None:
    """The vendor's address in front of what names the job; None where the vendor does not know the rest."""
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    wanted = _read(vendor, pasted, origin)
    if wanted is None:
        return None
    default = next((setting.default for setting in vendor.settings if setting.name == "base_url"), None)
    if default is not None and url.startswith(f"{default}/"):
        return default
    folders = parts.path.strip("/").split("/")
    for count in range(len(folders) - 1, 0, -1):
        front = "/" + "/".join(folders[:count])
        shorter = origin + url.removeprefix(origin).removeprefix(front)
        if _read(vendor, replace(pasted, text=shorter, url=shorter), origin) == wanted:
            return origin + front
    return origin


def _read(vendor: Vendor, pasted: Pasted, base_url: str) -> Reference | None:
    options = {setting.name: setting.default or "" for setting in vendor.settings}
    try:
        return vendor.read_ref(pasted, Connection(vendor.name, vendor.name, base_url, options))
    except UsageError:
        return None
