"""What may stand for one word of an unfinished command line: connections, jobs, the filter's terms."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BOARDS_OWN = ("marked", "unseen")
"""What `is:` can ask on the board alone."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One word that fits, and what it is."""

    word: str
    says: str = ""


def jobs(database: Path, typed: str) -> Iterator[Offer]:
    """The jobs on the board whose key or id begins so."""
    from tui.engine.storage.peek import jobs_like  # noqa: PLC0415

    for job in jobs_like(database, typed):
        name = job.key if job.key.startswith(typed) else job.ref.id
        yield Offer(name, job.state if job.title == job.ref.id else f"{job.state} {job.title}")


def connections(config: Path) -> Iterator[Offer]:
    """The names in config.toml."""
    for name, section in _table(config, "connections").items():
        yield Offer(name, str(section.get("vendor", "")) if isinstance(section, dict) else "")


def vendors() -> Iterator[Offer]:
    """The vendors' names."""
    from tui.vendors import names  # noqa: PLC0415

    yield from map(Offer, names())


def terms(typed: str, config: Path) -> Iterator[Offer]:
    """What a term of the filter may become, as on the board."""
    from tui.filter import keys  # noqa: PLC0415
    from tui.widgets.completion import Words, candidates  # noqa: PLC0415

    saved = {name: str(text) for name, text in _table(config, "filters").items()}
    if not typed:
        yield from (Offer(f"{key}:") for key in keys())
        yield from (Offer(f"@{name}", text) for name, text in saved.items())
        return
    words = Words([one.word for one in connections(config)], [one.word for one in vendors()], saved)
    for found in candidates(typed, words):
        if found.endswith(_BOARDS_OWN):
            continue
        yield Offer(found, saved.get(found.lstrip("-@"), "") if "@" in found else "")


def _table(config: Path, name: str) -> dict[str, object]:
    """A table of config.toml; an empty one where it cannot be read."""
    try:
        table = tomllib.loads(config.read_text("utf-8")).get(name)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return {}
    return table if isinstance(table, dict) else {}
