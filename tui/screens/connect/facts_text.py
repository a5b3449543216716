"""What the list of connections says of each: one line, and all that is known below it. Pure text, no screen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tui.engine.facts.connections import ConnectionFacts, SecretFact
from tui.engine.secrets.secret_service import LOCKED
from tui.model import Condition, ConnectionHealth, is_plain
from tui.widgets.glyphs import Glyphs
from tui.widgets.header import CONDITION_TONES, danger_pieces, standing
from tui.widgets.lines import Line, Tone, fit, line, toned, width_of, wrap_words
from tui.widgets.words import clock_text
from tui.wording import coarse_age

INSECURE = "insecure: no certificate is checked, anybody in between can read and change everything"
PLAIN = "http: everything goes unencrypted, secrets too"

_LABEL = 15
_NAME, _VENDOR = 16, 10
_SHORTEST_STEP = 5.0
"""Seconds below which an ask is told as being made now."""
_OWN_LINES = frozenset({"vendor", "base_url"})
"""Settings that are told anyway."""


def is_insecure(facts: ConnectionFacts) -> bool:
    """Whether the connection checks no certificate."""
    return ("insecure", "true") in facts.settings


def connection_line(
    facts: ConnectionFacts, health: ConnectionHealth | None, now: datetime, width: int, glyphs: Glyphs
) -> Line:
    """One connection in one line: sign, name, vendor, how it is doing, its jobs; dangers at the end are never cut."""
    condition = health.condition if health else Condition.IDLE
    tone = CONDITION_TONES[condition]
    start = (
        toned(f" {glyphs.conditions[condition]} ", tone),
        toned(f"{fit(facts.name, _NAME, glyphs.ellipsis)} "),
        toned(f"{fit(facts.vendor, _VENDOR, glyphs.ellipsis)} ", Tone.DIM),
    )
    end = (
        toned(f"  {facts.jobs} job{'' if facts.jobs == 1 else 's'}", Tone.DIM),
        *danger_pieces(insecure=is_insecure(facts), plain_http=is_plain(facts.base_url)),
    )
    room = width - width_of(start) - width_of(end) - 1
    return (*start, toned(fit(_standing(facts, health, now), max(room, 0), glyphs.ellipsis), tone), *end)


def connection_lines(
    facts: ConnectionFacts,
    health: ConnectionHealth | None,
    next_ask: datetime | None,
    now: datetime,
    width: int,
    glyphs: Glyphs,
) -> list[Line]:
    """All that is known of a connection: its dangers first, then how it is doing, its secrets, its settings.

    `next_ask` is when it is asked for the first of its jobs.
    """
    rows: list[tuple[str, str, Tone]] = [("address", facts.base_url, Tone.PLAIN)]
    if is_insecure(facts):
        rows.append(("", INSECURE, Tone.BAD))
    if is_plain(facts.base_url):
        rows.append(("", PLAIN, Tone.WARN))
    rows += _health_rows(facts, health, next_ask, now)
    for secret in facts.secrets:
        rows += _secret_rows(secret)
    rows += [(name, value, Tone.PLAIN) for name, value in facts.settings if name not in _OWN_LINES]
    lines: list[Line] = []
    for name, text, tone in rows:
        for index, row in enumerate(wrap_words(text, max(width - _LABEL - 2, 8))):
            label = fit(name if index == 0 else "", _LABEL, glyphs.ellipsis)
            lines.append((toned(f" {label} ", Tone.DIM), toned(row, tone)))
    return lines


def keyring_lines(trouble: str | None, width: int) -> list[Line]:
    """Why the keyring cannot be used, and the three other ways; nothing where it can."""
    if trouble is None:
        return []
    unlock = "u unlocks it with its password. " if trouble == LOCKED else ""
    ways = "Other ways: the environment, a secret_command in config.toml, or s enters it for this run."
    return [line(f" {row}", Tone.WARN) for row in wrap_words(f"{trouble}. {unlock}{ways}", max(width - 2, 8))]


def missing(facts: ConnectionFacts) -> tuple[SecretFact, ...]:
    """The secrets that the connection needs and that were not found; all, where it needs any one and has none."""
    needed = [secret for secret in facts.secrets if secret.required]
    if not needed and not any(secret.source for secret in facts.secrets):
        return facts.secrets
    return tuple(secret for secret in needed if secret.source is None)


def _standing(facts: ConnectionFacts, health: ConnectionHealth | None, now: datetime) -> str:
    """How it is doing, in a few words: its trouble, a secret that is missing, or its latency."""
    if health is not None and health.condition not in (Condition.IDLE, Condition.OK):
        return standing(health, now) + (f": {health.message}" if health.message else "")
    if lacking := missing(facts):
        return f"{lacking[0].field}: not found"
    if health is None:
        return "not asked yet"
    took = "" if health.latency is None or health.condition is Condition.IDLE else f", {_took(health.latency)}"
    return standing(health, now) + took


def _health_rows(
    facts: ConnectionFacts, health: ConnectionHealth | None, next_ask: datetime | None, now: datetime
) -> Iterator[tuple[str, str, Tone]]:
    if health is not None:
        if health.condition is not Condition.IDLE:
            yield "health", _health_words(health, now), CONDITION_TONES[health.condition]
        if health.last_good_at is not None:
            ago = coarse_age((now - health.last_good_at).total_seconds())
            took = f", took {_took(health.latency)}" if health.latency is not None else ""
            yield "last answer", f"{ago}{took}" if ago == "now" else f"{ago} ago{took}", Tone.PLAIN
        yield "next ask", _next_ask_words(health, next_ask, now), Tone.PLAIN
    if facts.requests_left is not None:
        yield "requests left", f"{facts.requests_left} at once; then one by one, as the quota allows", Tone.PLAIN


def _took(seconds: float) -> str:
    """How long an answer took."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _health_words(health: ConnectionHealth, now: datetime) -> str:
    since = "" if health.since is None or health.condition is Condition.DOWN else f", since {clock_text(health.since)}"
    return standing(health, now) + since + (f": {health.message}" if health.message else "")


def _next_ask_words(health: ConnectionHealth, next_ask: datetime | None, now: datetime) -> str:
    """When it is asked next, and why not sooner; in coarse steps, so that it costs no bytes."""
    if health.condition is Condition.PAUSED:
        return "not until you have it asked again"
    if health.condition is Condition.REFUSED:
        return "not until there is another secret, or you ask"
    soonest = max((one for one in (health.next_try_at, next_ask) if one is not None), default=None)
    if soonest is None:
        return "none of its jobs is to be asked"
    left = (soonest - now).total_seconds()
    return f"in {coarse_age(left)}" if left >= _SHORTEST_STEP else "now"


def _secret_rows(secret: SecretFact) -> Iterator[tuple[str, str, Tone]]:
    if secret.source is not None:
        yield secret.field, secret.source, Tone.GOOD
    elif secret.required:
        yield secret.field, f"not found: {secret.trouble}" if secret.trouble else "not found", Tone.WARN
    else:
        yield secret.field, "not set", Tone.DIM
