"""What Autodesk's servers did, and what the user then reads: kind, exit code, sentence and what to do next."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx
import pytest

from tests.vendors.fakes import FakeSession
from tests.vendors.test_autodesk import ID, REF, answer_token, aps, refused
from tui.errors import ExitCode
from tui.model import JobState, Output, ProblemKind, Snapshot
from tui.vendors.autodesk import VENDOR
from tui.vendors.contract import Order

AUTH, FORBIDDEN, LIMITED = ProblemKind.AUTH, ProblemKind.FORBIDDEN, ProblemKind.RATE_LIMITED
AWAY, GONE, BAD = ProblemKind.UNREACHABLE, ProblemKind.GONE, ProblemKind.BAD_REPLY

UNKNOWN = "Autodesk does not know this WorkItem; it keeps one for 3 days after its end (404)"
COMPARE = "compare the id, client_id and region with where it was started; what was last known is kept"
LOOK = "look at base_url and region; a proxy may stand between"
LATER = "try again in a while; if it lasts, look at Autodesk's health page and at base_url"
SCOPES = "the token lacks a right: look at the app's APIs and at the setting scopes (code:all data:read)"
OWNER = "the WorkItem or bucket belongs to another app; look at client_id"
QUOTA = "wait; all programs with this client id share one quota"
EXPIRED_XML = "<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"

Wish = Callable[[FakeSession], Awaitable[object]]
WAITING = Snapshot(JobState.WAITING, title="acme.ExportFbx+prod")
WISHES: dict[str, Wish] = {
    "ask": lambda session: VENDOR.ask(session, REF),
    "ask many": lambda session: VENDOR.ask_many(session, [REF]),
    "cancel": lambda session: VENDOR.cancel(session, REF),
    "report": lambda session: VENDOR.report(session, REF),
    "resolve": lambda session: VENDOR.resolve(session, REF, Output("r.zip")),
    "debug": lambda session: VENDOR.resolve(session, REF, Output("debug.zip")),
    "submit": lambda session: VENDOR.submit(session, Order('{"activityId": "acme.ExportFbx+prod"}')),
    "discover": lambda session: VENDOR.discover(session, session.clock.now()),
    "browse": lambda session: VENDOR.browse(session, "acme-results"),
    "explain": lambda session: VENDOR.explain_wait(session, WAITING),
    "probe": VENDOR.probe,
}


@dataclass(frozen=True)
class Row:
    """One line of the table: the wish, the answer (status and body) to it, and what the user gets."""

    wish: str
    status: int
    body: object
    kind: ProblemKind
    code: ExitCode
    message: str
    hint: str


QUOTA_BODY = {"developerMessage": "Quota limit exceeded."}
NICKNAME = "User=abc cannot access a resource owned by Owner=acme."
TABLE = [
    Row(
        *("ask", 401, {"developerMessage": "Access token provided is invalid or expired.", "errorCode": "AUTH-006"}),
        *(AUTH, ExitCode.CREDENTIALS),
        "the vendor refused the credentials (401): Access token provided is invalid or expired. (AUTH-006)",
        "check client_id and client_secret",
    ),
    Row(
        *("ask", 403, {"developerMessage": "Token does not have the privilege", "errorCode": "AUTH-010"}),
        *(FORBIDDEN, ExitCode.CREDENTIALS),
        "the vendor forbids this (403): Token does not have the privilege (AUTH-010)",
        SCOPES,
    ),
    Row(
        *("ask", 403, "Token does not have the privilege for this request.", FORBIDDEN, ExitCode.CREDENTIALS),
        "the vendor forbids this (403): Token does not have the privilege for this request.",
        SCOPES,
    ),
    Row(
        *("ask", 403, f'"{NICKNAME}"', FORBIDDEN, ExitCode.CREDENTIALS),
        f"the vendor forbids this (403): {NICKNAME}",
        OWNER,
    ),
    Row("ask", 404, "", GONE, ExitCode.FAILED, UNKNOWN, COMPARE),
    Row(
        *("ask", 429, QUOTA_BODY, LIMITED, ExitCode.UNREACHABLE),
        "the vendor asks for fewer requests (429): Quota limit exceeded.",
        QUOTA,
    ),
    Row("ask", 502, "<html>Bad gateway</html>", AWAY, ExitCode.UNREACHABLE, "the vendor answered 502", LATER),
    Row("ask", 503, "", AWAY, ExitCode.UNREACHABLE, "the vendor answered 503", LATER),
    Row(
        *("ask", 302, "", BAD, ExitCode.UNREACHABLE),
        "the vendor answered 302, which is not expected here",
        LOOK,
    ),
    Row(
        *("ask", 200, "<html>sign in</html>", BAD, ExitCode.UNREACHABLE),
        "the vendor answered 200 with text/plain that is not JSON",
        "a proxy or login page may stand between; look at base_url",
    ),
    Row("ask", 200, [], BAD, ExitCode.UNREACHABLE, "the WorkItem is not a JSON object", "look at base_url"),
    Row("ask", 200, {"id": ID}, BAD, ExitCode.UNREACHABLE, "the answer tells no status of the WorkItem", LOOK),
    Row(
        *("ask many", 400, {"workItemIds": ["At most 50 ids are allowed."]}, BAD, ExitCode.UNREACHABLE),
        "the vendor answered 400, which is not expected here: workItemIds: At most 50 ids are allowed.",
        "put right what Autodesk names",
    ),
    Row(
        *("ask many", 404, "", BAD, ExitCode.UNREACHABLE),
        "Autodesk knows neither these WorkItems nor the call for their status",
        "look at base_url and region",
    ),
    Row(
        *("ask many", 200, {"a": 1}, BAD, ExitCode.UNREACHABLE, "the answer holds neither results nor errors"),
        LOOK,
    ),
    Row(
        *("cancel", 409, '"It is over."', BAD, ExitCode.UNREACHABLE),
        "Autodesk refused to cancel it now (409): It is over.",
        "look at its state and try again if it still runs",
    ),
    Row("cancel", 404, "", GONE, ExitCode.FAILED, UNKNOWN, COMPARE),
    Row(
        *("cancel", 500, "", AWAY, ExitCode.UNREACHABLE, "the vendor answered 500"),
        "nobody knows whether it was taken: look at the state before you cancel again",
    ),
    Row(
        *("report", 200, {"status": "inprogress"}, GONE, ExitCode.FAILED),
        "Autodesk offers no report of this WorkItem (yet)",
        COMPARE,
    ),
    Row(
        *("report", 200, {"status": "success", "reportUrl": "https://store.example/dead"}, GONE, ExitCode.FAILED),
        "the report cannot be had any more (403): Request has expired (AccessDenied)",
        "ask for it once more: each ask gets a new link",
    ),
    Row(
        *("resolve", 403, {"reason": "No read access"}, FORBIDDEN, ExitCode.CREDENTIALS),
        "the vendor forbids this (403): No read access",
        OWNER,
    ),
    Row(
        *("resolve", 404, {"reason": "Object not found"}, GONE, ExitCode.FAILED),
        "there is no acme-results/a dir/r.zip in OSS (any more); a transient bucket keeps an object for 24 hours (404)"
        ": Object not found",
        COMPARE,
    ),
    Row(
        *("resolve", 200, {"status": "complete"}, BAD, ExitCode.UNREACHABLE),
        "the download's address is not a usable address",
        "look at base_url and at what stands between",
    ),
    Row(
        *("resolve", 200, {"status": "chunked", "urls": {"5-9": "https://h/"}}, BAD, ExitCode.UNREACHABLE),
        "the parts of the object do not make it whole; ask again",
        LOOK,
    ),
    Row(
        *("debug", 200, {"status": "success"}, GONE, ExitCode.FAILED),
        "Autodesk offers no debug archive of this WorkItem (any more)",
        "submit it with the argument adskDebug and uploadJobFolder",
    ),
    Row(
        *("submit", 400, {"commandLine": ["Invalid switch /x"]}, BAD, ExitCode.UNREACHABLE),
        "the vendor answered 400, which is not expected here: commandLine: Invalid switch /x",
        "put right what Autodesk names",
    ),
    Row(
        "submit",
        403,
        f'"{NICKNAME}"',
        FORBIDDEN,
        ExitCode.CREDENTIALS,
        f"the vendor forbids this (403): {NICKNAME}",
        OWNER,
    ),
    Row(
        *("submit", 404, "", BAD, ExitCode.UNREACHABLE),
        "Design Automation does not answer at this address (404)",
        "look at base_url and region",
    ),
    Row(
        *(
            "submit",
            413,
            "",
            BAD,
            ExitCode.UNREACHABLE,
            "Autodesk finds the order too large (413); nothing was started",
        ),
        "put long texts into OSS and name them by url; raise max_order_bytes if Autodesk raised your limit",
    ),
    Row(
        *("submit", 200, {"status": "pending"}, AWAY, ExitCode.UNREACHABLE),
        "Autodesk took the order, but its answer names no WorkItem",
        "look at what ran lately before you send it again",
    ),
    Row(
        *("discover", 400, {"startAfterTime": ["Too old."]}, BAD, ExitCode.UNREACHABLE),
        "the vendor answered 400, which is not expected here: startAfterTime: Too old.",
        "put right what Autodesk names",
    ),
    Row(
        *("discover", 404, "", BAD, ExitCode.UNREACHABLE),
        "Design Automation does not answer at this address (404)",
        "look at base_url and region",
    ),
    Row("discover", 200, {}, BAD, ExitCode.UNREACHABLE, "the answer lists no WorkItems", LOOK),
    Row(
        *("browse", 404, {"reason": "Bucket not found"}, GONE, ExitCode.FAILED),
        "there is no bucket acme-results (any more) (404): Bucket not found",
        "look at the bucket's name and at client_id: only its owner may list it",
    ),
    Row("browse", 403, {}, FORBIDDEN, ExitCode.CREDENTIALS, "the vendor forbids this (403)", SCOPES),
    Row("browse", 200, {}, BAD, ExitCode.UNREACHABLE, "the answer lists no objects", LOOK),
    Row("explain", 500, "", AWAY, ExitCode.UNREACHABLE, "the vendor answered 500", LATER),
    Row(
        *("probe", 404, "", BAD, ExitCode.UNREACHABLE),
        "Design Automation does not answer at this address (404)",
        "look at base_url and region",
    ),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.wish} {row.status} {row.message[:40]}")
async def test_the_sentence_that_the_user_reads(row: Row) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "store.example":
            return httpx.Response(403, text=EXPIRED_XML)
        headers = {"Retry-After": "25"} if row.status == 429 else {}
        if isinstance(row.body, str):
            return httpx.Response(row.status, text=row.body, headers=headers)
        return httpx.Response(row.status, json=row.body, headers=headers)

    error = await refused(WISHES[row.wish](aps(answer)))
    assert (error.kind, error.exit_code, error.message) == (row.kind, row.code, row.message)
    assert row.hint in error.hint
    assert error.retry_after == (25.0 if row.status == 429 else None)


@pytest.mark.parametrize(
    ("status", "body", "kind", "code", "message", "hint"),
    [
        (
            *(401, {"developerMessage": "The client_id and client_secret do not match.", "errorCode": "AUTH-003"}),
            *(AUTH, ExitCode.CREDENTIALS),
            "the login was refused (401): The client_id and client_secret do not match. (AUTH-003)",
            "check client_id and client_secret",
        ),
        (
            *(400, {"error": "invalid_scope", "error_description": "the scope is not known"}),
            *(AUTH, ExitCode.CREDENTIALS, "the login was refused (400): the scope is not known"),
            "check client_id and client_secret",
        ),
        (
            *(429, QUOTA_BODY, LIMITED, ExitCode.UNREACHABLE),
            *("the vendor asks for fewer requests (429): Quota limit exceeded.", None),
        ),
        (404, {}, BAD, ExitCode.UNREACHABLE, "there is no token service there (404)", "look at the address"),
        (
            *(200, {}, BAD, ExitCode.UNREACHABLE, "the token service's answer holds no usable access_token"),
            None,
        ),
    ],
)
@pytest.mark.parametrize("wish", ["ask", "submit", "browse", "cancel"])
async def test_the_sentence_when_the_login_fails(
    wish: str, status: int, body: object, kind: ProblemKind, code: ExitCode, message: str, hint: str | None
) -> None:
    session = aps(lambda _: httpx.Response(500), token=answer_token(status, body))
    error = await refused(WISHES[wish](session))
    assert (error.kind, error.exit_code, error.message) == (kind, code, message)
    assert error.hint == hint if hint else error.hint
    assert all(request.url.path == "/authentication/v2/token" for request in session.sent)


@pytest.mark.parametrize("wish", sorted(WISHES))
async def test_every_sentence_says_what_to_do_next_when_nobody_answers(wish: str) -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("cut", request=request)

    error = await refused(WISHES[wish](aps(broken)))
    assert (error.kind, error.exit_code) == (AWAY, ExitCode.UNREACHABLE)
    assert error.hint
