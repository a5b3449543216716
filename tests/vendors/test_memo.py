"""An answer that is the same as before is read as before: nobody can tell whether it was read or remembered."""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vendors.fakes import reply
from tests.vendors.strategies import almost
from tui.engine.border import Border
from tui.errors import AskError
from tui.model import JobKey, JobState, ProblemKind, Reference, Secret, Snapshot
from tui.redact import remember
from tui.vendors._memo import ListMemo, Memo
from tui.vendors.autodesk.batch import read_status_batch
from tui.vendors.autodesk.read import read_workitem
from tui.vendors.contract import Reply
from tui.vendors.octoplant.read import read_operation

REFS = (Reference("a" * 32), Reference("b" * 32, outputs=("acme/out/x.zip",)))
RUNNING = Snapshot(JobState.RUNNING, "inprogress")

operations = almost("name", "metadata", "done", "error") | st.fixed_dictionaries(
    {
        "metadata": st.fixed_dictionaries(
            {"state": st.sampled_from(["STATE_RUNNING", "STATE_FAILED"]), "openSubProcesses": st.integers(0, 2)}
        ),
        "done": st.booleans(),
    }
)
workitems = almost("status", "stats", "activityId", "progress") | st.fixed_dictionaries(
    {
        "status": st.sampled_from(["pending", "inprogress", "success"]),
        "stats": st.fixed_dictionaries({"timeQueued": st.just("2026-03-02T08:15:00Z"), "bytes": st.integers(0, 1)}),
    }
)


def told(read: Callable[[], Snapshot]) -> Snapshot | ProblemKind:
    try:
        return read()
    except AskError as error:
        return error.kind


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(REFS), operations), max_size=4))
def test_an_order_is_read_as_if_for_the_first_time(answers: Sequence[tuple[Reference, object]]) -> None:
    for ref, value in [*answers, *answers]:
        fresh = Reference(ref.id, url=json.dumps(value))  # never asked before
        expected = told(lambda value=value, fresh=fresh: read_operation(reply(value), fresh))  # type: ignore[misc]
        assert told(lambda value=value, ref=ref: read_operation(reply(value), ref)) == expected  # type: ignore[misc]


@settings(max_examples=40)
@given(st.lists(st.tuples(workitems, workitems), max_size=4))
def test_a_list_is_read_as_its_items_are_one_by_one(rounds: Sequence[tuple[object, object]]) -> None:
    for items in [*rounds, *rounds]:
        named = [
            {**item, "id": ref.id.upper()} for ref, item in zip(REFS, items, strict=True) if isinstance(item, dict)
        ]
        answers = read_status_batch(reply({"results": named, "errors": {}}), REFS)
        for item in named:
            ref = next(ref for ref in REFS if ref.id == str(item["id"]).lower())
            answer = answers[ref.id]
            expected = told(lambda item=item, ref=ref: read_workitem(item, ref))  # type: ignore[misc]
            assert (answer.kind if isinstance(answer, AskError) else answer) == expected


@pytest.mark.parametrize(
    "item", [b'{"id": "%s", "status": NaN}', b'{"id": "%s", "x": ' + b"[" * 9000 + b"]" * 9000 + b"}"]
)
def test_an_item_that_cannot_be_read_does_not_spoil_the_others(item: bytes) -> None:
    odd, good = REFS
    body = b'{"results": [%b, {"id": "%b", "status": "inprogress"}]}' % (item % odd.id.encode(), good.id.encode())
    with contextlib.suppress(AskError):  # too deep for the whole: then all are told so
        answers = read_status_batch(reply(body), REFS)
        assert isinstance(answers[odd.id], AskError)
        assert isinstance(answers[good.id], Snapshot)


def test_a_list_with_an_id_that_is_no_text_is_a_bad_reply() -> None:
    with pytest.raises(AskError) as told:
        read_status_batch(reply(b'{"results": [{"id": "\xff", "status": "success"}]}'), REFS)
    assert told.value.kind is ProblemKind.BAD_REPLY


def test_the_same_bytes_are_read_once_and_others_anew() -> None:
    memo, read = Memo(), iter([RUNNING, Snapshot(JobState.WAITING)])
    first = memo.read(b"x", REFS[0], lambda: next(read)).snapshot
    assert memo.read(b"x", REFS[0], lambda: next(read)).snapshot is first
    assert memo.read(b"y", REFS[0], lambda: next(read)).snapshot.state is JobState.WAITING
    assert list(read) == []


