"""Whole jobs and downloads, of every shape that the model allows."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from hypothesis import strategies as st

from tui.model import (
    Download,
    DownloadState,
    Job,
    JobKey,
    JobState,
    Output,
    OutputKind,
    Problem,
    ProblemKind,
    Reference,
    ReportInfo,
    Snapshot,
    Stage,
    Stat,
    Verified,
)

words = st.text(st.characters(codec="utf-8"), max_size=12)
times = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # bounds
maybe_times = st.none() | times
sizes = st.integers(0, 2**63 - 1)
figures = st.integers(-(2**62), 2**62) | st.floats(allow_nan=False, allow_infinity=False) | words

outputs = st.builds(
    Output,
    words,
    st.sampled_from(OutputKind),
    st.none() | sizes,
    st.none() | st.just("a" * 40),
    st.none() | words,
    maybe_times,
)
snapshots = st.builds(
    Snapshot,
    state=st.sampled_from(JobState),
    vendor_status=words,
    title=st.none() | words,
    notice=st.none() | words,
    progress=st.none() | st.floats(0, 1),
    submitted_at=maybe_times,
    started_at=maybe_times,
    finished_at=maybe_times,
    stages=st.lists(st.builds(Stage, words, maybe_times, maybe_times), max_size=2).map(tuple),
    stats=st.lists(st.builds(Stat, words, figures), max_size=2).map(tuple),
    outputs=st.lists(outputs, max_size=2).map(tuple),
    has_report=st.booleans(),
    raw=words,
)
jobs = st.builds(
    Job,
    connection=words,
    vendor=words,
    ref=st.builds(Reference, words, st.none() | words, st.lists(words, max_size=2).map(tuple), maybe_times),
    tracked_at=times,
    given_title=st.none() | words,
    snapshot=snapshots,
    checked_at=maybe_times,
    next_check_at=maybe_times,
    fresh_until=maybe_times,
    changed_at=maybe_times,
    problem=st.none() | st.builds(Problem, st.sampled_from(ProblemKind), words, times, maybe_times),
    report=st.none() | st.builds(ReportInfo, times, sizes),
    downloads=st.just(()),
)
downloads = st.builds(
    Download,
    id=st.integers(1, 2**53),
    job=words.map(JobKey),
    output=words,
    folder=st.just(Path("/data/ä")),
    state=st.sampled_from(DownloadState),
    path=st.none() | st.just(Path("/data/ä/out (1).zip")),
    bytes=sizes,
    size=st.none() | sizes,
    verified=st.none() | st.sampled_from(Verified),
    sha256=st.none() | words,
    resumed_from=sizes,
    attempts=st.integers(0, 9),
    seconds=st.floats(0, 1e9),
    speed=st.none() | st.floats(0, 1e9),
    message=st.none() | words,
)

any_text = st.text(st.characters(exclude_categories=()), max_size=30)
any_number = st.integers() | st.floats()
any_time = st.none() | st.datetimes(timezones=st.none() | st.timezones())
hostile_snapshots = st.builds(
    Snapshot,
    state=st.sampled_from(JobState),
    vendor_status=any_text,
    title=st.none() | any_text,
    notice=st.none() | any_text,
    progress=st.none() | st.floats(),
    submitted_at=any_time,
    started_at=any_time,
    finished_at=any_time,
    stages=st.lists(st.builds(Stage, any_text, any_time, any_time), max_size=2).map(tuple),
    stats=st.lists(st.builds(Stat, any_text, any_number | any_text), max_size=2).map(tuple),
    outputs=st.lists(
        st.builds(
            Output,
            any_text,
            st.sampled_from(OutputKind),
            st.none() | st.integers(),
            st.none() | any_text,
            st.none() | any_text,
            any_time,
        ),
        max_size=2,
    ).map(tuple),
    raw=any_text,
)
"""What a vendor's reader may hand over at worst."""
