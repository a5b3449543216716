"""What travels through the door about connections: how they are made, kept and tested; a secret only in a draft."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tui.errors import ExitCode
from tui.model import NO_TEXT, Safe, Secret, SecretField, Setting


@dataclass(frozen=True, slots=True)
class SecretFact:
    """One secret of a connection: never its value.

    `source` names where it was found, None when it was not; `trouble` says in one line why not, and what to do.
    """

    field: str
    help: str
    required: bool
    source: Safe | None
    trouble: Safe | None = None
    is_given: bool = False
    """Whether its source goes before whatever is typed or kept."""


@dataclass(frozen=True, slots=True)
class ConnectionFacts:
    """One connection as config.toml has it. `settings` are in the file's words and hold no secret."""

    name: str
    vendor: str
    base_url: Safe
    settings: tuple[tuple[str, Safe], ...]
    secrets: tuple[SecretFact, ...]
    jobs: int
    """How many of its jobs are on the board."""
    requests_left: int | None
    """How many requests the quota allows at once now; None where nobody has asked yet."""


@dataclass(frozen=True, slots=True)
class ConnectionForm:
    """What a vendor's connection is made of: its own settings, then those that every connection has."""

    vendor: str
    label: str
    settings: tuple[Setting, ...]
    secrets: tuple[SecretField, ...]


@dataclass(frozen=True, slots=True)
class ConnectionDraft:
    """A connection that is to be written; an empty setting is left out, or taken out of the file.

    `secrets` are kept in the keyring, or for this run where there is none.
    """

    name: str
    vendor: str
    settings: tuple[tuple[str, str], ...]
    secrets: tuple[tuple[str, Secret], ...] = ()


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong in a draft: the setting, or `name` for the connection's own, and what to write instead."""

    setting: str
    message: Safe


class StepState(StrEnum):
    """How one step of a connection's test ended."""

    OK = "ok"
    WARNING = "warning"
    BROKEN = "broken"
    SKIPPED = "skipped"
    """Not tried, since a step before it is broken."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a connection's test: what was found, and what to do about it."""

    name: str
    """`address`, `TLS`, `clock`, `login` or `right to read`."""
    state: StepState
    told: Safe
    remedy: Safe = NO_TEXT
    exit_code: ExitCode = ExitCode.OK
    """What a broken step means for the command."""
