"""JAGGAER ASO: asynchronous calls, their status, and their result behind a pre-signed URL (dossier sections 1 to 5)."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from tui.clock import Clock
from tui.errors import AskError
from tui.model import Connection, OrderForm, Output, ProblemKind, Reference, SecretField, Setting, Snapshot
from tui.vendors._errors import check_saying
from tui.vendors.contract import Link, Order, Pasted, Reply, Secrets, Session
from tui.vendors.jaggaer.order import read_start, start_of
from tui.vendors.jaggaer.read import STATUS_PATH, error_sentence, read_ref, read_result, read_status
from tui.vendors.jaggaer.result import NOT_THERE_YET, found_there, may_come, refusal

if TYPE_CHECKING:
    import httpx


class Jaggaer:
    """Satisfies `Vendor`, `Submits` and `ExplainsFiles`. There is no cancel, no report and no list of processes."""

    name = "jaggaer"
    label = "JAGGAER ASO"
    settings = (
        Setting(
            "base_url",
            "Address of the service that started the process, e.g. https://ees.aso-api.jaggaer.com",
            required=True,
        ),
        Setting("service", "Which service it is", default="ees", choices=("ees", "ches", "quay")),
        Setting("token_url", "Address of the token service; without it access_token is used as it is"),
        Setting("client_id", "Client id for the token service; JAGGAER gives it out"),
        Setting("token_auth", "How they travel to the token service", default="basic", choices=("basic", "form")),
        Setting("body_type", "Content-Type of a call's body that is sent by submit", default="application/json"),
    )
    secrets = (
        SecretField("api_key", "The customer's X-API-Key, mostly 40 characters; JAGGAER gives it out"),
        SecretField("access_token", "A fixed token, where there is no token_url", required=False),
        SecretField("client_secret", "Client secret for the token service; JAGGAER gives it out", required=False),
    )

    order_form = OrderForm(
        "empty for a GET call",
        needs_body=False,
        place="URL of the call",
        place_example="https://HOST/event/4711/apiBids/async",
    )

    def login(self, connection: Connection, secrets: Secrets, clock: Clock) -> httpx.Auth:
        """See `contract.Vendor`."""
        from tui.vendors.jaggaer.login import login_of  # noqa: PLC0415  # an HTTP client, which the board loads after its first frame

        return login_of(connection, secrets, clock)

    def needed(self, connection: Connection, found: Collection[str]) -> tuple[str, ...]:  # noqa: ARG002  # contract
        """See `contract.ChoosesSecrets`."""
        return ("api_key", "client_secret" if connection.option("token_url") else "access_token")

    def read_ref(self, pasted: Pasted, connection: Connection) -> Reference | None:
        """See `contract.Vendor`."""
        return read_ref(pasted, connection)

    async def ask(self, session: Session, ref: Reference) -> Snapshot:
        """See `contract.Vendor`."""
        return read_status(await _ask_status(session, ref), ref)

    async def resolve(self, session: Session, ref: Reference, output: Output) -> tuple[Link, ...]:  # noqa: ARG002  # there is one result
        """See `contract.Vendor`. The status is asked again right before use: the old link may have died."""
        link, answer = read_result(await _ask_status(session, ref), ref)
        return (await found_there(session, link, answer),)

    def read_order(self, order: Order) -> None:
        """See `contract.Submits`. The place is the URL of an `/async` call; a body makes it a POST."""
        start_of(order)

    async def submit(self, session: Session, order: Order) -> Reference:
        """See `contract.Submits`."""
        start = start_of(order)
        headers = {"Accept": _accept(session.connection)}
        if start.content is not None:
            headers["Content-Type"] = session.connection.option("body_type") or "application/json"
        reply = await session.send(start.method, start.url, content=start.content, headers=headers, changes=True)
        return read_start(reply, session.connection)

    def file_error(self, reply: Reply) -> AskError | None:
        """See `contract.ExplainsFiles`. S3's refusals; a file that may still come is worth another try."""
        if 200 <= reply.status < 300:
            return None
        error = refusal(reply)
        if may_come(reply):
            return AskError(ProblemKind.UNREACHABLE, error.message, hint=error.hint, retry_after=NOT_THERE_YET[0])
        return error

    async def probe(self, session: Session) -> str:
        """See `contract.Vendor`. Any answer but a refusal or an outage proves what can be proved without a job."""
        reply = await session.send("GET", "/", headers={"Accept": _accept(session.connection)})
        if reply.status == 401 or reply.status >= 500:
            check_saying(reply, error_sentence)
        got = "a token was issued and " if session.connection.option("token_url") else ""
        return f"{got}the host answers; whether token and X-API-Key may read a status shows only with a job"


async def _ask_status(session: Session, ref: Reference) -> Reply:
    url = ref.url or f"{STATUS_PATH}{ref.id}"
    return await session.send("GET", url, headers={"Accept": _accept(session.connection)})


def _accept(connection: Connection) -> str:
    # "sciquest": the vendor's own sample spells it wrong (trap 2).
    return f"application/vnd.sciquest.com.{connection.option('service') or 'ees'}+json"


VENDOR = Jaggaer()
