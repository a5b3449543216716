"""An S3-like store: objects behind pre-signed GET URLs, refused the way S3 refuses (dossier jaggaer.md, section 5)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from xml.sax.saxutils import escape

from aiohttp import web

from tui.clock import Clock
from tui.emulators import signing
from tui.emulators.content import Content, Sums
from tui.emulators.faults import Faults
from tui.emulators.ranges import slice_for
from tui.emulators.sending import Sender
from tui.emulators.worldtime import iso_z

LONGEST = 604_800
"""Seconds that a pre-signed URL can live at most."""


class Refusal(Exception):  # noqa: N818  # S3 calls it an Error document; here it is the reason to send one
    """S3's reason not to answer: a status, a code, a sentence, and elements that explain."""

    def __init__(self, status: int, code: str, message: str, **more: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.more = more

    def response(self) -> web.Response:
        """The XML answer. A name like `X_Amz_Expires` becomes the element `X-Amz-Expires`."""
        fields = {"Code": self.code, "Message": self.message, **self.more, "RequestId": "R1", "HostId": "H1"}
        inner = "".join(f"<{n.replace('_', '-')}>{escape(v)}</{n.replace('_', '-')}>" for n, v in fields.items())
        text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inner}</Error>'
        return web.Response(status=self.status, text=text, content_type="application/xml")


class Store:
    """Buckets of objects on one host. An object never changes unless a test puts another in its place."""

    def __init__(self, clock: Clock, host: str, key: signing.Key, bandwidth: int | None = None) -> None:
        self.host = host
        self.faults = Faults()
        self.sender = Sender(clock, self.faults, bandwidth)
        self._clock = clock
        self._key = key
        self._objects: dict[str, Sums] = {}
        self._missing: dict[str, int] = {}

    @property
    def base_url(self) -> str:
        """Where the store answers."""
        return f"http://{self.host}"

    def put(self, bucket: str, key: str, content: Content) -> None:
        """Keep an object."""
        self._objects[f"/{bucket}/{key}"] = Sums(content)

    def hide(self, bucket: str, key: str, times: int) -> None:
        """Answer the next requests for the object with 404, as if it were not there yet."""
        self._missing[f"/{bucket}/{key}"] = times

    def forget(self, bucket: str, key: str) -> None:
        """Drop an object."""
        self._objects.pop(f"/{bucket}/{key}", None)
        self._missing.pop(f"/{bucket}/{key}", None)

    def find(self, bucket: str, key: str) -> Sums | None:
        """The object, or None."""
        sums = self._objects.get(f"/{bucket}/{key}")
        return sums and sums.latest

    def presign(self, bucket: str, key: str, *, expires: int, at: datetime | None = None, **extra: str) -> str:
        """A GET URL that lives `expires` seconds from `at` (now).

        `extra` are `response_content_type` and `response_content_disposition`.
        """
        pairs = [(name.replace("_", "-"), value) for name, value in extra.items()]
        when = at or self._clock.now()
        path = f"/{bucket}/{key}"
        return self.base_url + signing.presign(self._key, self.host, path, at=when, expires=expires, extra=pairs)

    def routes(self) -> list[web.RouteDef]:
        """Every path is an object."""
        return [web.route("*", "/{path:.+}", self._answer)]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        try:
            return await self._get(request)
        except Refusal as refusal:
            return refusal.response()

    async def _get(self, request: web.Request) -> web.StreamResponse:
        pairs = signing.split_query(request.rel_url.raw_query_string)
        self._check_headers(request, dict(pairs))
        self._check_signature(request, pairs)
        fields = dict(pairs)
        sums = self._object(request.path)
        etag = await asyncio.to_thread(lambda: sums.etag)
        part = slice_for(request.headers, sums.content.size, etag)
        if part.status == 412:
            raise Refusal(412, "PreconditionFailed", "A pre-condition you specified did not hold", Condition="If-Match")
        if part.status == 416:
            size, asked = str(sums.content.size), request.headers["Range"]
            message = HTTPStatus(416).phrase
            raise Refusal(416, "InvalidRange", message, RangeRequested=asked, ActualObjectSize=size)
        wanted = {"Content-Type": "response-content-type", "Content-Disposition": "response-content-disposition"}
        headers = {header: fields[name] for header, name in wanted.items() if name in fields}
        return await self.sender.send(request, sums, part, headers)

    def _check_headers(self, request: web.Request, fields: dict[str, str]) -> None:
        """Refuse a second kind of login, an anonymous request, and headers that the signature does not cover."""
        if "Authorization" in request.headers:
            message = "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query "
            message += "string parameter or the Authorization header should be specified"
            value = request.headers["Authorization"]
            raise Refusal(400, "InvalidArgument", message, ArgumentName="Authorization", ArgumentValue=value)
        if "X-Amz-Signature" not in fields:
            raise Refusal(403, "AccessDenied", "Access Denied")
        unsigned = sorted(name.lower() for name in request.headers if name.lower().startswith("x-amz-"))
        if unsigned:
            message = "There were headers present in the request which were not signed"
            raise Refusal(403, "AccessDenied", message, HeadersNotSigned=", ".join(unsigned))

    def _check_signature(self, request: web.Request, pairs: signing.Pairs) -> None:
        """Refuse an altered and an expired URL; the age is looked at when the request arrives."""
        fields = dict(pairs)
        stale = Refusal(403, "AuthorizationQueryParametersError", "X-Amz-Date or X-Amz-Expires cannot be read")
        try:
            signed_at = datetime.strptime(fields.get("X-Amz-Date", ""), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            lifetime = int(fields.get("X-Amz-Expires", ""))
        except ValueError:
            raise stale from None
        if not 1 <= lifetime <= LONGEST:
            raise stale
        expires, now = signed_at + timedelta(seconds=lifetime), self._clock.now()
        if now >= expires:
            more = {"X_Amz_Expires": str(lifetime), "Expires": iso_z(expires), "ServerTime": iso_z(now)}
            raise Refusal(403, "AccessDenied", "Request has expired", **more)
        if not signing.is_genuine(self._key, request.method, request.host, request.path, pairs):
            message = "The request signature we calculated does not match the signature you provided."
            raise Refusal(403, "SignatureDoesNotMatch", message)

    def _object(self, path: str) -> Sums:
        sums = self._objects.get(path)
        if sums is not None and not self._missing.get(path):
            return sums.latest
        if sums is not None:
            self._missing[path] -= 1
        raise Refusal(404, "NoSuchKey", "The specified key does not exist.", Key=path.split("/", 2)[-1])
