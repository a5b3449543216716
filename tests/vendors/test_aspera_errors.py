"""Aspera: what the server did, and what the user reads: problem, exit code, sentence and next step."""

from __future__ import annotations

import httpx
import pytest

from tests.vendors.fakes import FakeSession, secrets_of
from tui.errors import AskError, ExitCode
from tui.model import Connection, JobState, Output, ProblemKind, Reference
from tui.vendors.aspera import VENDOR
from tui.vendors.aspera.outputs import Variable, found_in

BASE = "https://orchestrator.example/aspera/orchestrator"
REF = Reference("7100")
TRACE = "\napp/controllers/api_controller.rb:88:in `show'"
BETWEEN = "look at base_url and at what stands between"
UNKNOWN = "look at its id; a step is named by step:ID or WORKORDER/STEP NAME"
ADDRESS = "look at base_url: it usually ends with /aspera/orchestrator"

AUTH, FORBIDDEN, GONE = ProblemKind.AUTH, ProblemKind.FORBIDDEN, ProblemKind.GONE
BAD, DOWN, LIMITED = ProblemKind.BAD_REPLY, ProblemKind.UNREACHABLE, ProblemKind.RATE_LIMITED


def session_of(answer: httpx.Response, auth: str = "basic") -> FakeSession:
    connection = Connection("orc", "aspera", BASE, {"username": "ops", "auth": auth})
    return FakeSession(VENDOR, connection, secrets_of("orc", password="p", api_key="k"), lambda _: answer)


def sentence(error: AskError) -> str:
    assert error.hint, error.message
    return f"{error.message}; {error.hint}"


@pytest.mark.parametrize(
    ("answer", "kind", "code", "said"),
    [
        (
            httpx.Response(401, html="<html>401 Unauthorized</html>"),
            AUTH,
            ExitCode.CREDENTIALS,
            "the vendor refused the credentials (401); check the secret",
        ),
        (
            httpx.Response(403, text="not allowed to see work orders"),
            FORBIDDEN,
            ExitCode.CREDENTIALS,
            "the vendor forbids this (403): not allowed to see work orders; check the account's rights",
        ),
        (
            httpx.Response(404, text=f"Couldn't find WorkOrder with 'id'=7100{TRACE}"),
            GONE,
            ExitCode.FAILED,
            f"the vendor does not know this job (404): Couldn't find WorkOrder with 'id'=7100; {UNKNOWN}",
        ),
        (
            httpx.Response(500, text=f"Couldn't find WorkOrder with 'id'=7100{TRACE}"),
            GONE,
            ExitCode.FAILED,
            f"the vendor does not know this job (500): Couldn't find WorkOrder with 'id'=7100; {UNKNOWN}",
        ),
        (
            httpx.Response(200, json={"error": "work order not found"}),
            GONE,
            ExitCode.FAILED,
            f"the vendor does not know this job: work order not found; {UNKNOWN}",
        ),
        (
            httpx.Response(404, html="<html>Not Found</html>"),
            BAD,
            ExitCode.UNREACHABLE,
            f"there is nothing at this address (404); {ADDRESS}",
        ),
        (
            httpx.Response(302, headers={"location": "/login"}),
            BAD,
            ExitCode.UNREACHABLE,
            f"the vendor sends us elsewhere (302), perhaps to a login page; {ADDRESS}",
        ),
        (
            httpx.Response(429, headers={"retry-after": "9"}),
            LIMITED,
            ExitCode.UNREACHABLE,
            "the vendor asks for fewer requests (429); wait a little; a larger min_interval asks less often",
        ),
        (
            httpx.Response(500, text=f"NoMethodError: undefined method `x'{TRACE}"),
            DOWN,
            ExitCode.UNREACHABLE,
            "the vendor answered 500: NoMethodError: undefined method `x'; the vendor has trouble; wait a little",
        ),
        (
            httpx.Response(503),
            DOWN,
            ExitCode.UNREACHABLE,
            "the vendor answered 503; the vendor has trouble; wait a little",
        ),
        (
            httpx.Response(200, html="<html>Sign in</html>"),
            BAD,
            ExitCode.UNREACHABLE,
            "a web page came in place of data; a login page or a proxy may stand between; look at base_url and auth",
        ),
        (
            httpx.Response(200),
            BAD,
            ExitCode.UNREACHABLE,
            f"the vendor answered 200 without a body; {BETWEEN}",
        ),
        (
            httpx.Response(200, text='<work_order id="7100"><name>Ing'),
            BAD,
            ExitCode.UNREACHABLE,
            f"the vendor's answer is neither JSON nor XML; {BETWEEN}",
        ),
        (
            httpx.Response(200, text='{"work_order": {'),
            BAD,
            ExitCode.UNREACHABLE,
            "the vendor answered 200 with text/plain that is not JSON; a proxy or login page may stand between; look "
            "at base_url",
        ),
        (
            httpx.Response(200, text='<!DOCTYPE x [<!ENTITY a "b">]><work_order id="7100"/>'),
            BAD,
            ExitCode.UNREACHABLE,
            f"the vendor's XML declares a DTD or entities, which is refused; {BETWEEN}",
        ),
        (
            httpx.Response(200, text="<welcome/>"),
            BAD,
            ExitCode.UNREACHABLE,
            f"the answer holds no work_order; {BETWEEN}",
        ),
        (
            httpx.Response(200, json=[]),
            BAD,
            ExitCode.UNREACHABLE,
            f"the answer is not a JSON object; {BETWEEN}",
        ),
        (
            httpx.Response(200, json={"work_order": {"id": 1, "status": "Complete"}}),
            BAD,
            ExitCode.UNREACHABLE,
            "the vendor was asked about 7100 and told of 1; give the id of the run, not that of the step in the design",
        ),
    ],
)
async def test_what_an_ask_says(answer: httpx.Response, kind: ProblemKind, code: ExitCode, said: str) -> None:
    with pytest.raises(AskError) as caught:
        await VENDOR.ask(session_of(answer), REF)
    assert (caught.value.kind, caught.value.exit_code, sentence(caught.value)) == (kind, code, said)


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (
            httpx.Response(401, json={"error": "Invalid"}),
            AUTH,
            "the login was refused (401): Invalid; check username and secret",
        ),
        (
            httpx.Response(200, json={"error": "locked"}),
            AUTH,
            "the login was refused: locked; check username and secret",
        ),
        (
            httpx.Response(404),
            BAD,
            'this server has no token login (404); set auth = "basic", or look at base_url',
        ),
        (
            httpx.Response(200, json={"token": "two words"}),
            BAD,
            'the login\'s answer holds no usable token; set auth = "basic", or look at base_url',
        ),
        (httpx.Response(503), DOWN, "the vendor answered 503; the vendor has trouble; wait a little"),
    ],
)
async def test_what_the_token_login_says(answer: httpx.Response, kind: ProblemKind, said: str) -> None:
    with pytest.raises(AskError) as caught:
        await VENDOR.ask(session_of(answer, "token"), REF)
    assert (caught.value.kind, sentence(caught.value)) == (kind, said)


