"""Connections that are still being typed, or that a pasted text tells of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import SplitResult, parse_qsl, urlsplit

from tui import vendors
from tui.config.draft import mistakes
from tui.engine.facts.connections import ConnectionDraft, Mistake
from tui.engine.pasting.credentials import Credential, credentials_in, kept_as
from tui.errors import UsageError
from tui.model import Connection
from tui.text import safe_line
from tui.vendors.contract import Pasted, Vendor

_LONGEST = 4000
"""Characters of a setting."""


def mistakes_in(draft: ConnectionDraft, taken: Iterable[str]) -> tuple[Mistake, ...]:
    """What is wrong in a draft; the names in `taken` are other connections'."""
    found = [Mistake(key, error.message) for key, error in mistakes(draft.name, draft.vendor, draft.settings)]
    if draft.name in taken:
        found.insert(0, Mistake("name", safe_line(f"there is a connection named {draft.name} already")))
    return tuple(found)


def drafts_for(pasted: Pasted, text: str) -> tuple[ConnectionDraft, ...]:
    """What the address of a job tells of its connection, for each vendor that may have it; `text` is as it came."""
    if pasted.url is None:
        return ()
    found = credentials_in(text)
    drafts = (_draft(vendors.load(name), pasted, urlsplit(pasted.url), found) for name in vendors.names())
    return tuple(draft for draft in drafts if draft)


def _draft(vendor: Vendor, pasted: Pasted, url: SplitResult, found: tuple[Credential, ...]) -> ConnectionDraft | None:
    root = url.path.partition("/api/")[0] if "/api/" in url.path else ""
    base_url = f"{url.scheme}://{url.netloc}{root}"
    options = {setting.name: setting.default or "" for setting in vendor.settings}
    try:
        reference = vendor.read_ref(pasted, Connection(vendor.name, vendor.name, base_url, options))
    except UsageError:
        return None
    if reference is None:
        return None
    told = {"base_url": base_url, **_told(vendor, url, found)}
    settings = tuple((name, safe_line(value, _LONGEST)) for name, value in told.items() if value != options.get(name))
    secrets = kept_as(found, [secret.name for secret in vendor.secrets])
    return ConnectionDraft(vendor.name, vendor.name, settings, tuple(secrets.items()))


def _told(vendor: Vendor, url: SplitResult, found: tuple[Credential, ...]) -> Mapping[str, str]:
    """Settings that stand in the address: the user, and what is called there as the setting is."""
    names = [setting.name for setting in vendor.settings if not setting.choices]
    query = {name.lower(): value for name, value in parse_qsl(url.query)}
    told = {name: query[plain] for name in names if (plain := name.replace("_", "")) in query}
    user = next((one.user for one in found if one.user), None)
    if user and "username" in names:
        told["username"] = user
    return told
