"""The language of the filter line, also used by `jobdeck list FILTER` (CONTRACT section 5).

All terms must hold. `key:value` terms take several values with commas, `-` in front turns a term round, double
quotes keep spaces together; a bare word matches title, id, connection and the vendor's own status; `@name` stands for
a filter that was saved under that name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from tui.errors import UsageError
from tui.model import Job, JobKey, JobState
from tui.moments import span_of
from tui.usual import is_slow


@dataclass(frozen=True, slots=True)
class Known:
    """What `is:` can ask about a job that does not stand in the job itself: the keys of the jobs that it holds for."""

    marked: Container[JobKey] = frozenset()
    unseen: Container[JobKey] = frozenset()


NOTHING_KNOWN = Known()

Test = Callable[[Job, datetime, Known], bool]

Saved = Mapping[str, str]
"""The texts of the saved filters by their names, without the `@`."""

NONE_SAVED: Saved = MappingProxyType({})

SAVED_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
"""What a saved filter may be called."""

_TERM = re.compile(r'\s*(?P<term>(?:"[^"]*"?|[^\s"])+)')
_KEYED = re.compile(r"(?P<key>[A-Za-z]+):(?P<value>.*)", re.DOTALL)
_SAVED = re.compile(r"-?@(?P<name>[A-Za-z0-9_-]*)")
_MOVES = re.compile(r"-?(age|seen|is):", re.IGNORECASE)
_ARCHIVED = re.compile(r"is:(?:[a-z]+,)*archived(?:,|$)", re.IGNORECASE)


class FilterError(UsageError):
    """A term that is wrong: it stands in the text from `column` on, `length` characters long, counted from 0."""

    def __init__(self, message: str, *, column: int, length: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.column = column
        self.length = length


@dataclass(frozen=True, slots=True)
class Filter:
    """A parsed filter. `text` is what was typed; `moves` says that time alone can change what matches."""

    text: str
    tests: tuple[Test, ...] = ()
    moves: bool = False
    archived: bool = False
    """Whether it asks for archived jobs, which are not on the board: they have to be looked for."""

    def matches(self, job: Job, now: datetime, known: Known = NOTHING_KNOWN) -> bool:
        """Whether all terms hold for the job at `now`."""
        return all(test(job, now, known) for test in self.tests)

    def __bool__(self) -> bool:
        return bool(self.tests)


EVERYTHING = Filter("")


def age_of(job: Job, now: datetime) -> float:
    """Seconds since the job was submitted; since it was tracked, where the vendor does not tell."""
    return max((now - (job.snapshot.submitted_at or job.tracked_at)).total_seconds(), 0.0)


def parse(text: str, saved: Saved = NONE_SAVED) -> Filter:
    """Read a filter, which may name those in `saved` with `@`. Raises FilterError at the first term that is wrong."""
    tests: list[Test] = []
    moves = archived = False
    position = 0
    while match := _TERM.match(text, position):
        position = match.end()
        term, column = match["term"], match.start("term")
        try:
            if name := _SAVED.fullmatch(term):
                inner = _saved(name["name"], saved)
                test, its_moves, its_archived = _all(inner.tests), inner.moves, inner.archived
            else:
                test, its_moves = _test(term.removeprefix("-")), _MOVES.match(term) is not None
                its_archived = _ARCHIVED.match(term.replace('"', "")) is not None
        except UsageError as error:
            raise FilterError(error.message, hint=error.hint, column=column, length=len(term)) from None
        tests.append(_negated(test) if term.startswith("-") else test)
        moves, archived = moves or its_moves, archived or its_archived
    return Filter(text.strip(), tuple(tests), moves, archived)


def is_unfinished(text: str) -> bool:
    """Whether the last word may still become a key such as `state:`: a filter line waits with it while it is typed."""
    last = text.rpartition(" ")[2].removeprefix("-").lower()
    return bool(last) and any(key.startswith(last) for key in _READERS)


def keys() -> tuple[str, ...]:
    """The keys there are, without the colon."""
    return tuple(_READERS)


def spelt_out(text: str, saved: Saved) -> str:
    """The text with what each `@name` stands for behind it: another text, where a saved filter has changed."""
    names = [match["name"] for term in text.split() if (match := _SAVED.fullmatch(term))]
    return " ".join([text, *(f"@{name}={saved.get(name, '')}" for name in names)])


def _saved(name: str, saved: Saved) -> Filter:
    if name not in saved:
        known = " ".join(f"@{one}" for one in sorted(saved))
        hint = f"saved filters: {known}" if known else "none is saved yet; put a word that begins with @ in quotes"
        raise UsageError(f"there is no saved filter @{name}", hint=hint)
    others = {one: text for one, text in saved.items() if one != name}  # so that none can lead back to itself
    try:
        return parse(saved[name], others)
    except FilterError as error:
        raise UsageError(f"@{name}: {error.message}", hint=error.hint) from None


def _test(term: str) -> Test:
    if not term:
        raise UsageError("a lone - is no term", hint="put the - right before a term")
    if term.count('"') % 2:
        raise UsageError("the closing quote is missing")
    keyed = None if term.startswith('"') else _KEYED.fullmatch(term)
    if keyed is None:
        return _word(term.replace('"', ""))
    key, value = keyed["key"].lower(), keyed["value"].replace('"', "")
    reader = _READERS.get(key)
    if reader is None:
        raise UsageError(
            f"{key}: is no key", hint=f"keys: {' '.join(f'{name}:' for name in _READERS)}; or put it in quotes"
        )
    if not value:
        raise UsageError(f"{key}: needs a value", hint=f"e.g. {_EXAMPLES[key]}")
    return reader(value)


def _negated(test: Test) -> Test:
    return lambda job, now, known: not test(job, now, known)


def _all(tests: tuple[Test, ...]) -> Test:
    return lambda job, now, known: all(test(job, now, known) for test in tests)


def _word(word: str) -> Test:
    wanted = word.casefold()

    def test(job: Job, _now: datetime, _known: Known) -> bool:
        fields = (job.title, job.ref.id, job.connection, job.snapshot.vendor_status)
        return any(wanted in field.casefold() for field in fields)

    return test


def _values(value: str) -> frozenset[str]:
    return frozenset(part for part in value.casefold().split(",") if part)


def _states(value: str) -> Test:
    names = _values(value)
    known = {state.value for state in JobState}
    unknown = sorted(names - known)
    if unknown or not names:
        raise UsageError(f"{', '.join(unknown) or value} is no state", hint=f"states: {' '.join(sorted(known))}")
    return lambda job, _now, _known: job.state.value in names


def _vendor(value: str) -> Test:
    names = _values(value)
    return lambda job, _now, _known: job.vendor.casefold() in names


def _connection(value: str) -> Test:
    names = _values(value)
    return lambda job, _now, _known: job.connection.casefold() in names


def _id(value: str) -> Test:
    starts = tuple(_values(value))
    return lambda job, _now, _known: job.ref.id.casefold().startswith(starts)


def _span(value: str) -> Callable[[float], bool]:
    sign, seconds = value[:1], span_of(value[1:])
    if sign not in ("<", ">") or seconds is None:
        raise UsageError(f"{value} is no length of time", hint="e.g. >90s, <5m, >1h, <2d")
    return (lambda length: length > seconds) if sign == ">" else (lambda length: length < seconds)


def _age(value: str) -> Test:
    fits = _span(value)
    return lambda job, now, _known: fits(age_of(job, now))


def _seen(value: str) -> Test:
    fits = _span(value)

    def test(job: Job, now: datetime, _known: Known) -> bool:
        since = (now - job.checked_at).total_seconds() if job.checked_at else float("inf")
        return fits(since)

    return test


def _is(value: str) -> Test:
    tests = [IS.get(name) for name in sorted(_values(value))]
    if not tests or None in tests:
        raise UsageError(f"is:{value} is not known", hint=f"known: {' '.join(f'is:{name}' for name in IS)}")
    return lambda job, now, known: any(test(job, now, known) for test in tests if test is not None)


IS: dict[str, Test] = {
    "active": lambda job, _now, _known: not job.state.is_over,
    "stale": lambda job, now, _known: job.is_stale(now),
    "downloaded": lambda job, _now, _known: any(one.is_whole for one in job.downloads),
    "alert": lambda job, _now, _known: job.alert,
    "marked": lambda job, _now, known: job.key in known.marked,
    "unseen": lambda job, _now, known: job.key in known.unseen,
    "slow": lambda job, now, _known: is_slow(job, now),
    "archived": lambda job, _now, _known: job.archived_at is not None,
}
"""The words behind `is:`, and what each asks; what does not stand in the job comes from `Known`."""

_READERS: dict[str, Callable[[str], Test]] = {
    "state": _states,
    "vendor": _vendor,
    "connection": _connection,
    "age": _age,
    "seen": _seen,
    "is": _is,
    "id": _id,
}

_EXAMPLES = {
    "state": "state:failed,expired",
    "vendor": "vendor:aspera",
    "connection": "connection:plant",
    "age": "age:>1h",
    "seen": "seen:>5m",
    "is": "is:active",
    "id": "id:0f3c",
}