@pytest.mark.parametrize("auth", ["basic", "query", "api-key"])
async def test_a_refused_secret_is_not_sent_again(auth: str) -> None:
    session = session_of(httpx.Response(401), auth)
    for said in (
        "the vendor refused the credentials (401); check the secret",
        "the vendor refused the credentials before; check username and secret",
    ):
        with pytest.raises(AskError) as caught:
            await VENDOR.ask(session, REF)
        assert (caught.value.kind, sentence(caught.value)) == (AUTH, said)
    assert len(session.sent) == 1


async def test_what_a_cancel_and_a_vanished_output_say() -> None:
    over = session_of(httpx.Response(200, json={"work_order": {"id": 7100, "status": "Complete"}}))
    with pytest.raises(AskError) as caught:
        await VENDOR.cancel(over, REF)
    assert sentence(caught.value) == "the job is over already: Complete; there is nothing to cancel"
    empty = session_of(httpx.Response(200, text="<work_order_output/>"))
    with pytest.raises(AskError) as caught:
        await VENDOR.resolve(empty, REF, Output("proxy"))
    assert (
        sentence(caught.value) == "the vendor names no file proxy any more; refresh the job: its outputs have changed"
    )


@pytest.mark.parametrize(
    ("word", "state"),
    [("Rolling Back", JobState.UNKNOWN), ("", JobState.UNKNOWN), ("In Progress", JobState.RUNNING)],
)
async def test_an_unknown_word_is_no_error_and_no_end(word: str, state: JobState) -> None:
    answer = httpx.Response(200, json={"work_order": {"id": 7100, "status": word}})
    snapshot = await VENDOR.ask(session_of(answer), REF)
    assert (snapshot.state, snapshot.vendor_status) == (state, word)


def test_trap_12_a_servers_path_is_no_file_of_ours() -> None:
    (found,) = found_in([Variable("clip", "string", "/etc/passwd")])
    assert (found.output.kind.value, found.address) == ("path", None)
