"""No text of a vendor's gets to a face without having been made harmless: the types say so, here it is shown.

mypy checks this file too (`warn_unused_ignores`): where a type stops to ask for `Safe`, its `type: ignore` is an error.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import typing
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path

from tui.engine.door import Door
from tui.engine.facts.archives import Member, PackedFile, Preview, TakenMember
from tui.engine.facts.connections import Mistake, Step, StepState
from tui.engine.facts.jobs import Changes, FilePage, Sighting, ToCopy
from tui.model import (
    ConnectionHealth,
    Download,
    DownloadState,
    Event,
    Inert,
    Job,
    JobKey,
    Output,
    Problem,
    ProblemKind,
    Reference,
    Safe,
    Secret,
    Snapshot,
    Stage,
    Stat,
    UsualStage,
)
from tui.text import is_safe_line
from tui.widgets.lines import Piece

ROOT = Path(__file__).parents[1]


def missing_calls(told: str, said: Snapshot, now: datetime, key: JobKey) -> None:
    """Never called. Every line forgets to make a text harmless, and mypy says so."""
    Piece(told)  # type: ignore[arg-type]
    Inert(said)  # type: ignore[arg-type]
    Job("plant", "octoplant", Reference("X"), now, told)  # type: ignore[arg-type]
    Job("plant", "octoplant", Reference("X"), now, snapshot=said)  # type: ignore[arg-type]
    Event(now, key, "state", told)  # type: ignore[arg-type]
    Problem(ProblemKind.TLS, told, now)  # type: ignore[arg-type]
    Download(1, key, told, Path(), DownloadState.QUEUED)  # type: ignore[arg-type]
    Download(1, key, Safe("x"), Path(), DownloadState.FAILED, message=told)  # type: ignore[arg-type]
    ConnectionHealth("plant", "octoplant", told)  # type: ignore[arg-type]
    UsualStage(told, 1)  # type: ignore[arg-type]
    Changes(told=(told,))  # type: ignore[arg-type]
    Sighting("plant", told, None, None, tracked=False)  # type: ignore[arg-type]
    FilePage((Output(told),))  # type: ignore[arg-type]
    ToCopy(Secret(told), told)  # type: ignore[arg-type]
    Member(1, "raw", told, 1, 1)  # type: ignore[arg-type]
    PackedFile(told, 1)  # type: ignore[arg-type]
    Preview(Safe("x"), told)  # type: ignore[arg-type]
    TakenMember(told, Path(), 1)  # type: ignore[arg-type]
    Mistake("name", told)  # type: ignore[arg-type]
    Step("login", StepState.OK, told)  # type: ignore[arg-type]
    stages: tuple[Stage[Safe], ...] = said.stages  # type: ignore[assignment]
    stats: tuple[Stat[Safe], ...] = said.stats  # type: ignore[assignment]
    del stages, stats


HARMLESS_BY_THEMSELVES = {
    "connections' and vendors' names, which config.toml's rules keep to a few letters": {
        "Job.connection",
        "Job.vendor",
        "Sighting.connection",
        "CutOff.connection",
        "Changes.connections_gone",
        "ConnectionHealth.name",
        "ConnectionHealth.vendor",
        "ConnectionFacts.name",
        "ConnectionFacts.vendor",
        "ConnectionForm.vendor",
        "ConnectionDraft.name",
        "ConnectionDraft.vendor",
        "Offers.connection",
        "Offers.vendor",
    },
    "words and names of our own": {
        "ConnectionFacts.settings",
        "ConnectionForm.label",
        "CutOff.fields",
        "SecretFact.field",
        "SecretFact.help",
        "SecretField.name",
        "SecretField.help",
        "SecretField.default",
        "Setting.name",
        "Setting.help",
        "Setting.default",
        "Setting.choices",
        "Mistake.setting",
        "ConnectionDraft.secrets",
        "Step.name",
        "OrderForm.example",
        "OrderForm.place",
        "OrderForm.place_example",
        "OrderForm.wrapper",
        "Choice.name",
        "Choice.options",
        "Offers.fetcher",
        "Event.kind",
        "Sent.action",
        "Download.sha256",
        "Job.callback",
    },
    "the user's own words, or a vendor's address that is asked and never shown": {
        "Job.order_body",
        "Job.order_place",
        "LostStart.kind",
        "LostStart.name",
        "LostStart.outputs",
        "Door.saved_filters",
        "ConnectionDraft.settings",
        "Reference.url",
        "Reference.outputs",
    },
    "no job is let in whose id is not a safe line": {"Reference.id", "LostStart.candidates"},
    "goes back to where it came from, and is never shown": {"FilePage.more", "Member.raw"},
    "a key: a connection's name and a job's id": {"Download.job", "Event.job", "Changes.gone"},
}
"""What comes through the door as a bare `str`, by the reason why that may be so."""


class BareTexts:
    """Finds each place in what the door hands out whose type is a text that nobody has vouched for."""

    def __init__(self) -> None:
        self.found: set[str] = set()
        self._seen: set[object] = set()

    def look(self, kind: object, place: str) -> None:
        if kind is str or kind is JobKey:
            self.found.add(place)
        elif kind is not Safe and isinstance(kind, typing.NewType):
            self.look(kind.__supertype__, place)
        elif dataclasses.is_dataclass(kind):
            self.look_into(kind, {})
        elif dataclasses.is_dataclass(facts := typing.get_origin(kind)):
            self.look_into(facts, dict(zip(open_in(facts), typing.get_args(kind), strict=True)))
        else:
            for part in typing.get_args(kind):
                self.look(part, place)

    def look_into(self, facts: object, texts: dict[object, object]) -> None:
        if (facts, *texts.values()) not in self._seen:
            self._seen.add((facts, *texts.values()))
            for name, hint in typing.get_type_hints(facts).items():
                self.look(filled(hint, texts), f"{getattr(facts, '__name__', '')}.{name}")


def open_in(kind: object) -> tuple[object, ...]:
    """The kinds of text that are left open."""
    return tuple(getattr(kind, "__parameters__", ()))


def filled(hint: typing.Any, texts: dict[object, object]) -> object:
    """The type with its kinds of text filled in; what nobody says is any text."""
    if isinstance(hint, typing.TypeVar):
        return texts.get(hint, str)
    return hint[tuple(texts.get(one, str) for one in open_in(hint))] if open_in(hint) else hint


def bare_texts() -> set[str]:
    finder = BareTexts()
    for name, method in inspect.getmembers(Door, inspect.isfunction):
        hints = {} if name.startswith("_") else typing.get_type_hints(method)
        for word, hint in hints.items():
            if word == "return" or typing.get_origin(hint) is Callable:
                finder.look(hint, f"Door.{name}")
    return finder.found


def test_what_comes_through_the_door_is_safe() -> None:
    allowed = [place for places in HARMLESS_BY_THEMSELVES.values() for place in places]
    assert len(allowed) == len(set(allowed))
    assert bare_texts() == set(allowed)


@cache
def sources() -> dict[str, str]:
    return {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in (ROOT / "tui").rglob("*.py")}


def calls_of(name: str, source: str) -> list[ast.Call]:
    """The calls of a function of that name."""
    if f"{name}(" not in source:
        return []
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == name]


def is_harmless_literal(call: ast.Call) -> bool:
    (word,) = call.args
    return isinstance(word, ast.Constant) and isinstance(word.value, str) and is_safe_line(word.value)


MAKERS = {
    "tui/text.py",
    "tui/model/job.py",  # names that are made of names
    "tui/model/download.py",
    "tui/engine/storage/stored.py",  # what was safe when it was kept
}
"""Where a text may be called safe without being looked at."""


def test_safe_is_said_in_one_place_and_elsewhere_of_our_own_words_only() -> None:
    said = [(name, call) for name, source in sources().items() for call in calls_of("Safe", source)]
    assert {name for name, call in said if not is_harmless_literal(call)} == MAKERS


def test_textuals_widgets_are_given_plain_text_only() -> None:
    for name, source in sources().items():
        assert "markup=True" not in source, name
        assert "from_markup" not in source, name
    makers = {name for name, source in sources().items() if "textual.content" in source and calls_of("Content", source)}
    assert makers == {"tui/widgets/plain.py"}
