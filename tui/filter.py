"""The language of the filter line, also used by `jobdeck list FILTER` (CONTRACT section 5).

All terms must hold. `key:value` terms take several values with commas, `-` in front turns a term round, double
quotes keep spaces together; a bare word matches title, id, connection and the vendor's own status.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tui.errors import UsageError
from tui.model import DownloadState, Job, JobState

Test = Callable[[Job, datetime], bool]

_TERM = re.compile(r'\s*(?P<term>(?:"[^"]*"?|[^\s"])+)')
_KEYED = re.compile(r"(?P<key>[a-z]+):(?P<value>.*)", re.DOTALL)
_SPAN = re.compile(r"(?P<sign>[<>])(?P<number>\d+(?:\.\d+)?)(?P<unit>[smhd])")
_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


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

    def matches(self, job: Job, now: datetime) -> bool:
        """Whether all terms hold for the job at `now`."""
        return all(test(job, now) for test in self.tests)

    def __bool__(self) -> bool:
        return bool(self.tests)


EVERYTHING = Filter("")


def age_of(job: Job, now: datetime) -> float:
    """Seconds since the job was submitted; since it was tracked, where the vendor does not tell."""
    return max((now - (job.snapshot.submitted_at or job.tracked_at)).total_seconds(), 0.0)


def parse(text: str) -> Filter:
    """Read a filter. Raises FilterError at the first term that is wrong."""
    tests: list[Test] = []
    moves = False
    position = 0
    while match := _TERM.match(text, position):
        position = match.end()
        term, column = match["term"], match.start("term")
        try:
            test = _test(term.removeprefix("-"))
        except UsageError as error:
            raise FilterError(error.message, hint=error.hint, column=column, length=len(term)) from None
        tests.append(_negated(test) if term.startswith("-") else test)
        moves = moves or re.match(r"-?(age|seen|is):", term) is not None
    return Filter(text.strip(), tuple(tests), moves)


def is_unfinished(text: str) -> bool:
    """Whether the last word may still become a key such as `state:`: a filter line waits with it while it is typed."""
    last = text.rpartition(" ")[2].removeprefix("-")
    return bool(last) and any(key.startswith(last) for key in _READERS)


def _test(term: str) -> Test:
    if not term:
        raise UsageError("a lone - is no term", hint="put the - right before a term")
    if term.count('"') % 2:
        raise UsageError("the closing quote is missing")
    keyed = None if term.startswith('"') else _KEYED.fullmatch(term)
    if keyed is None:
        return _word(term.replace('"', ""))
    key, value = keyed["key"], keyed["value"].replace('"', "")
    reader = _READERS.get(key)
    if reader is None:
        raise UsageError(f"{key}: is no key", hint=f"keys: {' '.join(f'{name}:' for name in _READERS)}")
    if not value:
        raise UsageError(f"{key}: needs a value", hint=f"e.g. {_EXAMPLES[key]}")
    return reader(value)


def _negated(test: Test) -> Test:
    return lambda job, now: not test(job, now)


def _word(word: str) -> Test:
    wanted = word.casefold()

    def test(job: Job, _now: datetime) -> bool:
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
    return lambda job, _now: job.state.value in names


def _vendor(value: str) -> Test:
    names = _values(value)
    return lambda job, _now: job.vendor.casefold() in names


def _connection(value: str) -> Test:
    names = _values(value)
    return lambda job, _now: job.connection.casefold() in names


def _id(value: str) -> Test:
    starts = tuple(_values(value))
    return lambda job, _now: job.ref.id.casefold().startswith(starts)


def _span(value: str) -> Callable[[float], bool]:
    match = _SPAN.fullmatch(value)
    if match is None:
        raise UsageError(f"{value} is no length of time", hint="e.g. >90s, <5m, >1h, <2d")
    seconds = float(match["number"]) * _UNIT_SECONDS[match["unit"]]
    return (lambda length: length > seconds) if match["sign"] == ">" else (lambda length: length < seconds)


def _age(value: str) -> Test:
    fits = _span(value)
    return lambda job, now: fits(age_of(job, now))


def _seen(value: str) -> Test:
    fits = _span(value)

    def test(job: Job, now: datetime) -> bool:
        since = (now - job.checked_at).total_seconds() if job.checked_at else float("inf")
        return fits(since)

    return test


def _is(value: str) -> Test:
    tests = [_IS.get(name) for name in sorted(_values(value))]
    if not tests or None in tests:
        raise UsageError(f"is:{value} is not known", hint=f"known: {' '.join(f'is:{name}' for name in _IS)}")
    return lambda job, now: any(test(job, now) for test in tests if test is not None)


_IS: dict[str, Test] = {
    "active": lambda job, _now: not job.state.is_over,
    "stale": lambda job, now: job.is_stale(now),
    "downloaded": lambda job, _now: any(one.state is DownloadState.DONE for one in job.downloads),
}

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
