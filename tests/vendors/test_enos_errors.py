"""EnOS: what the server did, and what the user reads of it: kind, exit code, sentence and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime

import httpx
import pytest

from tests.clock import START
from tests.vendors.fakes import FakeSession, reply, secrets_of
from tui.errors import AskError, ExitCode
from tui.model import Connection, Output, ProblemKind, Reference
from tui.vendors.contract import ExplainsFiles, Vendor
from tui.vendors.enos import VENDOR
from tui.vendors.enos.envelope import clock_hint, file_error
from tui.vendors.enos.read import EXPIRING_NOTICE

WINDFARM = Connection("windfarm", "enos", "https://gateway.example", {"access_key": "key", "org_id": "o1"})
REF = Reference("ch-1/t1")
KEYS = "check access_key and secret_key"
WAIT = "the vendor has trouble; wait a little"
JOBS_HINT = "look at channel, task and org_id; EnOS cannot list tasks"


@dataclass(frozen=True)
class Case:
    """One thing that the server did, and what comes of it."""

    did: str
    status: int
    body: object
    kind: ProblemKind
    code: ExitCode
    sentence: str


ASKED = [
    Case("knows no such task", 200, {"code": 81404, "msg": "channel does not exist"}, ProblemKind.GONE,
         ExitCode.FAILED, f"the vendor does not know this task (81404: channel does not exist); {JOBS_HINT}"),
    Case("has stopped the channel", 200, {"code": 81400, "msg": "bad state"}, ProblemKind.BAD_REPLY,
         ExitCode.UNREACHABLE, "the vendor refuses (81400: bad state); "
         "the channel must belong to org_id, be started, and have cross-source analysis off"),
    Case("has an internal error", 200, {"code": "81500", "msg": ""}, ProblemKind.UNREACHABLE, ExitCode.UNREACHABLE,
         "the vendor has an internal error (81500); wait a little; if it stays so, tell the platform's operators"),
    Case("says a code of tomorrow", 200, {"code": 81499, "msg": "new"}, ProblemKind.BAD_REPLY, ExitCode.UNREACHABLE,
         "the vendor refuses (81499: new); look at the channel and at org_id"),
    Case("takes no token (401)", 401, {"message": "Invalid authentication credentials"}, ProblemKind.AUTH,
         ExitCode.CREDENTIALS, f"the vendor refused the credentials (401): Invalid authentication credentials; {KEYS}"),
    Case("takes no token (1203)", 200, {"code": 1203}, ProblemKind.AUTH, ExitCode.CREDENTIALS,
         f"the gateway does not accept a new access token; {KEYS}"),
    Case("takes no token (4012)", 200, {"apim_status": 4012}, ProblemKind.AUTH, ExitCode.CREDENTIALS,
         f"the gateway does not accept a new access token; {KEYS}"),
    Case("cannot read the body", 400, {"message": "Cannot process request body"}, ProblemKind.BAD_REPLY,
         ExitCode.UNREACHABLE, "the vendor answered 400, which is not expected here: Cannot process request body; "
         "look at the request's body"),
    Case("allows other addresses only", 403, {"message": "Your IP address is not allowed"}, ProblemKind.FORBIDDEN,
         ExitCode.CREDENTIALS, "the vendor forbids this (403): Your IP address is not allowed; "
         "ask for this machine's address to be allowed at the gateway"),
    Case("has no such route", 404, {"message": "no Route matched with those values"}, ProblemKind.BAD_REPLY,
         ExitCode.UNREACHABLE,
         "the gateway has nothing there (404): no Route matched with those values; look at base_url"),
    Case("finds the request too large", 413, {"message": "Request size limit exceeded"}, ProblemKind.BAD_REPLY,
         ExitCode.UNREACHABLE, "the vendor answered 413, which is not expected here: Request size limit exceeded; "
         "make the request smaller"),
    Case("asks for fewer requests", 429, {"message": "API rate limit exceeded"}, ProblemKind.RATE_LIMITED,
         ExitCode.UNREACHABLE, "the vendor asks for fewer requests (429): API rate limit exceeded; "
         "wait a little; a larger min_interval asks less often"),
    Case("fails", 500, {"message": "An unexpected error occurred"}, ProblemKind.UNREACHABLE, ExitCode.UNREACHABLE,
         f"the vendor answered 500: An unexpected error occurred; {WAIT}"),
    Case("is away", 503, {"message": "Service unavailable"}, ProblemKind.UNREACHABLE, ExitCode.UNREACHABLE,
         f"the vendor answered 503: Service unavailable; {WAIT}"),
    Case("is a proxy with trouble", 502, "<html>502</html>", ProblemKind.UNREACHABLE, ExitCode.UNREACHABLE,
         f"the vendor answered 502; {WAIT}"),
    Case("is a proxy with a login page", 200, "<html>", ProblemKind.BAD_REPLY, ExitCode.UNREACHABLE,
         "the vendor answered 200 with text/html that is not JSON; "
         "a proxy or login page may stand between; look at base_url"),
    Case("is no EnOS", 200, {"hello": "world"}, ProblemKind.BAD_REPLY, ExitCode.UNREACHABLE,
         "the answer has no code; look at base_url"),
    Case("tells of no task", 200, {"code": 0, "data": None}, ProblemKind.BAD_REPLY, ExitCode.UNREACHABLE,
         "the answer does not tell of exactly this task; look at channel and task"),
    Case("tells no progress", 200, {"code": 0, "data": {"taskId": "t1"}}, ProblemKind.BAD_REPLY, ExitCode.UNREACHABLE,
         "the answer tells no progressCode; look at base_url"),
    Case("sends elsewhere", 302, "", ProblemKind.BAD_REPLY, ExitCode.UNREACHABLE,
         "the vendor answered 302, which is not expected here; look at base_url and at what stands between"),
]  # fmt: skip

CLOCK = "look at this machine's clock, at access_key and secret_key"
TOKENS = [
    Case("has seen each encryption before", 200, {"status": 1001}, ProblemKind.UNREACHABLE, ExitCode.UNREACHABLE,
         "the token service gave no token; "
         "wait a little; another program may log in with the same keys at this moment"),
    Case("knows no such key", 200, {"status": 1002, "msg": "no app"}, ProblemKind.AUTH, ExitCode.CREDENTIALS,
         f"the access_key is unknown (1002: no app); {KEYS}"),
    Case("finds the secret wrong", 200, {"status": 1003, "msg": "bad sign"}, ProblemKind.AUTH, ExitCode.CREDENTIALS,
         f"the secret_key does not fit the access_key (1003: bad sign); {KEYS}"),
    Case("finds a parameter wrong", 200, {"status": 1004, "msg": "bad"}, ProblemKind.BAD_REPLY, ExitCode.UNREACHABLE,
         f"the token service refuses (1004: bad); {CLOCK}"),
    Case("has an internal error", 200, {"status": 1005}, ProblemKind.UNREACHABLE, ExitCode.UNREACHABLE,
         "the token service has an internal error (1005); wait a little"),
    Case("misspells its status", 200, {"stauts": 0}, ProblemKind.BAD_REPLY, ExitCode.UNREACHABLE,
         "the token service's answer has no status; look at base_url"),
    Case("gives no token", 200, {"status": 0, "data": {}}, ProblemKind.BAD_REPLY, ExitCode.UNREACHABLE,
         "the token service's answer holds no usable accessToken; look at base_url"),
    Case("gives nothing", 200, {"status": 0}, ProblemKind.BAD_REPLY, ExitCode.UNREACHABLE,
         "the token answer's data is not a JSON object; look at base_url"),
    Case("is not there", 404, {"message": "no Route"}, ProblemKind.BAD_REPLY, ExitCode.UNREACHABLE,
         "the gateway has nothing there (404): no Route; look at base_url"),
    Case("allows other addresses only", 403, {"message": "Your IP address is not allowed"}, ProblemKind.FORBIDDEN,
         ExitCode.CREDENTIALS, "the vendor forbids this (403): Your IP address is not allowed; "
         "ask for this machine's address to be allowed at the gateway"),
]  # fmt: skip


def answer(case: Case, **headers: str) -> httpx.Response:
    if isinstance(case.body, str):
        return httpx.Response(case.status, html=case.body, headers=headers)
    return httpx.Response(case.status, json=case.body, headers=headers)


def gateway(status: httpx.Response, *, token: httpx.Response | None = None) -> FakeSession:
    def handle(request: httpx.Request) -> httpx.Response:
        wanted = status
        if "/token/" in request.url.path:
            data = {"accessToken": "T", "expire": 7200}
            wanted = token or httpx.Response(200, json={"status": 0, "data": data})
        return httpx.Response(wanted.status_code, content=wanted.content, headers=wanted.headers)

    return FakeSession(VENDOR, WINDFARM, secrets_of("windfarm", secret_key="s"), handle)


async def read(session: FakeSession) -> AskError:
    with pytest.raises(AskError) as caught:
        await VENDOR.ask(session, REF)
    return caught.value


@pytest.mark.parametrize("case", ASKED, ids=lambda case: case.did)
async def test_what_the_server_did_is_told(case: Case) -> None:
    error = await read(gateway(answer(case)))
    assert (error.kind, error.exit_code, f"{error.message}; {error.hint}") == (case.kind, case.code, case.sentence)


@pytest.mark.parametrize("case", TOKENS, ids=lambda case: case.did)
async def test_what_the_token_service_did_is_told(case: Case) -> None:
    error = await read(gateway(httpx.Response(500), token=answer(case)))
    assert (error.kind, error.exit_code, f"{error.message}; {error.hint}") == (case.kind, case.code, case.sentence)


async def test_trap_08_token_answers_have_a_status_and_api_answers_a_code() -> None:
    as_api = httpx.Response(200, json={"code": 0, "data": {"accessToken": "T", "expire": 7200}})
    assert (await read(gateway(httpx.Response(500), token=as_api))).message.endswith("has no status")
    as_token = httpx.Response(200, json={"status": 0, "data": {"taskId": "t1", "progressCode": 3}})
    assert (await read(gateway(as_token))).message == "the answer has no code"


# A clock that is off


def date(seconds: float) -> str:
    return format_datetime(START + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("seconds", "hint"),
    [
        (0, ""),
        (59, ""),
        (-59, ""),
        (-720, "your clock is off by 12m00s (ahead): set it right"),
        (7500, "your clock is off by 2h05m (behind): set it right"),
    ],
)
def test_a_clock_that_is_off_is_told_by_the_gateways_date(seconds: float, hint: str) -> None:
    assert clock_hint(reply({}, headers={"Date": date(seconds)})) == hint


@pytest.mark.parametrize("headers", [{}, {"Date": "soon"}, {"Date": ""}])
def test_without_a_date_nothing_is_said_of_the_clock(headers: dict[str, str]) -> None:
    assert clock_hint(reply({}, headers=headers)) == ""


@pytest.mark.parametrize("case", [case for case in ASKED if case.kind is ProblemKind.AUTH], ids=lambda case: case.did)
async def test_trap_03_a_refused_signature_is_told_as_a_wrong_clock(case: Case) -> None:
    error = await read(gateway(answer(case, date=date(-720))))
    assert (error.kind, error.hint) == (ProblemKind.AUTH, "your clock is off by 12m00s (ahead): set it right")


@pytest.mark.parametrize("case", TOKENS[1:4], ids=lambda case: case.did)
async def test_trap_03_a_refused_token_call_is_told_as_a_wrong_clock(case: Case) -> None:
    error = await read(gateway(httpx.Response(500), token=answer(case, date=date(720))))
    assert (error.kind, error.hint) == (case.kind, "your clock is off by 12m00s (behind): set it right")


# Files


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (
            404,
            {"code": 81404, "msg": "none"},
            ProblemKind.GONE,
            "the vendor does not have the file (any more) (81404: none)",
        ),
        (200, {"code": 81500, "msg": "oops"}, ProblemKind.UNREACHABLE, "81500: oops"),
        (503, {"message": "Service unavailable"}, ProblemKind.UNREACHABLE, "Service unavailable"),
    ],
)
def test_an_error_in_place_of_a_file_is_told(status: int, body: object, kind: ProblemKind, words: str) -> None:
    error = file_error(reply(body, status))
    assert error is not None
    assert error.kind is kind
    assert words in error.message
    assert error.hint


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04", {"rows": []}, {"code": 0}, [], "<html>"])
def test_a_file_says_no_error(body: object) -> None:
    assert file_error(reply(body)) is None


def test_it_explains_files() -> None:
    vendor: Vendor = VENDOR
    assert isinstance(vendor, ExplainsFiles)


def test_an_expiring_file_says_what_to_do() -> None:
    assert EXPIRING_NOTICE.endswith("download it now")


@pytest.mark.parametrize(("code", "hint"), [(1, "wait for its success"), (2, "start the task again"), (7, "start the")])
async def test_a_task_without_a_file_says_what_to_do(code: int, hint: str) -> None:
    body = {"code": 0, "data": {"taskId": "t1", "progressCode": code}}
    with pytest.raises(AskError) as caught:
        await VENDOR.resolve(gateway(httpx.Response(200, json=body)), REF, Output("t1.zip"))
    assert caught.value.hint.startswith(hint)
