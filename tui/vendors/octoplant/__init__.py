"""octoplant: orders of the Export API (dossier sections 2 to 5)."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from tui.clock import Clock
from tui.errors import AskError
from tui.model import Connection, OrderForm, Output, ProblemKind, Reference, Secret, SecretField, Setting, Snapshot
from tui.vendors._errors import one_line
from tui.vendors._read import object_of
from tui.vendors.contract import Link, Order, Packed, Pasted, Reply, Secrets, Session
from tui.vendors.octoplant import archive, errors, read
from tui.vendors.octoplant.errors import check_answer, is_grpc
from tui.vendors.octoplant.order import CHOICES, EXAMPLE, WRAPPER, check_order
from tui.vendors.octoplant.read import read_operation, read_started

if TYPE_CHECKING:
    import httpx

PUBLISHED_SECRET = "ff99971a-f8c3-4d21-5345-f7cb021b4b54"  # noqa: S105  # printed on the vendor's public page


class Octoplant:
    """Satisfies `Vendor`, `Cancels`, `Submits`, `ListsArchives` and `ExplainsFiles`."""

    name = "octoplant"
    label = "octoplant"
    settings = (
        Setting("base_url", "Address of the server, e.g. https://plant.example:64023", required=True),
        Setting("username", r"The user as in octoplant's clients; a domain user is DOMAIN\user", required=True),
        Setting("client_id", "Client id of the API", default="public-api"),
    )
    secrets = (
        SecretField("password", "The user's password; not needed beside an access_token"),
        SecretField(
            "client_secret",
            "Client secret of the API; empty takes the one that the vendor publishes",
            required=False,
            default=PUBLISHED_SECRET,
        ),
        SecretField("access_token", "A personal access token, made in AdminClient; wins over it", required=False),
    )

    order_form = OrderForm(EXAMPLE, wrapper=WRAPPER, choices=CHOICES)

    def login(self, connection: Connection, secrets: Secrets, clock: Clock) -> httpx.Auth:
        """See `contract.Vendor`. A personal access token, where there is one, else the password."""
        from tui.vendors.octoplant.login import login_of  # noqa: PLC0415  # an HTTP client, which the board loads after its first frame

        return login_of(connection, secrets, clock, published_secret=Secret(PUBLISHED_SECRET))

    def needed(self, connection: Connection, found: Collection[str]) -> tuple[str, ...]:  # noqa: ARG002  # contract
        """See `contract.ChoosesSecrets`."""
        return () if "access_token" in found else ("password",)

    def read_ref(self, pasted: Pasted, connection: Connection) -> Reference | None:  # noqa: ARG002
        """See `contract.Vendor`."""
        return read.read_ref(pasted)

    async def ask(self, session: Session, ref: Reference) -> Snapshot:
        """See `contract.Vendor`."""
        return read_operation(await session.send("GET", _order(ref)), ref)

    async def resolve(self, session: Session, ref: Reference, output: Output) -> tuple[Link, ...]:
        """See `contract.Vendor`. The archive comes through the session, without a length (3.3)."""
        url = session.connection.base_url.rstrip("/") + _order(ref, "/download")
        return (Link(url, signed_in=True, file_name=output.name, is_zip=True),)

    async def cancel(self, session: Session, ref: Reference) -> None:
        """See `contract.Cancels`. Best effort: it may lose against completion (3.2)."""
        check_answer(await session.send("POST", _order(ref, "/cancel")))

    def read_order(self, order: Order) -> None:
        """See `contract.Submits`. All 13 contents are known with their options."""
        check_order(order)

    async def submit(self, session: Session, order: Order) -> Reference:
        """See `contract.Submits`. The body goes out as it was written; a refusal in maintenance mode is told as one."""
        headers = {"Content-Type": "application/json"}
        reply = await session.send("POST", "/v1/order", content=order.body.encode(), headers=headers)
        try:
            check_answer(reply)
        except AskError as error:
            if is_grpc(reply) and (reason := await _maintenance(session)) is not None:
                raise AskError(
                    ProblemKind.BAD_REPLY,
                    f"octoplant is in maintenance mode{reason}; it did not take the order",
                    hint="send it again when the maintenance is over",
                ) from error
            if error.kind is ProblemKind.GONE:
                raise AskError(
                    ProblemKind.BAD_REPLY, "there is no Export API there", hint="look at base_url"
                ) from error
            raise
        return read_started(reply)

    def list_archive(self, path: Path) -> tuple[Packed, ...]:
        """See `contract.ListsArchives`. Names from the archive's directory, the rest from `contents.json`."""
        return archive.list_archive(path)

    def file_error(self, reply: Reply) -> AskError | None:
        """See `contract.ExplainsFiles`. In place of the archive, or behind a part of it under HTTP 200 (3.3)."""
        return errors.file_error(reply)

    async def probe(self, session: Session) -> str:
        """See `contract.Vendor`. Asks for the API's version."""
        answer = object_of(check_answer(await session.send("GET", "/v1/status/api_version")))
        version = one_line(answer.get("version"), 40) or "of unknown version"
        said = f"signed in, and the API ({version}) answers; what the user may export shows in the export only"
        reason = await _maintenance(session)
        return said if reason is None else f"{said}; octoplant is in maintenance mode now{reason}"


async def _maintenance(session: Session) -> str | None:
    """` (the reason)` or "" while the server is in maintenance mode; None when it is not, or does not say."""
    try:
        answer = object_of(check_answer(await session.send("GET", "/v1/status/maintenance_mode")))
    except AskError:
        return None
    if answer.get("active") is not True:
        return None
    said = one_line(answer.get("reason"), 100)
    return f" ({said})" if said else ""


def _order(ref: Reference, call: str = "") -> str:
    return f"/v1/order/{quote(ref.id, safe='')}{call}"


VENDOR = Octoplant()
