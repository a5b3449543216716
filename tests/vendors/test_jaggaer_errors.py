"""JAGGAER: what the server did, and what the user reads: problem, exit code, sentence and next step."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from tests.clock import START
from tests.vendors.fakes import FakeSession, reply, secrets_of
from tui.errors import AskError, ExitCode
from tui.model import Connection, Output, ProblemKind, Reference
from tui.vendors.jaggaer import VENDOR

BASE = "https://ees.example"
REF = Reference("p1", url=f"{BASE}/asyncStatus/p1")
ALIVE = replace(REF, expires_at=START + timedelta(hours=1))
OVER = replace(REF, expires_at=START - timedelta(seconds=1))

AUTH, FORBIDDEN, GONE = ProblemKind.AUTH, ProblemKind.FORBIDDEN, ProblemKind.GONE
BAD, DOWN, LIMITED = ProblemKind.BAD_REPLY, ProblemKind.UNREACHABLE, ProblemKind.RATE_LIMITED


def page(code: str, message: str, more: str = "") -> str:
    return f"<Error><Code>{code}</Code><Message>{message}</Message>{more}</Error>"


def sentence(error: AskError) -> str:
    assert error.hint, error.message
    return f"{error.message}; {error.hint}"


@pytest.mark.parametrize(
    ("answer", "ref", "kind", "code", "said"),
    [
        (
            httpx.Response(401, json={"message": "the token has expired"}),
            REF,
            AUTH,
            ExitCode.CREDENTIALS,
            "the vendor refused the credentials (401): the token has expired; check the secret",
        ),
        (
            httpx.Response(403, json={"message": "Forbidden"}),
            OVER,
            GONE,
            ExitCode.FAILED,
            "the status link's time is over (403): Forbidden; start the call again, if it is needed",
        ),
        (
            httpx.Response(403, json={"message": "Forbidden"}),
            ALIVE,
            FORBIDDEN,
            ExitCode.CREDENTIALS,
            "not authorised to read the status (403): Forbidden; check the secrets: the token and the api_key",
        ),
        (
            httpx.Response(403),
            REF,
            FORBIDDEN,
            ExitCode.CREDENTIALS,
            "the status link has expired, or it may not be read with these credentials (403); check the token and the "
            "api_key, or start the call again",
        ),
        (
            httpx.Response(404, json={"message": "unknown process"}),
            REF,
            GONE,
            ExitCode.FAILED,
            "JAGGAER does not know this process (404): unknown process; look at its id; the vendor keeps old ones for "
            "a while only",
        ),
        (
            httpx.Response(406),
            REF,
            BAD,
            ExitCode.UNREACHABLE,
            "the service refuses our Accept header (406); set service to ees, ches or quay",
        ),
        (
            httpx.Response(429, headers={"retry-after": "30"}),
            REF,
            LIMITED,
            ExitCode.UNREACHABLE,
            "the vendor asks for fewer requests (429); wait a little; a larger min_interval asks less often",
        ),
        (
            httpx.Response(503),
            REF,
            DOWN,
            ExitCode.UNREACHABLE,
            "the vendor answered 503; the vendor has trouble; wait a little",
        ),
        (
            httpx.Response(302, headers={"location": "/login"}),
            REF,
            BAD,
            ExitCode.UNREACHABLE,
            "the vendor answered 302, which is not expected here; look at base_url and at what stands between",
        ),
        (
            httpx.Response(200, html="<html>Sign in</html>"),
            REF,
            BAD,
            ExitCode.UNREACHABLE,
            "the vendor answered 200 with text/html that is not JSON; a proxy or login page may stand between; look at "
            "base_url",
        ),
        (
            httpx.Response(200),
            REF,
            BAD,
            ExitCode.UNREACHABLE,
            "the vendor answered 200 with no content type that is not JSON; a proxy or login page may stand between; "
            "look at base_url",
        ),
        (
            httpx.Response(200, json={"state": "done"}),
            REF,
            BAD,
            ExitCode.UNREACHABLE,
            "the answer tells no status of the process; look at base_url and service: another service may answer there",
        ),
    ],
)
async def test_what_the_status_url_says(
    answer: httpx.Response, ref: Reference, kind: ProblemKind, code: ExitCode, said: str
) -> None:
    found = secrets_of("sourcing", access_token="tok", api_key="key40")
    session = FakeSession(VENDOR, Connection("sourcing", "jaggaer", BASE), found, lambda _: answer)
    with pytest.raises(AskError) as caught:
        await VENDOR.ask(session, ref)
    assert (caught.value.kind, caught.value.exit_code, sentence(caught.value)) == (kind, code, said)


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        (
            {"status": "processing"},
            BAD,
            "there is no result: the process is processing; wait for its end",
        ),
        (
            {"status": "completed", "resultUrl": "https://s3.example/x", "resultUrlExpiresInSeconds": -1},
            GONE,
            "the result's link has expired; start the call again: only a new call makes a new one",
        ),
        (
            {"status": "completed", "resultUrlExpiresInSeconds": 9},
            BAD,
            "the result's address is not a usable address; refresh the job; if it stays so, start the call again",
        ),
    ],
)
async def test_why_there_is_no_link(body: object, kind: ProblemKind, said: str) -> None:
    found = secrets_of("sourcing", access_token="tok", api_key="key40")
    answer = httpx.Response(200, json=body)
    session = FakeSession(VENDOR, Connection("sourcing", "jaggaer", BASE), found, lambda _: answer)
    with pytest.raises(AskError) as caught:
        await VENDOR.resolve(session, REF, Output("x"))
    assert (caught.value.kind, sentence(caught.value)) == (kind, said)


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (
            403,
            page("AccessDenied", "Request has expired", "<ServerTime>2026-03-02T08:15:10Z</ServerTime>"),
            GONE,
            "the result's link has expired; start the call again: only a new call makes a new one",
        ),
        (
            403,
            page("AccessDenied", "Request has expired", "<ServerTime>2026-03-02T08:25:00Z</ServerTime>"),
            GONE,
            "the result's link has expired; this machine's clock is 10m00s behind; start the call again: only a new "
            "call makes a new one",
        ),
        (
            403,
            page("ExpiredToken", "The provided token is dead."),
            GONE,
            "the result's link has expired; start the call again: only a new call makes a new one",
        ),
        (
            403,
            page("AccessDenied", "There were headers present", "<HeadersNotSigned>x-amz-a</HeadersNotSigned>"),
            BAD,
            "a header was added under way (403): There were headers present (AccessDenied); a proxy adds x-amz "
            "headers: go around it with NO_PROXY",
        ),
        (
            403,
            page("SignatureDoesNotMatch", "The signature does not match."),
            BAD,
            "the link was changed under way (403): The signature does not match. (SignatureDoesNotMatch); a proxy "
            "rewrites addresses: go around it with NO_PROXY",
        ),
        (
            400,
            page("InvalidArgument", "Only one auth mechanism", "<ArgumentValue>Bearer s3cret</ArgumentValue>"),
            BAD,
            "a second login was added under way (400): Only one auth mechanism (InvalidArgument); a proxy adds an "
            "Authorization header: go around it with NO_PROXY",
        ),
        (
            403,
            page("AccessDenied", "Access Denied"),
            DOWN,
            "the result's store does not have the file, or not yet (403): Access Denied (AccessDenied); try again in a "
            "minute; if it stays so, start the call again",
        ),
        (
            403,
            page("AccountProblem", "Ask support"),
            FORBIDDEN,
            "the result's store refuses the link (403): Ask support (AccountProblem); start the call again: only a new "
            "call makes a new one",
        ),
        (
            404,
            page("NoSuchKey", "The key does not exist."),
            DOWN,
            "the result's store does not have the file, or not yet (404): The key does not exist. (NoSuchKey); try "
            "again in a minute; if it stays so, start the call again",
        ),
        (
            503,
            page("SlowDown", "Reduce your rate"),
            DOWN,
            "the result's store answered 503: Reduce your rate (SlowDown); the store is busy; wait a little",
        ),
        (
            301,
            page("PermanentRedirect", "Another endpoint"),
            BAD,
            "the result's store answered 301, which is no file: Another endpoint (PermanentRedirect); look at what "
            "stands between; then start the call again",
        ),
    ],
)
def test_trap_6_what_the_store_says(status: int, body: str, kind: ProblemKind, said: str) -> None:
    error = VENDOR.file_error(reply(body, status))
    assert error is not None
    assert (error.kind, sentence(error)) == (kind, said)
