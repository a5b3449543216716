"""Fetching results by itself as soon as a job succeeds, where config.toml says `auto`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from tui.clock import Clock
from tui.config import Config
from tui.engine.board import Board, BoardChange
from tui.engine.fetching.missing import missing_results
from tui.engine.locks import Claims
from tui.errors import JobdeckError
from tui.filter import Filter, parse, spelt_out
from tui.model import Job, JobKey

_log = logging.getLogger("jobdeck.auto")

Fetch = Callable[[JobKey], Awaitable[object]]

_TURN = 0
"""The claim that one program at a time holds while it decides; no download has this number."""
_WAIT_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Rule:
    """Which jobs of a connection are fetched: those that fit, and succeeded since the rule stands."""

    fits: Filter
    since: datetime


def rule_names(config: Config) -> dict[str, str]:
    """By connection, the name under which the start of its rule is stored; a changed rule gets another name."""
    connections, saved = config.connections.values(), config.filters
    rules = {one.name: one.auto for one in connections if one.auto is not False}
    texts = {name: spelt_out(rule, saved) if isinstance(rule, str) else str(rule) for name, rule in rules.items()}
    return {name: f"auto {name} {text}" for name, text in texts.items()}


def rules_of(config: Config, marks: Mapping[str, datetime]) -> dict[str, Rule]:
    """By connection, its rule, with the time since which it stands."""
    rules = {}
    for connection, name in rule_names(config).items():
        auto = config.connections[connection].auto
        rules[connection] = Rule(parse(auto if isinstance(auto, str) else "", config.filters), marks[name])
    return rules


class AutoDownloads:
    """Hears of jobs; a result that is due is fetched once, also if its job succeeded while nobody looked.

    What failed, or was stopped, is left to the user.
    """

    def __init__(self, board: Board, claims: Claims, clock: Clock, fetch: Fetch) -> None:
        self._rules: Mapping[str, Rule] = {}
        self._board = board
        self._claims = claims
        self._clock = clock
        self._fetch = fetch
        self._taken: set[JobKey] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._one_at_a_time = asyncio.Lock()

    def obey(self, rules: Mapping[str, Rule]) -> None:
        """Fetch by these rules from now on, what is due already too."""
        self._rules = rules
        self.hear(BoardChange(jobs=tuple(self._board.jobs.values())))

    def hear(self, change: BoardChange) -> None:
        """Fetch what is due."""
        for job in change.jobs:
            if job.key not in self._taken and self._is_due(job):
                self._taken.add(job.key)
                task = asyncio.create_task(self._run(job.key), name=f"auto {job.key}")
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        self._taken.difference_update(change.gone)

    async def close(self) -> None:
        """Decide nothing any more; what is due is found at the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _is_due(self, job: Job) -> bool:
        rule = self._rules.get(job.connection)
        if (
            rule is None
            or any(one.member is None for one in job.downloads)
            or job.changed_at is None
            or job.changed_at < rule.since
        ):
            return False
        now = self._clock.now()
        return bool(missing_results(job, now)) and rule.fits.matches(job, now)

    async def _run(self, key: JobKey) -> None:
        async with self._one_at_a_time:
            try:
                await self._fetch_in_turn(key)
            except (JobdeckError, OSError) as error:
                _log.warning("%s is not fetched by itself: %s", key, error)

    async def _fetch_in_turn(self, key: JobKey) -> None:
        """Two programs may hear of a job at the same time: the second one finds the download of the first."""
        while not self._claims.take(_TURN):
            await self._clock.sleep(_WAIT_SECONDS)
        try:
            await self._board.look()
            job = self._board.jobs.get(key)
            if job is not None and self._is_due(job):
                await self._fetch(key)
        finally:
            self._claims.release(_TURN)
