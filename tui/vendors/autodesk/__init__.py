"""Autodesk Platform Services: WorkItems of Design Automation v3, their reports, and results in OSS v2."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from tui.address import same_origin
from tui.clock import Clock
from tui.errors import AskError
from tui.model import (
    Connection,
    JobState,
    LostStart,
    OrderForm,
    Output,
    ProblemKind,
    Reference,
    SecretField,
    Setting,
    Snapshot,
)
from tui.redact import redact_long
from tui.vendors._errors import plain_sentence
from tui.vendors._read import Json, object_of, whole_of
from tui.vendors.autodesk.batch import read_status_batch
from tui.vendors.autodesk.calls import LISTED, automation, moved_since, workitems
from tui.vendors.autodesk.errors import NO_SUCH_CALL, advice, check_answer, check_service, error_sentence
from tui.vendors.autodesk.lists import place_of, read_engine, read_shelf, wait_sentence
from tui.vendors.autodesk.names import DEFAULT_REGION, debug_name, output_names, read_outputs, read_ref
from tui.vendors.autodesk.order import order_body, order_bytes, posts_progress, read_started, with_on_complete
from tui.vendors.autodesk.read import (
    is_behind,
    read_debug_link,
    read_download,
    read_report_url,
    read_workitem,
)
from tui.vendors.autodesk.started import find_start, lost_start
from tui.vendors.contract import Discovery, Link, Order, Pasted, Secrets, Session, Shelf
from tui.vendors.contract.lost_starts import Lookalikes

if TYPE_CHECKING:
    import httpx

SCOPES = "code:all data:read"
"""What watching and downloading seem to need (dossier section 2)."""
LINK_MINUTES = 60
"""The longest life that a download link may have: a slow line then needs few renewals (dossier 4.1)."""

LARGEST_ORDER = 16_384
"""Bytes that a submit may have where Autodesk has not raised the limit (dossier 3.4)."""
_MOST_DISCOVERED = 500
_MOST_CONFIRMED = 5
"""So many WorkItems that a batch answer does not know are asked one by one (its answers lag)."""
_SHELF = "100"
"""The most objects that one page of a bucket may hold; the default of 10 hides the rest (trap 22)."""


class Autodesk:
    """Satisfies `Vendor`, and of the protocols beside it all but `Reveals` and `HandsOver`."""

    name = "autodesk"
    label = "Autodesk Platform Services"
    settings = (
        Setting("base_url", "Address of the API", default="https://developer.api.autodesk.com"),
        Setting("client_id", "At aps.autodesk.com: profile menu, Applications, your app", required=True),
        Setting("region", "Region of Design Automation", default=DEFAULT_REGION),
        Setting("scopes", "What the token is asked for, with blanks between", default=SCOPES),
        Setting("max_order_bytes", "Largest body that a submit may have", default=str(LARGEST_ORDER)),
    )
    secrets = (
        SecretField("client_secret", "At aps.autodesk.com: profile menu, Applications, your app, beside the client id"),
    )
    most_at_once = 50
    order_form = OrderForm('{"activityId": "OWNER.NAME+ALIAS", "arguments": { ... }}')
    requests_per_minute = 90
    counted_by = "client_id"

    def login(self, connection: Connection, secrets: Secrets, clock: Clock) -> httpx.Auth:
        """See `contract.Vendor`."""
        from tui.vendors.autodesk.login import AutodeskLogin  # noqa: PLC0415  # an HTTP client, which the board loads after its first frame

        secret = secrets.need("client_secret")
        scopes = connection.option("scopes") or SCOPES
        return AutodeskLogin(connection.base_url, connection.option("client_id"), secret, clock, scopes)

    def read_ref(self, pasted: Pasted, connection: Connection) -> Reference | None:
        """See `contract.Vendor`."""
        return read_ref(pasted, connection)

    def read_outputs(self, text: str) -> tuple[str, ...]:
        """See `contract.NamesOutputs`."""
        return read_outputs(text)

    async def ask(self, session: Session, ref: Reference) -> Snapshot:
        """See `contract.Vendor`."""
        with advice():
            reply = check_answer(await session.send("GET", workitems(session, ref.id)))
            return read_workitem(reply.json(), ref)

    async def ask_many(self, session: Session, refs: Sequence[Reference]) -> Mapping[str, Snapshot | AskError]:
        """See `contract.AsksMany`. The body is a bare array of ids (trap 7).

        The answer may lag `ask` by seconds: a few WorkItems that it does not know are asked one by one, and all of
        them where there is no such call.
        """
        with advice():
            ids = [ref.id for ref in refs]
            reply = await session.send("POST", workitems(session, "status"), json_body=ids, changes=False)
            if reply.status in NO_SUCH_CALL:
                return await _ask_without_batch(self, session, refs)
            answers = read_status_batch(reply, refs)
        doubtful = [ref for ref in refs if isinstance(answers[ref.id], AskError)]
        return answers | await _ask_each(self, session, doubtful[:_MOST_CONFIRMED])

    def is_behind(self, known: Snapshot, told: Snapshot) -> bool:
        """Whether `told` is older than `known`, although it came later (dossier 3.5: batch answers lag)."""
        return is_behind(known, told)

    def kind_of(self, ref: Reference, snapshot: Snapshot) -> str:  # noqa: ARG002  # contract
        """See `contract.TellsKinds`: the activity."""
        return snapshot.title or ""

    async def resolve(self, session: Session, ref: Reference, output: Output) -> tuple[Link, ...]:
        """See `contract.Vendor`. GET, whatever the walkthrough shows (trap 1)."""
        named = output_names(ref.outputs).get(output.name)
        with advice():
            if named is None and output.name == debug_name(ref.outputs):
                return (read_debug_link(await session.send("GET", workitems(session, ref.id))),)
            if named is None:
                told = f"no object in OSS is named for {output.name}"
                raise AskError(ProblemKind.GONE, told, hint="give it as --output")
            bucket, _, key = named.partition("/")
            path = f"{_objects(bucket)}/{quote(key, safe='')}/signeds3download"
            reply = await session.send("GET", path, query={"minutesExpiration": str(LINK_MINUTES)})
            keep_https = session.connection.base_url.lower().startswith("https://")
            return (read_download(reply, named, keep_https=keep_https),)

    async def report(self, session: Session, ref: Reference) -> str:
        """See `contract.Reports`. The address is asked anew each time, since it dies within an hour (trap 11)."""
        with advice():
            url = read_report_url(await session.send("GET", workitems(session, ref.id)))
            reply = await session.fetch(url)
            if reply.status in (403, 404):
                said = plain_sentence(reply) or "no reason given"
                told = f"the report cannot be had any more ({reply.status}): {said}"
                raise AskError(ProblemKind.GONE, told, hint="ask for it once more: each ask gets a new link")
            return await redact_long(check_answer(reply).text.removeprefix("\ufeff"))  # it holds signed URLs (trap 28)

    async def cancel(self, session: Session, ref: Reference) -> None:
        """See `contract.Cancels`. A 204 is no proof: the job may still succeed (trap 26)."""
        with advice(unreachable="nobody knows whether it was taken: look at the state before you cancel again"):
            reply = await session.send("DELETE", workitems(session, ref.id))
            if reply.status == 409:
                said = error_sentence(reply) or "no reason given"
                told = f"Autodesk refused to cancel it now (409): {said}"
                raise AskError(ProblemKind.BAD_REPLY, told, hint="look at its state and try again if it still runs")
            check_answer(reply)

    def why_no_cancel(self, order: Order, state: JobState) -> str | None:
        """See `contract.RefrainsFromCancel`: no DELETE on a WorkItem that runs and posts its progress (trap 26)."""
        if state is JobState.WAITING or not posts_progress(order):
            return None
        return "it posts its progress: Autodesk wants such a job stopped by an answer of 205 to its onProgress call"

    async def submit(self, session: Session, order: Order) -> Reference:
        """See `contract.Submits`. There is no key against a second start: sent once, whatever comes (trap 9)."""
        body = order_body(order)
        content = order_bytes(body, whole_of(session.connection.option("max_order_bytes")) or LARGEST_ORDER)
        with advice(unreachable="look at what ran lately before you send it again"):
            kind = {"Content-Type": "application/json"}
            return read_started(await session.send("POST", workitems(session), content=content, headers=kind), body)

    def read_order(self, order: Order) -> None:
        """See `contract.Submits`."""
        order_body(order)

    def with_callback(self, order: Order, url: str) -> Order:
        """See `contract.PostsBack`: onComplete (dossier section 3.6)."""
        return with_on_complete(order, url)

    async def discover(self, session: Session, since: datetime) -> tuple[Discovery, ...]:
        """See `contract.Discovers`. At most five days back; the list tells ids and times, no status (dossier 3.5)."""
        begin = max(since, session.clock.now() - LISTED)
        with advice():
            moved = await moved_since(session, begin)
        newest = sorted(moved.items.values(), key=lambda one: one.at or begin, reverse=True)
        return tuple(newest[:_MOST_DISCOVERED])

    def lost_start(self, order: Order) -> LostStart:
        """See `lost_starts.FindsStarts`."""
        return lost_start(order_body(order))

    async def find_start(
        self, session: Session, lost: LostStart, sent_at: datetime, known: Collection[str]
    ) -> Lookalikes:
        """See `lost_starts.FindsStarts`. Nothing that Autodesk tells makes a find sure."""
        with advice():
            return await find_start(session, self.ask_many, lost, sent_at, known)

    async def browse(self, session: Session, place: str, more: str | None = None) -> Shelf:
        """See `contract.Browses`. `next` is followed as it came, but nowhere else than to `base_url` (trap 22)."""
        bucket, prefix = place_of(place)
        with advice():
            if more is None:
                query = {"limit": _SHELF} | ({"beginsWith": prefix} if prefix else {})
                reply = await session.send("GET", _objects(bucket), query=query)
            elif same_origin(more, session.connection.base_url):
                reply = await session.send("GET", more)
            else:
                told = "the next page is on another host: the login is not sent there"
                raise AskError(ProblemKind.FORBIDDEN, told, hint="look at base_url")
            return read_shelf(reply, bucket)

    async def explain_wait(self, session: Session, snapshot: Snapshot) -> str | None:
        """See `contract.ExplainsWaits`. The activity names the engine, the engine's health tells its queue."""
        if snapshot.state is not JobState.WAITING or not snapshot.title:
            return None
        with advice():
            reply = await session.send("GET", automation(session, "activities", snapshot.title))
            product = None if reply.status in (403, 404) else read_engine(reply)
            if product is None:
                return None
            health = await _told(session, "health", product)
            return wait_sentence(product, health, await _told(session, "health", product, "stats"))

    async def probe(self, session: Session) -> str:
        """See `contract.Vendor`. Asks which WorkItems changed since now: none, but it needs the scope (dossier 3.5)."""
        since = int(session.clock.now().timestamp())
        with advice():
            check_service(await session.send("GET", workitems(session), query={"startAfterTime": str(since)}))
        return "signed in, and Design Automation answers; whether the buckets may be read shows at a download"


