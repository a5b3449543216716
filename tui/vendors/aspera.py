"""IBM Aspera Orchestrator: work orders, their steps and outputs, as its dossier describes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import unquote, urlsplit

import httpx

from tui.address import same_origin
from tui.clock import Clock
from tui.errors import AskError
from tui.model import (
    Connection,
    JobState,
    Output,
    OutputKind,
    ProblemKind,
    Reference,
    Secret,
    SecretField,
    Setting,
    Snapshot,
)
from tui.vendors._aspera_document import json_object_of, no_root
from tui.vendors._aspera_login import login_of
from tui.vendors._aspera_outputs import Found
from tui.vendors._aspera_read import Reading, read_order, read_order_outputs, read_step, read_taken
from tui.vendors._aspera_ref import NamedStep, StepRun, Target, WorkOrder, ref_of_text, ref_of_url, target_of
from tui.vendors.contract import Link, Pasted, Reply, Secrets, Session

_LATER = (429, 502, 503, 504)
"""Answers that will be another one soon."""


class Orchestrator:
    """Satisfies `contract.Vendor`, `contract.Cancels` and `contract.Reveals`."""

    name = "aspera"
    label = "IBM Aspera Orchestrator"
    settings = (
        Setting("base_url", "the server, e.g. https://HOST/aspera/orchestrator", required=True),
        Setting("username", 'the user\'s name; not needed with api_key_name = "apikey"'),
        Setting("auth", "how to sign in", default="basic", choices=("basic", "token", "query", "api-key")),
        Setting("api_key_name", "how the key is spelt in the URL", default="api_key", choices=("api_key", "apikey")),
        Setting(
            "format", "how JSON is asked for: format=json or an Accept header", default="arg", choices=("arg", "header")
        ),
    )
    secrets = (
        SecretField("password", "the user's password, plain or scrambled (_P__…)", required=False),
        SecretField("api_key", "the user's API key", required=False),
    )

    def login(self, connection: Connection, secrets: Secrets, clock: Clock) -> httpx.Auth:
        """The login that `auth` names. Raises CredentialsError for a missing secret, ConfigError without a username."""
        return login_of(connection, secrets, clock)

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
        reading = await _status(session, target)
        snapshot = reading.snapshot
        if not isinstance(target, WorkOrder) or snapshot.state is not JobState.SUCCEEDED:
            return snapshot
        reply = await _order_outputs(session, target)
        try:
            found = read_order_outputs(reply)
        except AskError as error:
            if reply.status in _LATER:
                raise
            return replace(snapshot, notice=f"the outputs could not be read: {error.message}")
        return replace(snapshot, outputs=tuple(each.output for each in found))

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
        reading = await _status(session, target)
        if reading.snapshot.state.is_over:
            raise AskError(
                ProblemKind.BAD_REPLY,
                f"the job is over already: {reading.snapshot.vendor_status}",
                hint="there is nothing to cancel",
            )
        if isinstance(target, WorkOrder):
            read_taken(await _get(session, f"work_order_cancel/{target.id}"))
            return
        if reading.id is None:
            raise AskError(ProblemKind.BAD_REPLY, "the vendor tells no id of this step, so it cannot be cancelled")
        read_taken(await _get(session, f"work_step_cancel/{reading.id}"))

    async def probe(self, session: Session) -> str:
        """List the workflows: proves the login, which the server's own ping does not ask for."""
        reply = await _get(session, "workflows_list")
        if "workflows" not in json_object_of(reply):
            raise no_root(reply, "workflows")
        return "signed in; the workflows can be listed. Not proved: the right to cancel, which needs a work order"


async def _get(session: Session, path: str, query: Mapping[str, str] | None = None, *, as_json: bool = True) -> Reply:
    fields = dict(query or {})
    headers = {}
    if as_json and session.connection.option("format") == "header":
        headers["Accept"] = "application/json"
    elif as_json:
        fields["format"] = "json"
    return await session.send("GET", f"api/{path}", query=fields or None, headers=headers or None)


async def _status(session: Session, target: Target) -> Reading:
    match target:
        case WorkOrder(id=order):
            return read_order(await _get(session, f"work_order_status/{order}"), order)
        case NamedStep(order=order, name=name):
            query = {"work_order_id": str(order), "step_name": name}
            return read_step(await _get(session, "work_step_status/work_order", query))
        case StepRun(id=step):
            return read_step(await _get(session, f"work_step_status/{step}"), step)


async def _order_outputs(session: Session, order: WorkOrder) -> Reply:
    # The vendor's own client always asks for XML here (section 3).
    return await _get(session, f"work_order_output/{order.id}", as_json=False)


async def _address(session: Session, ref: Reference, output: Output, kind: OutputKind) -> Secret:
    """The address behind an output, asked anew. Raises AskError when the vendor names none of that kind any more."""
    target = target_of(ref)
    if isinstance(target, WorkOrder):
        found: tuple[Found, ...] = read_order_outputs(await _order_outputs(session, target))
    else:
        found = (await _status(session, target)).found
    for each in found:
        if each.output.name == output.name and each.output.kind is kind and each.address:
            return each.address
    raise AskError(ProblemKind.BAD_REPLY, f"the vendor names no {kind} {output.name} any more")


VENDOR = Orchestrator()
