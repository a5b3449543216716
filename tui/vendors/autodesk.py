"""Autodesk Platform Services: WorkItems of Design Automation v3, their reports, and results in OSS v2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

import httpx

from tui.clock import Clock
from tui.errors import AskError
from tui.model import Connection, Output, ProblemKind, Reference, Secret, SecretField, Setting, Snapshot
from tui.redact import redact
from tui.vendors._autodesk_names import DEFAULT_REGION, output_names, read_outputs, read_ref
from tui.vendors._autodesk_read import (
    check_answer,
    error_sentence,
    read_download,
    read_report_url,
    read_status_batch,
    read_workitem,
)
from tui.vendors._errors import plain_sentence
from tui.vendors._login import Token, TokenLogin
from tui.vendors._oauth import basic, read_bearer
from tui.vendors.contract import Link, Pasted, Reply, Secrets, Session

SCOPES = "code:all data:read"
"""What watching and downloading need (dossier section 2)."""
LINK_MINUTES = 60
"""The longest life that a download link may have: a slow line then needs few renewals (dossier 4.1)."""


class AutodeskLogin(TokenLogin):
    """Two-legged OAuth v2: client id and secret by Basic header only, since both ways at once are a 400 (trap 25)."""

    def __init__(self, base_url: str, client_id: str, secret: Secret, clock: Clock) -> None:
        super().__init__(clock)
        self._url = f"{base_url.rstrip('/')}/authentication/v2/token"
        self._basic = basic(client_id, secret)

    def token_request(self, old: Token | None) -> httpx.Request:  # noqa: ARG002  # there is no refresh token
        """The client credentials grant."""
        form = {"grant_type": "client_credentials", "scope": SCOPES}
        return httpx.Request("POST", self._url, data=form, headers={"Authorization": self._basic})

    def read_token(self, reply: Reply) -> Token | None:
        """The token; `expires_in` is seconds. Raises AskError."""
        return read_bearer(reply, error_sentence(reply), hint="check client_id and client_secret")


class Autodesk:
    """Satisfies `Vendor`, `AsksMany`, `Limited`, `Cancels`, `Reports` and `NamesOutputs`."""

    name = "autodesk"
    label = "Autodesk Platform Services"
    settings = (
        Setting("base_url", "Address of the API", default="https://developer.api.autodesk.com"),
        Setting("client_id", "Client id of the app", required=True),
        Setting("region", "Region of Design Automation", default=DEFAULT_REGION),
    )
    secrets = (SecretField("client_secret", "Client secret of the app"),)
    most_at_once = 50
    requests_per_minute = 90

    def login(self, connection: Connection, secrets: Secrets, clock: Clock) -> httpx.Auth:
        """See `contract.Vendor`."""
        secret = secrets.need("client_secret")
        return AutodeskLogin(connection.base_url, connection.option("client_id"), secret, clock)

    def read_ref(self, pasted: Pasted, connection: Connection) -> Reference | None:
        """See `contract.Vendor`."""
        return read_ref(pasted, connection)

    def read_outputs(self, text: str) -> tuple[str, ...]:
        """See `contract.NamesOutputs`."""
        return read_outputs(text)

    async def ask(self, session: Session, ref: Reference) -> Snapshot:
        """See `contract.Vendor`."""
        reply = check_answer(await session.send("GET", _workitems(session, ref.id)))
        return read_workitem(reply.json(), ref)

    async def ask_many(self, session: Session, refs: Sequence[Reference]) -> Mapping[str, Snapshot | AskError]:
        """See `contract.AsksMany`. The body is a bare array of ids (trap 7); the answer may lag `ask` by seconds."""
        reply = await session.send("POST", _workitems(session, "status"), json_body=[ref.id for ref in refs])
        return read_status_batch(reply, refs)

    async def resolve(self, session: Session, ref: Reference, output: Output) -> tuple[Link, ...]:
        """See `contract.Vendor`. GET, whatever the walkthrough shows (trap 1)."""
        named = output_names(ref.outputs).get(output.name)
        if named is None:
            raise AskError(ProblemKind.GONE, f"no object in OSS is named for {output.name}", hint="give it as --output")
        bucket, _, key = named.partition("/")
        path = f"/oss/v2/buckets/{quote(bucket, safe='')}/objects/{quote(key, safe='')}/signeds3download"
        reply = await session.send("GET", path, query={"minutesExpiration": str(LINK_MINUTES)})
        keep_https = session.connection.base_url.lower().startswith("https://")
        return (read_download(reply, named, keep_https=keep_https),)

    async def report(self, session: Session, ref: Reference) -> str:
        """See `contract.Reports`. The address is asked anew each time, since it dies within an hour (trap 11)."""
        url = read_report_url(await session.send("GET", _workitems(session, ref.id)))
        reply = await session.fetch(url)
        if reply.status in (403, 404):
            said = plain_sentence(reply) or "no reason given"
            raise AskError(ProblemKind.GONE, f"the report cannot be had any more ({reply.status}): {said}")
        return redact(check_answer(reply).text.removeprefix("\ufeff"))  # reports hold signed URLs (trap 28)

    async def cancel(self, session: Session, ref: Reference) -> None:
        """See `contract.Cancels`. A 204 is no proof: the job may still succeed (trap 26)."""
        reply = await session.send("DELETE", _workitems(session, ref.id))
        if reply.status == 409:
            said = error_sentence(reply) or "no reason given"
            raise AskError(ProblemKind.BAD_REPLY, f"Autodesk refused to cancel it now (409): {said}")
        check_answer(reply)

    async def probe(self, session: Session) -> str:
        """See `contract.Vendor`. Asks which WorkItems changed since now: none, but it needs the scope (dossier 3.5)."""
        since = int(session.clock.now().timestamp())
        check_answer(await session.send("GET", _workitems(session), query={"startAfterTime": str(since)}))
        return "signed in, and Design Automation answers; whether the buckets may be read shows at a download"


def _workitems(session: Session, *path: str) -> str:
    region = session.connection.option("region") or DEFAULT_REGION
    return "/".join(("/da", quote(region, safe=""), "v3/workitems", *path))


VENDOR = Autodesk()
