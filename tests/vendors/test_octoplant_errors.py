"""octoplant: what the server did, and what the user reads of it: kind, exit code, sentence and what to do next."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx
import pytest

from tests.clock import FakeClock
from tests.vendors.fakes import FakeSession, Handler, reply, secrets_of
from tui.errors import AskError, CredentialsError, ExitCode
from tui.model import Connection, ProblemKind, Reference
from tui.vendors.contract import ExplainsFiles, Vendor
from tui.vendors.octoplant import VENDOR
from tui.vendors.octoplant.errors import file_error

NAME = "0c5b9c1e-77aa-4f0e-9a53-3f1d2b6c8e10"
REF = Reference(NAME)
PLANT = Connection("plant", "octoplant", "https://localhost:64023", {"username": "ops"})
WAIT = "wait a little; if it stays so, ask the administrator to look at the server"
LOGIN = "check username and password; several wrong logins may lock the account"


@dataclass(frozen=True)
class Case:
    """One thing that the server did, and what comes of it."""

    did: str
    status: int
    body: object
    kind: ProblemKind
    code: ExitCode
    sentence: str
    headers: dict[str, str] = field(default_factory=dict)


def grpc(code: int, message: str = "so it is") -> dict[str, object]:
    return {"code": code, "message": message, "details": []}


HTML = "<html><h1>502</h1></html>"
UNKNOWN = "octoplant does not know this order (any more)"
KEPT = "orders are kept for a while only: start the export again"
ASKED = [
    Case("knows no such order", 404, grpc(5, "order x was not found"), ProblemKind.GONE, ExitCode.FAILED,
         f"{UNKNOWN} (404): order x was not found; {KEPT}"),
    Case("polls of unknown orders are UNSPECIFIED", 200, {"name": NAME, "metadata": {"state": "STATE_UNSPECIFIED"}},
         ProblemKind.GONE, ExitCode.FAILED, f"{UNKNOWN}; look at the name; a finished order is kept for a while only"),
    Case("forbids it", 403, grpc(7, "no right"), ProblemKind.FORBIDDEN, ExitCode.CREDENTIALS,
         "octoplant forbids this (403): no right; ask the administrator for the right in AdminClient"),
    Case("forgets each login at once", 401, grpc(16, "token is unknown"), ProblemKind.AUTH, ExitCode.CREDENTIALS,
         "octoplant refused the credentials (401): token is unknown; "
         "check username and password, or the access_token, which has an end date"),
    Case("asks for fewer requests", 429, grpc(8, "too many"), ProblemKind.RATE_LIMITED, ExitCode.UNREACHABLE,
         "octoplant asks for fewer requests (429): too many; wait a little; a larger min_interval asks less often"),
    Case("is not available", 503, grpc(14, "no backend"), ProblemKind.UNREACHABLE, ExitCode.UNREACHABLE,
         f"octoplant has trouble (503): no backend; {WAIT}"),
    Case("has an internal error", 500, grpc(13), ProblemKind.UNREACHABLE, ExitCode.UNREACHABLE,
         f"octoplant has trouble (500): so it is; {WAIT}"),
    Case("takes too long", 504, grpc(4), ProblemKind.UNREACHABLE, ExitCode.UNREACHABLE,
         f"octoplant has trouble (504): so it is; {WAIT}"),
    Case("cancels the call", 499, grpc(1), ProblemKind.UNREACHABLE, ExitCode.UNREACHABLE,
         f"octoplant has trouble (499): so it is; {WAIT}"),
    Case("says a code of tomorrow", 500, grpc(99), ProblemKind.UNREACHABLE, ExitCode.UNREACHABLE,
         f"octoplant has trouble (500): so it is; {WAIT}"),
    Case("has no such call", 501, grpc(12, "Method Not Allowed"), ProblemKind.BAD_REPLY, ExitCode.UNREACHABLE,
         "octoplant does not accept this (501): Method Not Allowed; "
         "look at base_url, and whether this server has the Export API"),
    Case("finds a word wrong", 400, grpc(3, "unknown field"), ProblemKind.BAD_REPLY, ExitCode.UNREACHABLE,
         "octoplant does not accept this (400): unknown field; look at what octoplant says, and at base_url"),
    Case("finds the order in another state", 400, grpc(9, "is finished"), ProblemKind.BAD_REPLY, ExitCode.UNREACHABLE,
         "octoplant does not accept this (400): is finished; "
         "this cannot be done as things stand: look at the order, it may be over already"),
    Case("is a v1 gateway", 404, {"error": "no order", "code": 5, "message": "no order"}, ProblemKind.GONE,
         ExitCode.FAILED, f"{UNKNOWN} (404): no order; {KEPT}"),
    Case("is a v1 gateway that streams", 404, {"error": {"grpc_code": 5, "http_code": 404, "message": "no order"}},
         ProblemKind.GONE, ExitCode.FAILED, f"{UNKNOWN} (404): no order; {KEPT}"),
    Case("is another server", 404, "<html>nginx</html>", ProblemKind.BAD_REPLY, ExitCode.UNREACHABLE,
         "something answered 404 that is not the Export API; look at base_url"),
    Case("is a proxy with trouble", 502, HTML, ProblemKind.UNREACHABLE, ExitCode.UNREACHABLE,
         "the vendor answered 502; the vendor has trouble; wait a little"),
    Case("is a proxy with a login page", 200, HTML, ProblemKind.BAD_REPLY, ExitCode.UNREACHABLE,
         "the vendor answered 200 with text/html that is not JSON; "
         "a proxy or login page may stand between; look at base_url"),
    Case("answers nothing", 200, "", ProblemKind.BAD_REPLY, ExitCode.UNREACHABLE,
         "the vendor answered 200 with text/html that is not JSON; "
         "a proxy or login page may stand between; look at base_url"),
    Case("answers something else", 200, {"title": "Sign in"}, ProblemKind.BAD_REPLY, ExitCode.UNREACHABLE,
         "the answer is not an order's Operation; look at base_url"),
    Case("sends elsewhere", 302, "", ProblemKind.BAD_REPLY, ExitCode.UNREACHABLE,
         "the vendor answered 302, which is not expected here; look at base_url and at what stands between"),
]  # fmt: skip

LOGINS = [
    Case("refuses the password", 400, {"error": "invalid_grant", "error_description": "wrong user name or password"},
         ProblemKind.AUTH, ExitCode.CREDENTIALS,
         f"the login was refused (400): wrong user name or password; {LOGIN}"),
    Case("refuses it as gRPC does", 401, grpc(16, "wrong password"), ProblemKind.AUTH, ExitCode.CREDENTIALS,
         f"the login was refused (401): wrong password; {LOGIN}"),
    Case("has locked the account", 400, {"error": "invalid_grant", "error_description": "account is locked"},
         ProblemKind.AUTH, ExitCode.CREDENTIALS,
         "the login was refused (400): account is locked; ask the administrator to unlock the account in AdminClient; "
         "jobdeck does not try again by itself"),
    Case("refuses the client", 401, {"error": "invalid_client"}, ProblemKind.AUTH, ExitCode.CREDENTIALS,
         f"the login was refused (401): invalid_client; {LOGIN}"),
    Case("has no token service", 404, HTML, ProblemKind.BAD_REPLY, ExitCode.UNREACHABLE,
         "there is no token service there (404); look at the address"),
    Case("starts up", 503, "", ProblemKind.UNREACHABLE, ExitCode.UNREACHABLE,
         "the vendor answered 503; the vendor has trouble; wait a little"),
    Case("gives no token", 200, {}, ProblemKind.BAD_REPLY, ExitCode.UNREACHABLE,
         "the token service's answer holds no usable access_token; look at the address"),
]  # fmt: skip


def answer(case: Case) -> httpx.Response:
    if isinstance(case.body, str):
        return httpx.Response(case.status, html=case.body, headers=case.headers)
    return httpx.Response(case.status, json=case.body, headers=case.headers)


def session(handler: Handler, login: httpx.Response | None = None) -> FakeSession:
    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/oauth2/token":
            return login or httpx.Response(200, json={"access_token": "t"})
        return handler(request)

    return FakeSession(VENDOR, PLANT, secrets_of("plant", password="pw"), handle)


async def read(wish: FakeSession) -> AskError:
    with pytest.raises(AskError) as caught:
        await VENDOR.ask(wish, REF)
    return caught.value


def said(error: AskError) -> str:
    assert error.hint, error.message
    return f"{error.message}; {error.hint}"


@pytest.mark.parametrize("case", ASKED, ids=lambda case: case.did)
async def test_what_the_server_did_is_told(case: Case) -> None:
    error = await read(session(lambda _: answer(case)))
    assert (error.kind, error.exit_code, said(error)) == (case.kind, case.code, case.sentence)


@pytest.mark.parametrize("case", LOGINS, ids=lambda case: case.did)
async def test_what_the_login_did_is_told(case: Case) -> None:
    error = await read(session(lambda _: httpx.Response(500), answer(case)))
    assert (error.kind, error.exit_code, said(error)) == (case.kind, case.code, case.sentence)


async def test_retry_after_as_a_date_is_read_by_the_vendors_own_clock() -> None:
    told = {"Retry-After": "Mon, 02 Mar 2026 11:00:30 GMT", "Date": "Mon, 02 Mar 2026 11:00:00 GMT"}
    error = await read(session(lambda _: httpx.Response(429, json=grpc(8), headers=told)))
    assert error.retry_after == 30.0


async def test_retry_after_is_obeyed_whatever_the_body() -> None:
    error = await read(session(lambda _: httpx.Response(429, json=grpc(8), headers={"Retry-After": "7"})))
    assert error.retry_after == 7


def test_trap_1_a_missing_password_is_told_with_both_ways_in() -> None:
    with pytest.raises(CredentialsError, match="password is missing") as caught:
        VENDOR.login(PLANT, secrets_of("plant"), FakeClock())
    assert "secret set plant password" in caught.value.hint
    assert "access_token" in {secret.name for secret in VENDOR.secrets}


# Downloads that break off (section 3.3)

ZIP = b"PK\x03\x04" + bytes(range(256)) * 8
BROKEN = '{"error":{"code":13,"message":"archive cannot be read","details":[]}}'
AGAIN = "download it again; if it stays so, start the export again"
FILES = [
    Case("breaks off in the middle", 200, ZIP + BROKEN.encode(), ProblemKind.BAD_REPLY, ExitCode.UNREACHABLE,
         f"octoplant has trouble in the middle of the file: archive cannot be read; {AGAIN}"),
    Case("breaks off with spaces in its JSON", 200, ZIP + b'\n{ "error": {"code": 5, "message": "gone"} }\n',
         ProblemKind.GONE, ExitCode.FAILED, f"{UNKNOWN} in the middle of the file: gone; {AGAIN}"),
    Case("is a v1 gateway that breaks off", 200, ZIP + b'{"error":{"grpc_code":7,"message":"no right"}}',
         ProblemKind.FORBIDDEN, ExitCode.CREDENTIALS,
         f"octoplant forbids this in the middle of the file: no right; {AGAIN}"),
    Case("fails before the first byte", 500, BROKEN.encode(), ProblemKind.UNREACHABLE, ExitCode.UNREACHABLE,
         f"octoplant has trouble in place of the file: archive cannot be read; {AGAIN}"),
    Case("has nothing to download yet", 400, b'{"error":{"code":9,"message":"no result"}}', ProblemKind.BAD_REPLY,
         ExitCode.UNREACHABLE, f"octoplant does not accept this in place of the file: no result; {AGAIN}"),
    Case("refuses the login without a word", 401, b"", ProblemKind.AUTH, ExitCode.CREDENTIALS,
         "octoplant refused the credentials (401); "
         "check username and password, or the access_token, which has an end date"),
]  # fmt: skip


@pytest.mark.parametrize("case", FILES, ids=lambda case: case.did)
def test_trap_05_an_error_in_place_of_a_file_is_told_in_its_own_words(case: Case) -> None:
    error = file_error(reply(case.body, case.status))
    assert error is not None
    assert (error.kind, error.exit_code, said(error)) == (case.kind, case.code, case.sentence)


@pytest.mark.parametrize(
    "body",
    [b"", ZIP, ZIP + b'{"error"', ZIP + b'{"error":{}}', ZIP + b'{"code":"x"}', b"<html>", ZIP + b'{"code":1}PK'],
)
def test_trap_05_a_body_without_an_error_says_none(body: bytes) -> None:
    assert file_error(reply(body)) is None


def test_it_explains_files() -> None:
    vendor: Vendor = VENDOR
    assert isinstance(vendor, ExplainsFiles)
