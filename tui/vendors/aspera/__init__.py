"""IBM Aspera Orchestrator: work orders, their steps and outputs, as its dossier describes them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from tui.address import same_origin
from tui.clock import Clock
from tui.errors import AskError
from tui.model import (
    Connection,
    JobState,
    LostStart,
    OrderForm,
    Output,
    OutputKind,
    ProblemKind,
    Reference,
    Secret,
    SecretField,
    Setting,
    Snapshot,
)
from tui.vendors.aspera.calls import call, order_outputs, status_of
from tui.vendors.aspera.document import json_object_of, no_root
from tui.vendors.aspera.follow import with_children, with_hashes
from tui.vendors.aspera.link import ASCLI, ASCP, by_ascli, by_ascp, token_key
from tui.vendors.aspera.lists import orders_since
from tui.vendors.aspera.order import read_started, start_of
from tui.vendors.aspera.outputs import Found
from tui.vendors.aspera.read import Reading, read_order_outputs, read_reset, read_taken
from tui.vendors.aspera.ref import Target, WorkOrder, ref_of_text, ref_of_url, target_of
from tui.vendors.aspera.started import find_start, lost_start
from tui.vendors.contract import Discovery, HandOver, Link, Order, Pasted, Secrets, Session
from tui.vendors.contract.lost_starts import Lookalikes

if TYPE_CHECKING:
    import httpx

_NUMBER = re.compile(r"\d+")
_LATER = (429, 502, 503, 504)
"""Answers that will be another one soon."""


class Orchestrator:
    """Satisfies `Vendor` and what of its extras Orchestrator can do."""

    name = "aspera"
    label = "IBM Aspera Orchestrator"
    settings = (
        Setting("base_url", "the server, e.g. https://HOST/aspera/orchestrator", required=True),
        Setting("username", 'the user\'s name; not needed with api_key_name = "apikey"'),
        Setting("auth", "how to sign in", default="basic", choices=("basic", "token", "query", "api-key")),
        Setting("api_key_name", "how the key is spelt in the URL", default="api_key", choices=("api_key", "apikey")),
        Setting(
            "format",
            "how JSON is asked for: format=json, an Accept header, or .json behind the call",
            default="arg",
            choices=("arg", "header", "ext"),
        ),
        Setting("initiate", "how a work order is started", default="post", choices=("post", "get")),
        Setting("workflows", "ids of the workflows to look for work orders in, by commas; else the first 50"),
        Setting(
            "child_output",
            'output of a sub-workflow step that holds its work order\'s id; "off" follows none',
            default="work_order_id",
        ),
    )
    secrets = (
        SecretField(
            "password",
            "plain, or scrambled (_P__…): in Orchestrator Accounts, Users, the user, Generate Scrambled Password",
            required=False,
        ),
        SecretField("api_key", "in Orchestrator: Accounts, Users, the user, API Key", required=False),
    )

    order_form = OrderForm('{"workflow_id": 5, "external_parameters": { ... }}')
    programs = (ASCLI, ASCP)

    def __init__(self, key_places: Sequence[Path] | None = None) -> None:
        """`key_places` are folders where the key of Aspera's clients may be; None for the usual ones."""
        self._key_places = key_places

    def login(self, connection: Connection, secrets: Secrets, clock: Clock) -> httpx.Auth:
        """The login that `auth` names. Raises CredentialsError for a missing secret, ConfigError without a username."""
        from tui.vendors.aspera.login import login_of  # noqa: PLC0415  # an HTTP client, which the board loads after its first frame

        return login_of(connection, secrets, clock)

    def needed(self, connection: Connection, found: Collection[str]) -> tuple[str, ...]:
        """See `contract.ChoosesSecrets`: the login by token takes either secret."""
        auth = connection.option("auth")
        by_key = auth == "api-key" or (auth == "token" and "api_key" in found and "password" not in found)
        return ("api_key",) if by_key else ("password",)

    def read_ref(self, pasted: Pasted, connection: Connection) -> Reference | None:  # noqa: ARG002  # contract
        """A work order id, `WORKORDER/STEP NAME`, `step:ID`, or an API URL of either."""
        if pasted.url:
            return ref_of_url(pasted.url)
        return None if pasted.body else ref_of_text(pasted.text)

    async def ask(self, session: Session, ref: Reference) -> Snapshot:
        """The status; for a work order that is complete its outputs too, by a second call.

        When the server cannot list the outputs, the snapshot says so in its notice; when it cannot be reached or
        asks us to come later, the AskError is raised, so that the next ask tries both again.
        """
        target = target_of(ref)
        reading = await status_of(session, target)
        snapshot = await with_children(session, reading)
        if not isinstance(target, WorkOrder):
            found = await with_hashes(session, reading.found, reading.steps)
            return replace(snapshot, outputs=tuple(each.output for each in found))
        if snapshot.state is not JobState.SUCCEEDED:
            return snapshot
        reply = await order_outputs(session, target)
        try:
            told = read_order_outputs(reply)
        except AskError as error:
            if reply.status in _LATER:
                raise
            return replace(snapshot, notice=f"the outputs could not be read: {error.message}")
        found = await with_hashes(session, told, reading.steps)
        return replace(snapshot, outputs=tuple(each.output for each in found))

    def kind_of(self, ref: Reference, snapshot: Snapshot) -> str:  # noqa: ARG002  # contract
        """See `contract.TellsKinds`: the name, without the numbers that count and date the runs of one workflow."""
        return _NUMBER.sub("#", snapshot.title or "")

    async def resolve(self, session: Session, ref: Reference, output: Output) -> tuple[Link, ...]:
        """The web address of an output; the login goes along only to the server's own origin."""
        url = (await _address(session, ref, output, OutputKind.FILE)).reveal()
        name = unquote(urlsplit(url).path.rpartition("/")[2])
        at_home = same_origin(url, session.connection.base_url)
        return (Link(url, signed_in=at_home, file_name=name or None, is_zip=name.lower().endswith(".zip")),)

    async def reveal(self, session: Session, ref: Reference, output: Output) -> str:
        """The `fasp:` link with its token."""
        return (await _address(session, ref, output, OutputKind.LINK)).reveal()

    async def cancel(self, session: Session, ref: Reference) -> None:
        """Read the state, then send the cancel once: it is a GET that changes something (trap 1)."""
        target = target_of(ref)
        reading = await _look(session, target)
        if reading.snapshot.state.is_over:
            raise AskError(
                ProblemKind.BAD_REPLY,
                f"the job is over already: {reading.snapshot.vendor_status}",
                hint="there is nothing to cancel",
            )
        if isinstance(target, WorkOrder):
            read_taken(await call(session, f"work_order_cancel/{target.id}", changes=True))
            return
        step = _id_of_step(reading, "cancelled")
        read_taken(await call(session, f"work_step_cancel/{step}", changes=True))

    async def reset(self, session: Session, ref: Reference) -> None:
        """Read the state, then send the reset once: it is a GET that changes something (trap 1).

        A work order begins anew; of a step, the work order runs again from that step on. One that is under way is
        left alone: a reset would run it twice at the same time.
        """
        target = target_of(ref)
        reading = await _look(session, target)
        if not reading.snapshot.state.is_over:
            raise AskError(
                ProblemKind.BAD_REPLY,
                f"the job is not over: {reading.snapshot.vendor_status or 'no status yet'}",
                hint="cancel it first, or wait for its end",
            )
        if isinstance(target, WorkOrder):
            reply = await call(session, f"work_order_reset/{target.id}", changes=True)
        else:
            reply = await call(session, f"workstep_reset/{_id_of_step(reading, 'reset')}", changes=True)
        read_reset(reply)

    def read_order(self, order: Order) -> None:
        """See `contract.Submits`."""
        start_of(order)

    async def submit(self, session: Session, order: Order) -> Reference:
        """Start a work order by one POST, or by a GET where `initiate` says so (trap 1: never sent again)."""
        start = start_of(order)
        if session.connection.option("initiate") == "get":
            query = {**start.as_fields(), **start.query}
            reply = await call(session, f"initiate/{start.workflow}", query, changes=True)
        else:
            body = {"workflow_id": start.workflow, "external_parameters": start.inputs}
            reply = await call(session, "initiate", start.query, method="POST", json_body=body)
        return read_started(reply)

    async def discover(self, session: Session, since: datetime) -> tuple[Discovery, ...]:
        """The work orders of each workflow, one call for each."""
        return await orders_since(session, since)

    def lost_start(self, order: Order) -> LostStart:
        """See `lost_starts.FindsStarts`."""
        return lost_start(start_of(order))

    async def find_start(
        self, session: Session, lost: LostStart, sent_at: datetime, known: Collection[str]
    ) -> Lookalikes:
        """See `lost_starts.FindsStarts`. A work order that bears the order's own name is a sure find."""
        return await find_start(session, lost, sent_at, known)

    def hand_over(self, link: str, program: str, folder: Path) -> HandOver:
        """See `contract.HandsOver`. Token and cookie are in the environment only (section 8)."""
        if program == ASCLI:
            return by_ascli(link, folder)
        return by_ascp(link, folder, token_key(self._key_places))

    async def probe(self, session: Session) -> str:
        """List the workflows: proves the login, which the server's own ping does not ask for."""
        reply = await call(session, "workflows_list")
        if "workflows" not in json_object_of(reply):
            raise no_root(reply, "workflows")
        return "signed in; the workflows can be listed. Not proved: the right to cancel, which needs a work order"


async def _look(session: Session, target: Target) -> Reading:
    """The state before something is changed; what goes wrong here has changed nothing."""
    try:
        return await status_of(session, target)
    except AskError as error:
        error.not_sent = True
        raise


def _id_of_step(reading: Reading, what: str) -> int:
    if reading.id is None:
        raise AskError(
            ProblemKind.BAD_REPLY,
            f"the vendor tells no id of this step, so it cannot be {what}",
            hint="do it with its work order",
        )
    return reading.id


async def _address(session: Session, ref: Reference, output: Output, kind: OutputKind) -> Secret:
    """The address behind an output, asked anew. Raises AskError when the vendor names none of that kind any more."""
    target = target_of(ref)
    if isinstance(target, WorkOrder):
        found: tuple[Found, ...] = read_order_outputs(await order_outputs(session, target))
    else:
        found = (await status_of(session, target)).found
    for each in found:
        if each.output.name == output.name and each.output.kind is kind and each.address:
            return each.address
    raise AskError(
        ProblemKind.BAD_REPLY,
        f"the vendor names no {kind} {output.name} any more",
        hint="refresh the job: its outputs have changed",
    )


VENDOR = Orchestrator()
