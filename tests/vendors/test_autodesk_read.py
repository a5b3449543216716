"""Reading Autodesk's answers, one small fixture per shape of the dossier (sections 2 to 4)."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clock import FakeClock
from tests.vendors.fakes import reply
from tests.vendors.strategies import almost, json_values
from tui.errors import AskError
from tui.model import JobState, Output, ProblemKind, Reference, Snapshot, Stage, Stat
from tui.vendors.autodesk.batch import read_status_batch
from tui.vendors.autodesk.errors import check_answer, error_sentence
from tui.vendors.autodesk.read import (
    is_behind,
    read_debug_link,
    read_download,
    read_report_url,
    read_workitem,
)

ID = "0f3c9a1b2d4e4f60a1b2c3d4e5f60718"
OTHER = "1" * 32
GHOST = "f" * 32
REF = Reference(ID, outputs=("acme-results/a/out.zip", "acme-results/b/out.zip"))
QUEUED = datetime(2026, 3, 2, 8, 15, 0, 123456, UTC)
DONE = {
    "status": "success",
    "reportUrl": "https://store.example.invalid/r.txt?X-Amz-Expires=3600&X-Amz-Signature=abc",
    "activityId": "acme.ExportFbx+prod",
    "id": ID,
    "stats": {
        "timeQueued": "2026-03-02T08:15:00.1234567Z",
        "timeDownloadStarted": "2026-03-02T08:15:04.55Z",
        "timeInstructionsStarted": "2026-03-02T08:15:06.1203301Z",
        "timeInstructionsEnded": "2026-03-02T08:16:41.9917722Z",
        "timeUploadEnded": "2026-03-02T08:16:43.2001Z",
        "timeFinished": "2026-03-02T08:16:43.7Z",
        "bytesDownloaded": 56546,
        "bytesUploaded": 97471,
        "megabytesPeakRam": 812.5,
    },
    "memoryGb": 16,
    "gpu": False,
}


def at(seconds: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-02T08:{seconds}+00:00")


def test_a_finished_workitem_is_read_whole() -> None:
    snapshot = read_workitem(DONE, REF)
    assert snapshot.state is JobState.SUCCEEDED
    assert snapshot.vendor_status == "success"
    assert snapshot.title == "acme.ExportFbx+prod"
    assert snapshot.notice is None
    assert snapshot.progress is None
    assert snapshot.submitted_at == QUEUED
    assert snapshot.started_at == at("15:04.55")
    assert snapshot.finished_at == at("16:43.7")
    assert snapshot.stages == (
        Stage("queued", QUEUED, at("15:04.55")),
        Stage("download", at("15:04.55"), at("15:06.120330")),
        Stage("run", at("15:06.120330"), at("16:41.991772")),
        Stage("upload", at("16:41.991772"), at("16:43.200100")),
    )
    assert snapshot.stats == (
        Stat("bytes_downloaded", 56546),
        Stat("bytes_uploaded", 97471),
        Stat("megabytes_peak_ram", 812.5),
        Stat("memory_gb", 16),
    )
    assert snapshot.outputs == (Output("out.zip"), Output("out (1).zip"))
    assert snapshot.has_report
    assert '"status": "success"' in snapshot.raw


def test_trap_28_signed_addresses_are_masked_in_the_raw_text() -> None:
    raw = read_workitem(DONE, REF).raw
    assert "X-Amz" not in raw
    assert "abc" not in raw
    assert "https://store.example.invalid/r.txt?…" in raw


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("pending", JobState.WAITING),
        ("inprogress", JobState.RUNNING),
        ("inProgress", JobState.RUNNING),
        ("success", JobState.SUCCEEDED),
        ("failedUploadOptional", JobState.SUCCEEDED),
        ("cancelled", JobState.CANCELLED),
        ("failedDownload", JobState.FAILED),
        ("failedInstructions", JobState.FAILED),
        ("failedUpload", JobState.FAILED),
        ("failedLimitProcessingTime", JobState.FAILED),
        ("failedLimitDataSize", JobState.FAILED),
    ],
)
def test_trap_3_every_documented_status_has_its_state(word: str, state: JobState) -> None:
    snapshot = read_workitem({"status": word}, REF)
    assert (snapshot.state, snapshot.vendor_status) == (state, word)
    assert (snapshot.notice is not None) == (word.startswith("failed"))


def test_trap_4_an_unknown_status_is_an_end_and_unknown_keys_are_no_matter() -> None:
    snapshot = read_workitem({"status": "failedNewThing", "shiny": {"new": []}}, REF)
    assert (snapshot.state, snapshot.vendor_status) == (JobState.FAILED, "failedNewThing")
    assert snapshot.notice is not None
    assert "does not know" in snapshot.notice


def test_trap_27_a_failed_upload_points_to_the_report() -> None:
    told = read_workitem({"status": "failedUpload"}, REF)
    assert told.has_report
    assert "the report says why" in (told.notice or "")


def test_trap_5_failed_optional_uploads_keep_the_outputs() -> None:
    snapshot = read_workitem({"status": "failedUploadOptional"}, REF)
    assert len(snapshot.outputs) == 2
    assert snapshot.notice is not None
    assert "optional outputs failed" in snapshot.notice


def test_a_pending_workitem_tells_its_place_in_the_queue() -> None:
    value = {"status": "pending", "approximateQueuePosition": 7, "stats": {"timeQueued": "2026-03-02T08:15:00Z"}}
    snapshot = read_workitem(value, REF)
    assert snapshot.notice == "about number 7 in the queue"
    assert snapshot.stages == (Stage("queued", at("15:00")),)
    assert snapshot.stats == ()
    assert not snapshot.has_report
    assert read_workitem({**value, "approximateQueuePosition": None}, REF).notice is None


def test_trap_20_progress_is_words_and_stats_may_be_missing() -> None:
    snapshot = read_workitem({"status": "inprogress", "progress": "75 of 80 views", "stats": None}, REF)
    assert snapshot.progress is None
    assert snapshot.notice == "75 of 80 views"
    assert snapshot.stages == ()


def test_figures_that_no_json_can_hold_are_left_out() -> None:
    stats = reply(b'{"a": NaN, "b": Infinity, "c": 1e999, "d": -5, "e": true, "f g": 1, "h": "9"}').json()
    assert read_workitem({"status": "success", "stats": stats}, REF).stats == (Stat("d", -5),)


def test_a_stage_ends_at_the_next_known_moment() -> None:
    stats = {"timeQueued": "2026-03-02T08:15:00Z", "timeFinished": "2026-03-02T08:16:00Z"}
    snapshot = read_workitem({"status": "cancelled", "stats": stats}, REF)
    assert snapshot.stages == (Stage("queued", at("15:00"), at("16:00")),)
    stats["timeInstructionsEnded"] = "2026-03-02T08:15:30Z"
    snapshot = read_workitem({"status": "success", "stats": stats}, REF)
    assert snapshot.stages == (Stage("queued", at("15:00"), at("15:30")), Stage("upload", at("15:30"), at("16:00")))


@pytest.mark.parametrize("fraction", ["", ".1", ".1234567", ".1234560"])
def test_trap_19_times_have_up_to_seven_digits_or_none(fraction: str) -> None:
    snapshot = read_workitem({"status": "pending", "stats": {"timeQueued": f"2026-03-02T08:15:00{fraction}Z"}}, REF)
    assert snapshot.submitted_at is not None
    assert snapshot.submitted_at - at("15:00") < timedelta(seconds=1)


@pytest.mark.parametrize("value", [None, [], "success", {}, {"status": None}, {"status": 3}, {"status": " "}])
def test_an_answer_without_a_status_is_a_bad_reply(value: object) -> None:
    with pytest.raises(AskError) as caught:
        read_workitem(value, REF)
    assert caught.value.kind is ProblemKind.BAD_REPLY


def refs(*ids: str) -> list[Reference]:
    return [Reference(one) for one in ids]


def kinds(answers: object) -> dict[str, object]:
    assert isinstance(answers, dict)
    return {key: one.state if isinstance(one, Snapshot) else one.kind for key, one in answers.items()}


def test_trap_7_batch_results_come_in_any_order_and_missing_ids_are_gone() -> None:
    body = {
        "results": [{"status": "success", "id": OTHER}, {"status": "inprogress", "id": ID.upper()}],
        "errors": {GHOST: "Not found"},
    }
    assert kinds(read_status_batch(reply(body), refs(ID, GHOST, OTHER))) == {
        ID: JobState.RUNNING,
        GHOST: ProblemKind.GONE,
        OTHER: JobState.SUCCEEDED,
    }


def test_one_bad_result_does_not_spoil_the_others() -> None:
    body = {"results": [{"id": ID}, None, 5, {"status": "success", "id": OTHER}], "errors": None}
    assert kinds(read_status_batch(reply(body), refs(ID, OTHER, GHOST))) == {
        ID: ProblemKind.BAD_REPLY,
        OTHER: JobState.SUCCEEDED,
        GHOST: ProblemKind.BAD_REPLY,
    }


def test_an_error_that_is_not_absence_does_not_end_the_job() -> None:
    answers = read_status_batch(reply({"results": [], "errors": {ID: "internal error"}}), refs(ID))
    error = answers[ID]
    assert isinstance(error, AskError)
    assert error.kind is ProblemKind.BAD_REPLY
    assert "internal error" in error.message


@pytest.mark.parametrize("body", [{}, [], "x", {"results": 3}])
def test_a_batch_answer_without_results_is_a_bad_reply(body: object) -> None:
    with pytest.raises(AskError) as caught:
        read_status_batch(reply(body), refs(ID))
    assert caught.value.kind is ProblemKind.BAD_REPLY


def test_traps_14_and_18_a_complete_download_tells_size_and_checksum_and_no_name_is_taken_from_it() -> None:
    body = {
        "status": "complete",
        "url": "https://b.example.invalid/o?X-Amz-Expires=3600",
        "params": {"content-type": "application/zip", "content-disposition": 'attachment; filename="../x"'},
        "size": 7340032,
        "sha1": "ABCDEF0123456789ABCDEF0123456789ABCDEF01",
    }
    link = read_download(reply(body), "acme/o", keep_https=True)
    assert link.url == body["url"]
    assert (link.size, link.sha1, link.is_zip) == (7340032, "abcdef0123456789abcdef0123456789abcdef01", False)
    assert (link.parts, link.signed_in, link.file_name) == ((), False, None)  # trap 18: the key names the file


CHUNKED = {
    "status": "chunked",
    "urls": {
        "10485760-12345677": "https://b.example.invalid/p3",
        "0-5242879": "https://b.example.invalid/p1",
        "5242880-10485759": "https://b.example.invalid/p2",
    },
    "size": 12345678,
}


def test_trap_16_parts_are_sorted_by_number() -> None:
    link = read_download(reply(CHUNKED), "acme/o", keep_https=True)
    assert [part.url[-2:] for part in link.parts] == ["p1", "p2", "p3"]
    assert [(part.first, part.last) for part in link.parts] == [
        (0, 5242879),
        (5242880, 10485759),
        (10485760, 12345677),
    ]
    assert (link.size, link.sha1) == (12345678, None)


@pytest.mark.parametrize(
    "change",
    [
        {"urls": {"0-9": "https://b.example.invalid/1", "11-19": "https://b.example.invalid/2"}, "size": 20},
        {"urls": {"0-9": "https://b.example.invalid/1", "5-19": "https://b.example.invalid/2"}, "size": 20},
        {"urls": {"5-9": "https://b.example.invalid/1"}, "size": 10},
        {"urls": {"0-9": "https://b.example.invalid/1"}, "size": 20},
        {"urls": {"9-0": "https://b.example.invalid/1"}, "size": None},
        {"urls": {"all": "https://b.example.invalid/1"}, "size": None},
        {"urls": {"0-9": "ftp://b.example.invalid/1"}, "size": 10},
        {"urls": {}},
        {"urls": None},
    ],
)
def test_parts_that_are_not_the_whole_file_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(AskError) as caught:
        read_download(reply({**CHUNKED, **change}), "acme/o", keep_https=True)
    assert caught.value.kind is ProblemKind.BAD_REPLY


@pytest.mark.parametrize(("keep_https", "scheme"), [(True, "https"), (False, "http")])
def test_a_fallback_address_does_not_lead_from_https_to_http(keep_https: bool, scheme: str) -> None:
    body = {"status": "fallback", "url": "http://api.example.invalid/oss/v2/signedresources/g?region=US", "size": 9}
    link = read_download(reply(body), "acme/o", keep_https=keep_https)
    assert link.url == f"{scheme}://api.example.invalid/oss/v2/signedresources/g?region=US"


def test_a_missing_object_says_why_it_may_be_missing() -> None:
    with pytest.raises(AskError, match=r"acme/o.*24 hours") as caught:
        read_download(reply({"reason": "Object not found"}, 404), "acme/o", keep_https=True)
    assert caught.value.kind is ProblemKind.GONE


def test_the_report_address() -> None:
    assert read_report_url(reply(DONE)) == DONE["reportUrl"]
    with pytest.raises(AskError) as caught:
        read_report_url(reply({"status": "inprogress"}))
    assert caught.value.kind is ProblemKind.GONE


@pytest.mark.parametrize(
    ("body", "kind", "expected"),
    [
        ({"developerMessage": "Quota limit exceeded."}, "application/json", "Quota limit exceeded."),
        (
            {"developerMessage": "no match", "errorCode": "AUTH-003", "more info": "https://e.invalid/"},
            "application/json",
            "no match (AUTH-003)",
        ),
        ({"error": "invalid_client", "error_description": "bad id"}, "application/json", "bad id"),
        ({"error": "invalid_client"}, "application/json", "invalid_client"),
        ({"reason": "No read access"}, "application/vnd.api+json", "No read access"),
        ({"line": ["Invalid switch", "2"], "b": ["c"]}, "application/json", "line: Invalid switch; b: c"),
        ('"User=abc cannot access it."', "application/json", "User=abc cannot access it."),
        ("Token does not have the privilege", "text/plain", "Token does not have the privilege"),
        ("<html><body>502</body></html>", "text/html", ""),
        (
            "<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
            "application/xml",
            "Request has expired (AccessDenied)",
        ),
        ("", "text/plain", ""),
        (b"\xff\xfe\x00binary", "application/octet-stream", ""),
        ([1, 2], "application/json", ""),
    ],
)
def test_trap_13_every_error_shape_becomes_one_sentence(body: object, kind: str, expected: str) -> None:
    assert error_sentence(reply(body, 400, headers={"content-type": kind})) == expected


def test_an_error_sentence_is_inert_short_and_without_secrets() -> None:
    said = error_sentence(reply({"reason": "a\x1b]52;c\x07 https://h/p?sig=1\n" + "x" * 5000}, 400))
    assert "\x1b" not in said
    assert "sig=1" not in said
    assert "\n" not in said
    assert len(said) <= 300


@pytest.mark.parametrize(
    ("status", "body", "kind", "hint"),
    [
        (401, {"errorCode": "AUTH-006", "developerMessage": "expired"}, ProblemKind.AUTH, "secret"),
        (403, {"errorCode": "AUTH-010", "developerMessage": "no privilege"}, ProblemKind.FORBIDDEN, "code:all"),
        (403, '"User=a cannot access a resource owned by Owner=b."', ProblemKind.FORBIDDEN, "another app"),
        (403, {"reason": "No read access"}, ProblemKind.FORBIDDEN, "another app"),
        (404, "", ProblemKind.GONE, "region"),
        (400, {"id": ["bad"]}, ProblemKind.BAD_REPLY, "put right"),
        (500, "<html>", ProblemKind.UNREACHABLE, "try again"),
    ],
)
def test_a_refusal_says_what_to_do(status: int, body: object, kind: ProblemKind, hint: str) -> None:
    with pytest.raises(AskError) as caught:
        check_answer(reply(body, status))
    assert caught.value.kind is kind
    assert hint in caught.value.hint


def test_trap_8_the_wish_of_a_429_is_kept() -> None:
    with pytest.raises(AskError, match=r"Quota limit exceeded\.") as caught:
        check_answer(reply({"developerMessage": "Quota limit exceeded."}, 429, headers={"Retry-After": "25"}))
    assert (caught.value.kind, caught.value.retry_after) == (ProblemKind.RATE_LIMITED, 25.0)


def test_trap_10_a_404_says_what_it_most_likely_means() -> None:
    with pytest.raises(AskError, match="3 days"):
        check_answer(reply("", 404))


SIGNED = "https://store.example.invalid/debug.zip?X-Amz-Date=20260302T081500Z&X-Amz-Expires=3600&X-Amz-Signature=a"


def test_the_debug_archive_is_one_more_output() -> None:
    names = [output.name for output in read_workitem({**DONE, "debugInfoUrl": SIGNED}, REF).outputs]
    assert names == ["out.zip", "out (1).zip", "debug.zip"]
    own = Reference(ID, outputs=("acme-results/debug.zip",))
    assert [output.name for output in read_workitem({**DONE, "debugInfoUrl": SIGNED}, own).outputs] == [
        "debug.zip",
        "debug (1).zip",
    ]


LATE = "Mon, 02 Mar 2026 20:00:00 GMT"


@pytest.mark.parametrize(
    ("url", "date", "passed", "dead"),
    [
        (SIGNED, "Mon, 02 Mar 2026 09:15:00 GMT", 3600, True),
        (SIGNED, "no date", 3600, True),
        (SIGNED, "Mon, 02 Mar 2026 09:14:59 GMT", 9999, False),  # our clock is ahead
        (SIGNED, LATE, 3599, False),
        ("https://cdn.example.invalid/debug.zip?Expires=1&Signature=a", LATE, 9999, False),
        (SIGNED.replace("3600", "9" * 18), LATE, 9999, False),
    ],
)
def test_traps_11_and_30_a_dead_debug_link_is_told_and_another_signers_link_is_tried(
    url: str, date: str, passed: float, dead: bool
) -> None:
    clock = FakeClock()
    clock.jump(passed)
    answer = reply({**DONE, "debugInfoUrl": url}, headers={"Date": date}, clock=clock)
    if not dead:
        assert read_debug_link(answer).url == url
        return
    with pytest.raises(AskError, match="died at 2026-03-02 09:15:00Z") as caught:
        read_debug_link(answer)
    assert caught.value.kind is ProblemKind.GONE
    assert "Signature" not in str(caught.value)


@pytest.mark.parametrize(
    ("known", "told", "behind"),
    [
        ("inprogress", "pending", True),
        ("success", "inprogress", True),
        ("failedUpload", "pending", True),
        ("pending", "inprogress", False),
        ("pending", "pending", False),
        ("success", "failedUpload", False),
    ],
)
def test_a_workitem_never_goes_back(known: str, told: str, behind: bool) -> None:
    one, other = read_workitem({"status": known}, REF), read_workitem({"status": told}, REF)
    assert is_behind(one, other) is behind
    assert not is_behind(Snapshot(), other)
    assert not is_behind(Snapshot(JobState.EXPIRED), other)


workitems = almost("status", "stats", "id", "activityId", "progress", "reportUrl", "approximateQueuePosition")
timed = st.fixed_dictionaries(
    {"status": st.sampled_from(["pending", "success", "x"]), "stats": almost("timeQueued", "timeFinished", "bytes")}
)


@given(
    json_values | workitems | timed, st.binary() | st.none(), st.sampled_from([200, 302, 400, 401, 403, 404, 429, 500])
)
def test_no_answer_breaks_the_readers(value: object, noise: bytes | None, status: int) -> None:
    answer = reply(value if noise is None else noise, status)
    with contextlib.suppress(AskError):
        read_workitem(value, REF)
    for read in (
        lambda: read_status_batch(answer, [REF]),
        lambda: read_report_url(answer),
        lambda: read_debug_link(answer),
        lambda: read_download(answer, "acme/o", keep_https=True),
        lambda: check_answer(answer),
        lambda: error_sentence(answer),
    ):
        with contextlib.suppress(AskError):
            read()


@given(almost("results", "errors"), almost("status", "url", "urls", "size", "sha1", "params"))
def test_no_almost_right_answer_breaks_the_readers(batch: object, download: object) -> None:
    with contextlib.suppress(AskError):
        read_status_batch(reply(batch), [REF])
    with contextlib.suppress(AskError):
        read_download(reply(download), "acme/o", keep_https=True)
