"""EnOS (Envision, Univers): download tasks of the Data Federation API, as its dossier describes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from tui.address import same_origin
from tui.clock import Clock
from tui.errors import AskError
from tui.model import Connection, JobState, OrderForm, Output, ProblemKind, Reference, SecretField, Setting, Snapshot
from tui.vendors.contract import Link, Order, Pasted, Reply, Secrets, Session
from tui.vendors.enos import envelope
from tui.vendors.enos.envelope import data_of
from tui.vendors.enos.order import check_order, read_created, task_name, with_callback_url
from tui.vendors.enos.read import ID, PREFIX, Reading, Task, read_cancel, read_status, ref_of_text, ref_of_url, task_of

if TYPE_CHECKING:
    import httpx

_DATA_PATH = re.compile(rf"/channels/read/{ID}/download/{ID}/data$")


class Enos:
    """Satisfies `contract.Vendor` and what of its extras EnOS can do."""

    name = "enos"
    label = "EnOS Data Federation"
    settings = (
        Setting("base_url", "the API gateway, e.g. https://gateway.example", required=True),
        Setting(
            "access_key", "in the EnOS console: Application Registration, your application, Access Key", required=True
        ),
        Setting(
            "org_id",
            "in the EnOS console: IAM, Organization Profile, Organization ID; e.g. o17000000000001",
            required=True,
        ),
        Setting(
            "data_url",
            "how the downloadUrl is fetched: as given without credentials, signed at the gateway, or both in turn",
            default="auto",
            choices=("auto", "as-given", "gateway"),
        ),
    )
    secrets = (
        SecretField("secret_key", "in the EnOS console: Application Registration, your application, Secret Key"),
    )
    order_form = OrderForm(
        '{"taskName": "...", "sourceName": "...", "querySql": "...", "filePackageName": "..."}',
        place="Channel",
        place_example="the id of the EnOS channel",
    )
    counted_by = "access_key"
    most_skew = 300.0  # not documented (dossier, section 2): what signatures with a time usually allow

    def login(self, connection: Connection, secrets: Secrets, clock: Clock) -> httpx.Auth:
        """Token and signature. Raises CredentialsError without a secret key."""
        from tui.vendors.enos.login import EnosLogin  # noqa: PLC0415  # an HTTP client, which the board loads after its first frame

        return EnosLogin(clock, connection.base_url, connection.option("access_key"), secrets.need("secret_key"))

    def read_ref(self, pasted: Pasted, connection: Connection) -> Reference | None:  # noqa: ARG002  # contract
        """`CHANNEL/TASK`, or a task's status, data or cancel URL."""
        if pasted.url:
            return ref_of_url(pasted.url)
        return None if pasted.body else ref_of_text(pasted.text, any_shape=pasted.any_shape)

    def is_own_link(self, url: str) -> bool:
        """See `contract.LinksElsewhere`: a data URL names a host behind the gateway (dossier 3.4)."""
        return _DATA_PATH.search(urlsplit(url).path) is not None

    async def ask(self, session: Session, ref: Reference) -> Snapshot:
        """The task's status."""
        return (await self._read(session, ref)).snapshot

    def kind_of(self, ref: Reference, snapshot: Snapshot) -> str:  # noqa: ARG002  # contract
        """See `contract.TellsKinds`: the channel."""
        return ref.id.partition("/")[0]

    async def resolve(self, session: Session, ref: Reference, output: Output) -> tuple[Link, ...]:  # noqa: ARG002  # contract
        """The file's address as the vendor gives it and at the gateway, in the order of the setting `data_url`.

        Where the gateway speaks https and the vendor's address is plain http, `auto` tries the gateway first.
        """
        reading = await self._read(session, ref)
        if reading.snapshot.state is JobState.EXPIRED:
            raise AskError(ProblemKind.GONE, "the vendor has deleted the file", hint="start the task again")
        if reading.snapshot.state is not JobState.SUCCEEDED:
            raise AskError(
                ProblemKind.BAD_REPLY,
                f"the task has no file: it is {reading.snapshot.vendor_status}",
                hint="start the task again" if reading.snapshot.state.is_over else "wait for its success",
            )
        connection = session.connection
        return links(reading.download_url, task_of(ref, connection.option("org_id")), connection)

    async def cancel(self, session: Session, ref: Reference) -> None:
        """DELETE on the task, once."""
        task = task_of(ref, session.connection.option("org_id"))
        read_cancel(await session.send("DELETE", PREFIX + task.path, query={"orgId": task.org}))

    def read_order(self, order: Order) -> None:
        """The channel and the body of a new task; `order.place` is the channel."""
        check_order(order)

    def with_callback(self, order: Order, url: str) -> Order:
        """See `contract.PostsBack`: callbackURL (dossier section 3.1)."""
        return with_callback_url(order, url)

    def title_of(self, order: Order) -> str | None:
        """See `contract.TitlesOrders`. EnOS never tells a task's name again."""
        return task_name(order)

    async def submit(self, session: Session, order: Order) -> Reference:
        """POST of the body as it was written, once: EnOS has no key that would tell a second one (trap 12)."""
        channel = order.place or ""
        reply = await session.send(
            "POST",
            f"{PREFIX}/channels/read/{quote(channel, safe='')}/download-request",
            query={"orgId": session.connection.option("org_id")},
            content=order.body.encode(),
            headers={"Content-Type": "application/json;charset=UTF-8"},
        )
        return read_created(reply, channel)

    def file_error(self, reply: Reply) -> AskError | None:
        """The envelope or the gateway's text that came in place of a file."""
        return envelope.file_error(reply)

    async def probe(self, session: Session) -> str:
        """List the download channels: proves the keys and the organisation."""
        org = session.connection.option("org_id")
        data = data_of(await session.send("GET", f"{PREFIX}/channels", query={"orgId": org, "channelType": "DOWNLOAD"}))
        count = f"{len(data)} download channels" if isinstance(data, list) else "the download channels"
        return f"signed in; {count} of {org} can be listed. Not proved: access to a task, which needs its id"

    async def _read(self, session: Session, ref: Reference) -> Reading:
        task = task_of(ref, session.connection.option("org_id"))
        reply = await session.send("GET", f"{PREFIX}{task.path}/status", query={"orgId": task.org})
        return read_status(reply, task, secure=_scheme(session.connection.base_url) == "https")