def test_the_same_bytes_about_another_job_or_other_outputs_are_read_anew() -> None:
    memo, read = Memo(), iter([RUNNING, Snapshot(JobState.FAILED)])
    memo.read(b"x", REFS[0], lambda: next(read))
    more = Reference(REFS[0].id, outputs=("acme/out/y.zip",))
    assert memo.read(b"x", more, lambda: next(read)).snapshot.state is JobState.FAILED


def test_neither_errors_nor_long_answers_are_kept() -> None:
    def fails() -> Snapshot:
        raise AskError(ProblemKind.BAD_REPLY, "not now")

    memo, long = Memo(), b"x" * 3000
    with pytest.raises(AskError):
        memo.read(b"x", REFS[0], fails)
    assert memo.read(b"x", REFS[0], lambda: RUNNING).snapshot is RUNNING
    memo.read(long, REFS[1], lambda: RUNNING)
    with pytest.raises(AskError):
        memo.read(long, REFS[1], fails)


def test_what_nobody_holds_or_asks_for_any_more_is_forgotten() -> None:
    memo, ref = Memo(), Reference("c" * 32)
    memo.read(b"x", ref, lambda: RUNNING)
    memo.read(b"y", Reference("d" * 32), lambda: RUNNING)
    assert len(memo) == 1
    memo.read(b"z", ref, lambda: Snapshot(JobState.SUCCEEDED))
    assert len(memo) == 0


def test_an_answer_in_a_list_is_known_until_its_job_says_another_or_is_held_no_more() -> None:
    memo, ref = ListMemo(), Reference("c" * 32)
    memo.read(b"x", ref, lambda: RUNNING)
    known = memo.known(b"x")
    assert known is not None
    assert (known.ref(), known.snapshot) == (ref, RUNNING)
    del known
    memo.read(b"y", ref, lambda: RUNNING)
    assert (memo.known(b"x"), memo.known(b"y") is None) == (None, False)
    memo.read(b"z", ref, lambda: Snapshot(JobState.SUCCEEDED))
    assert (memo.known(b"y"), memo.known(b"z")) == (None, None)
    memo.read(b"y", ref, lambda: RUNNING)
    del ref
    assert memo.known(b"y") is None


def listed(*steps: str) -> Reply:
    """What a list says of the jobs of `REFS` in turn, each id in capitals."""
    items = [
        {"id": REFS[number % 2].id.upper(), "status": "inprogress", "progress": step}
        for number, step in enumerate(steps)
    ]
    return reply({"results": items})


def test_who_says_the_same_in_a_list_gives_the_very_same_snapshot() -> None:
    first = read_status_batch(listed("1", "1"), REFS)
    second = read_status_batch(listed("1", "2"), REFS)
    assert second[REFS[0].id] is first[REFS[0].id]
    assert isinstance(changed := second[REFS[1].id], Snapshot)
    assert changed.notice == "2"
    assert read_status_batch(listed("1", "2"), REFS[1:]) == {REFS[1].id: changed}


def test_another_reference_to_a_job_in_a_list_has_its_own_outputs() -> None:
    answer, (ref, _) = listed("3"), REFS
    first = read_status_batch(answer, [ref])
    more = Reference(ref.id, outputs=("acme/out/y.zip",))
    assert isinstance(told := read_status_batch(answer, [more])[ref.id], Snapshot)
    assert [output.name for output in told.outputs] == ["y.zip"]
    assert read_status_batch(answer, [ref])[ref.id] is first[ref.id]
    assert read_status_batch(answer, [Reference(ref.id)])[ref.id] is first[ref.id]


@pytest.mark.parametrize("steps", [("4", "x", "5"), ("5", "x", "4"), ("4", "x", "4")])
def test_of_two_answers_about_one_job_the_later_in_the_list_counts(steps: tuple[str, ...]) -> None:
    read_status_batch(listed("4"), REFS[:1])
    assert isinstance(told := read_status_batch(listed(*steps), REFS)[REFS[0].id], Snapshot)
    assert told.notice == steps[-1]


def test_what_became_a_secret_meanwhile_is_masked_in_what_is_remembered() -> None:
    border, key, word = Border(), JobKey("plant:a"), uuid.uuid4().hex
    said = reply({"metadata": {"state": "STATE_RUNNING", "systemId": word}, "done": False})
    assert word in border.inert(key, read_operation(said, REFS[0])).raw
    remember(Secret(word), lasting=False)
    assert word not in border.inert(key, read_operation(said, REFS[0])).raw
