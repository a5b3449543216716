"""What goes to the disk together, and what comes from it when another program wrote."""

from __future__ import annotations

from dataclasses import dataclass

from tui.model import Download, Event, Job, JobKey


@dataclass(frozen=True, slots=True)
class Batch:
    """What is to be written together. `added` jobs may be new or come back; `updated` ones must still be there."""

    added: tuple[Job, ...] = ()
    updated: tuple[Job, ...] = ()
    removed: tuple[JobKey, ...] = ()
    downloads: tuple[Download, ...] = ()
    events: tuple[Event, ...] = ()
    report: tuple[JobKey, str] | None = None


@dataclass(frozen=True, slots=True)
class News:
    """What another program wrote."""

    jobs: tuple[Job, ...] = ()
    removed: tuple[JobKey, ...] = ()
    downloads: tuple[Download, ...] = ()
