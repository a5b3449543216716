"""Into which folder files go: never out of `downloads.folder`, whatever a vendor calls its jobs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.clock import START
from tui.config import Downloads
from tui.engine.border import inert
from tui.engine.fetching.layout import folder_of
from tui.model import Job, Reference, Safe, Snapshot

BASE = Path("/data/got")
JOB = Job("windfarm", "enos", Reference("chan-7/2026"), START, Safe("Ingest 07 / Package: clip"))


def folder(layout: str, job: Job = JOB) -> Path:
    return folder_of(job, Downloads(folder=BASE, layout=layout))


def test_without_a_layout_all_lie_together() -> None:
    assert folder("{output}") == BASE


def test_every_field_makes_one_folder() -> None:
    day = START.astimezone().strftime("%Y-%m-%d")
    told = folder("{vendor}/{connection}-{date}/{id}/{title}/{output}")
    assert told == BASE / "enos" / f"windfarm-{day}" / "chan-7_2026" / "Ingest 07 _ Package_ clip"


def test_the_day_is_the_jobs_own_so_that_a_later_try_finds_the_part() -> None:
    older = replace(JOB, snapshot=inert(Snapshot(submitted_at=START.replace(year=2025))))
    assert "2025-" in str(folder("{date}/{output}", older))


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_leads_out_of_the_folder(title: str, id_: str) -> None:
    job = replace(JOB, given_title=Safe(title), ref=Reference(id_))
    told = folder("{title}/x{id}/{output}", job).relative_to(BASE)
    assert len(told.parts) == 2
    assert ".." not in told.parts
    assert not any(part.startswith(".") or "\x00" in part or len(part.encode()) > 255 for part in told.parts)


def test_what_would_lead_out_is_made_harmless() -> None:
    for title in ("..", "../../etc", "/etc/passwd", "..\\..", "", "CON", "\x1b[31m"):
        told = folder("{title}/{output}", replace(JOB, given_title=None, ref=Reference(title)))
        assert told.parent == BASE
        assert told.name
