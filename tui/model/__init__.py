"""The words that every room uses: jobs, what vendors said of them, and how our asking went.

Two things are kept apart everywhere: a `Snapshot` is what the vendor last said, a `Problem` is how our
last ask went wrong. A problem never changes a job's state. Of ours, this package imports `text` and `errors` alone.
"""

from __future__ import annotations

from tui.errors import ProblemKind
from tui.model.connection import Condition, Connection, ConnectionHealth, is_plain
from tui.model.download import Download, DownloadState, Verified
from tui.model.forms import Choice, OrderForm, SecretField, Setting
from tui.model.job import Event, Job, Problem, ReportInfo, Usual, UsualStage
from tui.model.reference import JobKey, Reference
from tui.model.secret import Secret
from tui.model.sent import LostStart, Sent
from tui.model.snapshot import Inert, JobState, Output, OutputKind, Snapshot, Stage, Stat
from tui.text import NO_TEXT, Safe

__all__ = [
    "NO_TEXT",
    "Choice",
    "Condition",
    "Connection",
    "ConnectionHealth",
    "Download",
    "DownloadState",
    "Event",
    "Inert",
    "Job",
    "JobKey",
    "JobState",
    "LostStart",
    "OrderForm",
    "Output",
    "OutputKind",
    "Problem",
    "ProblemKind",
    "Reference",
    "ReportInfo",
    "Safe",
    "Secret",
    "SecretField",
    "Sent",
    "Setting",
    "Snapshot",
    "Stage",
    "Stat",
    "Usual",
    "UsualStage",
    "Verified",
    "is_plain",
]
