"""From the words of `jobdeck connections add` and `edit` to the connection that they describe."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable, Sequence

from tui import vendors
from tui.config.draft import COMMAND, COMMON
from tui.engine.facts.connections import ConnectionDraft
from tui.errors import UsageError


def new_draft(options: Namespace) -> ConnectionDraft:
    """What is to be added. Raises UsageError; a secret is refused, since others can read a command line."""
    vendor, *more = options.vendor
    words = [*options.words, *more]
    name = next((word for word in words if "=" not in word), None)
    if name is None:
        raise UsageError("the new connection has no name", hint="jobdeck connections add NAME --vendor VENDOR …")
    words.remove(name)
    return draft_of(name, vendor, words)


def draft_of(name: str, vendor: str, words: Sequence[str]) -> ConnectionDraft:
    """A connection with these settings. Raises UsageError as `new_draft`."""
    draft = ConnectionDraft(name, vendor, tuple(_pairs(words)))
    _refuse_secrets(draft)
    return draft


def unread(draft: ConnectionDraft) -> list[str]:
    """The settings that are written down, but that nothing reads."""
    own = {setting.name for setting in vendors.load(draft.vendor).settings}
    known = own | {setting.name for setting in COMMON} | {"base_url"}
    return [key for key, value in draft.settings if value and key not in known and not key.startswith(f"{COMMAND}.")]


def _pairs(words: Iterable[str]) -> Iterable[tuple[str, str]]:
    seen: set[str] = set()
    for word in words:
        key, equals, value = word.partition("=")
        if not (key and equals):
            raise UsageError("a setting is written KEY=VALUE", hint="e.g. base_url=https://plant.example:64023")
        if key in seen:
            raise UsageError(f"{key} stands there twice", hint="say it once")
        seen.add(key)
        yield key, value


def _refuse_secrets(draft: ConnectionDraft) -> None:
    known = [field.name for field in vendors.load(draft.vendor).secrets] if draft.vendor in vendors.names() else []
    for key, _ in draft.settings:
        if key in known:
            raise UsageError(
                f"{key} is a secret: on the command line others can read it",
                hint=f"take it out of your shell's history and run: jobdeck secret set {draft.name} {key}",
            )
