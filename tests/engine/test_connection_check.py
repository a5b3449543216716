"""The test of a connection: exactly the step that fails says so, and what to do; one login at most."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime

import httpx
import pytest

from tests.clock import FakeClock
from tests.engine.five import SECRETS, five
from tui import vendors
from tui.engine.connections.check import STEPS, Check
from tui.engine.facts.connections import Step, StepState
from tui.engine.secrets.finder import SecretFinder
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.engine.wire.sessions import Sessions
from tui.errors import ExitCode
from tui.model import Connection

OK, WARNING, BROKEN, SKIPPED = StepState.OK, StepState.WARNING, StepState.BROKEN, StepState.SKIPPED
Answer = Callable[[httpx.Request], httpx.Response]


class Server:
    """A played octoplant or EnOS; `skew` is how far its clock is ahead of ours, in seconds."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.skew: float | None = 0.0
        self.asked: list[str] = []
        self.token: Answer = lambda _: httpx.Response(200, json={"access_token": "t0ken-of-a-test", "expires_in": 3600})
        self.version: Answer = lambda _: httpx.Response(200, json={"version": "100.1"})
        self.root: Answer = lambda _: httpx.Response(404)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        path = request.url.path
        answer = self.token if path.endswith("token") else self.root if path == "/" else self.version
        response = answer(request)
        if self.skew is not None:
            response.headers["date"] = format_datetime(self.clock.now() + timedelta(seconds=self.skew), usegmt=True)
        return response

    async def check(self, connection: Connection | None = None, environ: dict[str, str] = SECRETS) -> list[Step]:
        connection = connection or five().connection("plant")
        finder = SecretFinder(environ, GuardedKeyring(trouble="none here"), self.clock)
        sessions = Sessions(self.clock, finder, vendors.load, lambda _: httpx.MockTransport(self.answer))
        told: list[Step] = []
        steps = await Check(connection, vendors.load(connection.vendor), sessions, told.append).run()
        await sessions.close()
        assert tuple(told) == steps
        assert tuple(step.name for step in steps) == STEPS
        return told


@pytest.fixture
def server(clock: FakeClock) -> Server:
    return Server(clock)


def states(steps: list[Step]) -> list[StepState]:
    return [step.state for step in steps]


def refuse(error: Exception) -> Answer:
    def raise_it(_: httpx.Request) -> httpx.Response:
        raise error

    return raise_it


async def test_all_is_well(server: Server) -> None:
    steps = await server.check()
    assert states(steps) == [OK] * 5
    assert "100.1" in steps[-1].told
    assert server.asked.count("/v1/oauth2/token") == 1


async def test_a_host_that_is_not_there(server: Server) -> None:
    server.root = refuse(httpx.ConnectError("[Errno -2] Name or service not known"))
    steps = await server.check()
    assert states(steps) == [BROKEN, SKIPPED, SKIPPED, SKIPPED, SKIPPED]
    assert "localhost:64023: cannot connect: [Errno -2] Name or service not known" in steps[0].told
    assert "base_url" in steps[0].remedy
    assert steps[0].exit_code is ExitCode.UNREACHABLE


async def test_a_certificate_that_nobody_knows(server: Server) -> None:
    wrong = ssl.SSLCertVerificationError(1, "certificate verify failed")
    wrong.verify_code, wrong.verify_message = 19, "self-signed certificate in certificate chain"
    error = httpx.ConnectError("TLS")
    error.__cause__ = wrong
    server.root = refuse(error)
    steps = await server.check()
    assert states(steps) == [OK, BROKEN, SKIPPED, SKIPPED, SKIPPED]
    assert "ca_file" in steps[1].remedy


async def test_a_ca_file_that_is_none(server: Server) -> None:
    text = '[connections.x]\nvendor = "octoplant"\nbase_url = "https://x.example"\nusername = "a"\n'
    text += 'ca_file = "/nowhere.pem"'
    steps = await server.check(five(text).connection("x"))
    assert states(steps)[1] is BROKEN
    assert "/nowhere.pem" in steps[1].told
    assert server.asked == []


@pytest.mark.parametrize(("line", "state"), [('base_url = "http://x.example"', WARNING), ("insecure = true", WARNING)])
async def test_no_real_tls_is_a_warning(server: Server, line: str, state: StepState) -> None:
    base = "" if "base_url" in line else 'base_url = "https://x.example"'
    text = f'[connections.x]\nvendor = "octoplant"\nusername = "a"\n{base}\n{line}'
    steps = await server.check(five(text).connection("x"), {"JOBDECK_SECRET_X_PASSWORD": "canary-x"})
    assert steps[1].state is state
    assert steps[1].remedy


@pytest.mark.parametrize(
    ("connection", "skew", "state"),
    [
        ("plant", 59, OK),
        ("plant", -61, WARNING),
        ("plant", 9000, WARNING),
        ("windfarm", 299, WARNING),
        ("windfarm", -301, WARNING),
        ("plant", None, SKIPPED),
    ],
)
async def test_the_clock(server: Server, connection: str, skew: float | None, state: StepState) -> None:
    server.skew = skew
    steps = await server.check(five().connection(connection))
    assert steps[2].state is state
    if state is WARNING:
        assert f"{abs(skew or 0):.0f} s {'behind' if (skew or 0) > 0 else 'ahead'}" in steps[2].told
        assert ("may refuse" in steps[2].told) is (skew == -301)
        assert states(steps)[3] is not SKIPPED  # the login will show it


async def test_a_missing_secret(server: Server) -> None:
    steps = await server.check(environ={})
    assert states(steps) == [OK, OK, OK, BROKEN, SKIPPED]
    assert "the password is missing" in steps[3].told
    assert "set the variable JOBDECK_SECRET_PLANT_PASSWORD or" in steps[3].remedy
    assert steps[3].exit_code is ExitCode.CREDENTIALS


async def test_a_refused_secret_is_sent_once(server: Server) -> None:
    server.token = lambda _: httpx.Response(401, json={"error": "invalid_grant"})
    steps = await server.check()
    assert states(steps) == [OK, OK, OK, BROKEN, SKIPPED]
    assert server.asked.count("/v1/oauth2/token") == 1
    assert steps[3].exit_code is ExitCode.CREDENTIALS


async def test_no_right_to_read(server: Server) -> None:
    server.version = lambda _: httpx.Response(403, json={"code": 7, "message": "no"})
    steps = await server.check()
    assert states(steps) == [OK, OK, OK, OK, BROKEN]
    assert steps[4].exit_code is ExitCode.CREDENTIALS


async def test_an_answer_that_nobody_can_read(server: Server) -> None:
    server.version = lambda _: httpx.Response(200, text="<html>\x1b[31mwelcome</html>")
    steps = await server.check()
    assert states(steps) == [OK, OK, OK, WARNING, BROKEN]
    assert not any("\x1b" in step.told for step in steps)
    assert steps[4].exit_code is ExitCode.UNREACHABLE