def links(download_url: str | None, task: Task, connection: Connection) -> tuple[Link, ...]:
    """Where the file may be fetched, in order (dossier 3.4); the login never leaves the gateway's origin (trap 10).

    Raises AskError(BAD_REPLY) when the vendor gave no address and the setting wants nothing else.
    """
    is_zip = download_url is not None and urlsplit(download_url).path.lower().endswith(".zip")
    gateway = Link(_at_gateway(download_url, task, connection), signed_in=True, is_zip=is_zip)
    mode = connection.option("data_url")
    if mode == "gateway":
        return (gateway,)
    if download_url is None:
        if mode == "as-given":
            raise AskError(ProblemKind.BAD_REPLY, "the vendor gave no downloadUrl", hint='set data_url = "gateway"')
        return (gateway,)
    if mode == "as-given":
        return (Link(download_url, is_zip=is_zip),)
    given = Link(download_url, signed_in=same_origin(download_url, connection.base_url), is_zip=is_zip)
    if given.url == gateway.url:
        return (gateway,)
    downgrade = _scheme(connection.base_url) == "https" and _scheme(download_url) == "http"
    return (gateway, given) if downgrade else (given, gateway)


def _at_gateway(download_url: str | None, task: Task, connection: Connection) -> str:
    """The path of the vendor's address at the gateway; the documented path where that address has another one."""
    given = urlsplit(download_url or "")
    match = _DATA_PATH.search(given.path)
    path = match[0] if match else f"{task.path}/data"
    query = given.query if match and "orgId=" in given.query else f"orgId={quote(task.org, safe='')}"
    return f"{connection.base_url.rstrip('/')}{PREFIX}{path}?{query}"


def _scheme(url: str) -> str:
    return urlsplit(url).scheme


VENDOR = Enos()