async def _ask_each(vendor: Autodesk, session: Session, refs: Sequence[Reference]) -> dict[str, Snapshot | AskError]:
    async def answer(ref: Reference) -> Snapshot | AskError:
        try:
            return await vendor.ask(session, ref)
        except AskError as error:
            return error

    answers = await asyncio.gather(*map(answer, refs))
    return {ref.id: told for ref, told in zip(refs, answers, strict=True)}


async def _ask_without_batch(
    vendor: Autodesk, session: Session, refs: Sequence[Reference]
) -> Mapping[str, Snapshot | AskError]:
    """One by one. Raises AskError where nothing at all is known: the address is then wrong, not every id."""
    answers = await _ask_each(vendor, session, refs)
    if all(isinstance(told, AskError) and told.kind is ProblemKind.GONE for told in answers.values()):
        told = "Autodesk knows neither these WorkItems nor the call for their status"
        raise AskError(ProblemKind.BAD_REPLY, told, hint="look at base_url and region")
    return answers


async def _told(session: Session, *path: str) -> Json:
    """An object that helps to explain, empty where there is none."""
    reply = await session.send("GET", automation(session, *path))
    return {} if reply.status in (403, *NO_SUCH_CALL) else object_of(check_answer(reply))


def _objects(bucket: str) -> str:
    return f"/oss/v2/buckets/{quote(bucket, safe='')}/objects"


VENDOR = Autodesk()
