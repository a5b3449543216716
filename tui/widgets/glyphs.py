"""The signs that the board draws with, in two sets: Unicode, and ASCII for terminals that have nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tui.model import Condition, DownloadState, JobState


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One set of signs. Every sign is one cell wide."""

    states: Mapping[JobState, str]
    conditions: Mapping[Condition, str]
    downloads: Mapping[DownloadState, str]
    mark: str
    alert: str
    unseen: str
    down: str
    ok: str
    bad: str
    bar_full: str
    bar_empty: str
    rule: str
    column: str
    thumb: str
    dot: str
    dash: str
    ellipsis: str
    arrow: str
    arrow_up: str


UNICODE = Glyphs(
    states={
        JobState.UNKNOWN: "?",
        JobState.WAITING: "○",
        JobState.RUNNING: "◐",
        JobState.CANCELLING: "◌",
        JobState.SUCCEEDED: "✓",
        JobState.FAILED: "✗",
        JobState.CANCELLED: "⊘",
        JobState.EXPIRED: "◇",
    },
    conditions={
        Condition.IDLE: "○",
        Condition.OK: "●",
        Condition.SLOW: "◐",
        Condition.THROTTLED: "◔",
        Condition.REFUSED: "✗",
        Condition.DOWN: "◌",
        Condition.PAUSED: "‖",
    },
    downloads={
        DownloadState.QUEUED: "○",
        DownloadState.RUNNING: "↓",
        DownloadState.PAUSED: "‖",
        DownloadState.DONE: "✓",
        DownloadState.FAILED: "✗",
        DownloadState.CANCELLED: "⊘",
    },
    mark="▸",
    alert="◉",
    unseen="•",
    down="↓",
    ok="✓",
    bad="✗",
    bar_full="━",
    bar_empty="─",
    rule="─",
    column="│",
    thumb="┃",
    dot="·",
    dash="–",
    ellipsis="…",
    arrow="▾",
    arrow_up="▴",
)

ASCII = Glyphs(
    states={
        JobState.UNKNOWN: "?",
        JobState.WAITING: ".",
        JobState.RUNNING: ">",
        JobState.CANCELLING: "~",
        JobState.SUCCEEDED: "+",
        JobState.FAILED: "x",
        JobState.CANCELLED: "-",
        JobState.EXPIRED: "o",
    },
    conditions={
        Condition.IDLE: ".",
        Condition.OK: "+",
        Condition.SLOW: "~",
        Condition.THROTTLED: "%",
        Condition.REFUSED: "x",
        Condition.DOWN: "!",
        Condition.PAUSED: "=",
    },
    downloads={
        DownloadState.QUEUED: ".",
        DownloadState.RUNNING: "v",
        DownloadState.PAUSED: "=",
        DownloadState.DONE: "+",
        DownloadState.FAILED: "x",
        DownloadState.CANCELLED: "-",
    },
    mark="*",
    alert="a",
    unseen="!",
    down="v",
    ok="+",
    bad="x",
    bar_full="=",
    bar_empty="-",
    rule="-",
    column="|",
    thumb="#",
    dot="|",
    dash="-",
    ellipsis="~",
    arrow="v",
    arrow_up="^",
)
