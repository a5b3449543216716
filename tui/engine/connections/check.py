"""The test of a connection, step by step: which one fails, and what to do about it. One login is tried at most."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

from tui.engine.border import as_ask_error
from tui.engine.facts.connections import Step, StepState
from tui.engine.wire.knock import Knocked
from tui.engine.wire.sessions import Sessions
from tui.errors import AskError, ConfigError, CredentialsError, ExitCode, JobdeckError
from tui.model import Connection, ProblemKind, is_plain
from tui.redact import redact
from tui.text import safe_line
from tui.vendors.contract import NeedsClock, Vendor

STEPS = ("address", "TLS", "clock", "login", "right to read")
SOME_SKEW = timedelta(seconds=60)
_ENDS_SOON = timedelta(days=14)
_CLOCK_REMEDY = "set this machine's clock, e.g. by NTP (timedatectl set-ntp true)"


class Check:
    """One run of the test; `told` hears of each step as it ends."""

    def __init__(
        self, connection: Connection, vendor: Vendor, sessions: Sessions, told: Callable[[Step], None]
    ) -> None:
        self._connection = connection
        self._vendor = vendor
        self._sessions = sessions
        self._told = told
        self._steps: list[Step] = []

    async def run(self) -> tuple[Step, ...]:
        """All steps; those behind a broken one are skipped."""
        knocked = await self._knock()
        if knocked is not None:
            self._clock(knocked)
            await self._sign_in()
        for name in STEPS[len(self._steps) :]:
            self._end(name, StepState.SKIPPED, "not tried: a step before it is broken")
        return tuple(self._steps)

    def _end(
        self, name: str, state: StepState, told: str, remedy: str = "", *, exit_code: ExitCode = ExitCode.OK
    ) -> None:
        step = Step(name, state, safe_line(redact(told), 500), safe_line(redact(remedy), 500), exit_code)
        self._steps.append(step)
        self._told(step)

    def _broken(self, name: str, error: JobdeckError, told: str = "") -> None:
        self._end(name, StepState.BROKEN, told or error.message, error.hint, exit_code=error.exit_code)

    async def _knock(self) -> Knocked | None:
        """The address and TLS, by one request without a login."""
        place = urlsplit(self._connection.base_url).netloc
        try:
            knocked = await self._sessions.knock(self._connection)
        except ConfigError as error:  # the ca_file, or the proxy's address
            self._end("address", StepState.SKIPPED, f"{place} was not tried")
            self._broken("TLS", error)
            return None
        except AskError as error:
            if error.kind is ProblemKind.TLS:
                self._end("address", StepState.OK, f"{place} can be reached")
                self._broken("TLS", error)
            else:
                self._broken("address", error, f"{place}: {error.message}")
            return None
        self._end("address", StepState.OK, f"{place} answers")
        self._tls(knocked)
        return knocked

    def _tls(self, knocked: Knocked) -> None:
        if is_plain(self._connection.base_url):
            remedy = "write https:// in base_url if the server knows it"
            self._end("TLS", StepState.WARNING, "there is none: everything goes in clear text", remedy)
        elif self._connection.insecure:
            remedy = "take insecure away and name the server's certificate with ca_file"
            self._end("TLS", StepState.WARNING, "insecure = true: anybody's certificate is taken", remedy)
        elif knocked.certificate_ends and knocked.certificate_ends - knocked.at < _ENDS_SOON:
            days = (knocked.certificate_ends - knocked.at).days
            told = f"the certificate is good, but ends in {days} days"
            self._end("TLS", StepState.WARNING, told, "have the server's certificate renewed")
        else:
            self._end("TLS", StepState.OK, "the certificate is good")

    def _clock(self, knocked: Knocked) -> None:
        """Never broken: how far apart clocks may be is documented by no vendor, and the login will show it."""
        if knocked.said_at is None:
            self._end("clock", StepState.SKIPPED, "the server tells no time")
            return
        skew = knocked.at - knocked.said_at
        told = f"this machine is {abs(skew.total_seconds()):.0f} s {'ahead' if skew > timedelta(0) else 'behind'}"
        if abs(skew) <= SOME_SKEW:
            self._end("clock", StepState.OK, "it agrees with the server's")
            return
        if isinstance(self._vendor, NeedsClock) and abs(skew) > timedelta(seconds=self._vendor.most_skew):
            told = f"{told}: {self._vendor.label} may refuse what is signed at another time"
        self._end("clock", StepState.WARNING, told, _CLOCK_REMEDY)

    async def _sign_in(self) -> None:
        """Login and right to read, by the vendor's cheapest call that proves something."""
        try:
            session = await self._sessions.of(self._connection)
        except (CredentialsError, ConfigError) as error:
            self._broken("login", error)
            return
        try:
            proved = await self._vendor.probe(session)
        except Exception as caught:  # noqa: BLE001  # a border: no vendor's fault ends the test
            self._refused(as_ask_error(caught))
            return
        self._end("login", StepState.OK, "nothing was refused")
        self._end("right to read", StepState.OK, proved)

    def _refused(self, error: AskError) -> None:
        """What the vendor's answer says of the login and of the right to read."""
        if error.kind is ProblemKind.AUTH or error.not_sent:
            self._broken("login", error)
        elif error.kind is ProblemKind.FORBIDDEN:
            self._end("login", StepState.OK, "signed in")
            self._broken("right to read", error)
        else:
            self._end("login", StepState.WARNING, "not proved: the vendor's answer does not tell", error.hint)
            self._broken("right to read", error)
