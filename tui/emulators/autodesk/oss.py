"""The calls of the emulated object storage service (dossier autodesk.md, section 4)."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from tui.emulators.autodesk.gateway import Gateway
from tui.emulators.autodesk.workitems import BUCKET, AutodeskOptions, WorkItem
from tui.emulators.content import PartContent, Sums
from tui.emulators.roster import Roster
from tui.emulators.sending import Sender
from tui.emulators.site import Surroundings

PART = 5 * 1024 * 1024
MOST_AT_ONCE = 25
"""Objects that one batch may name."""
_DEFAULT_MINUTES = 2


@dataclass(frozen=True, slots=True)
class SharedLink:
    """A `signedresources` link; `ends` is in seconds of the world."""

    sums: Sums
    ends: float
    single_use: bool


class Storage:
    """The bucket of the WorkItems' outputs, as seen from now."""

    def __init__(
        self,
        around: Surroundings,
        gateway: Gateway,
        items: Roster[str, WorkItem],
        options: AutodeskOptions,
        sender: Sender,
    ) -> None:
        self._base_url = around.base_url
        self._time = around.time
        self._store = around.store
        self._gateway = gateway
        self._items = items
        self._options = options
        self._sender = sender
        self._links: dict[str, SharedLink] = {}
        self._holders: dict[str, str] = {}
        """Whose output lies under each `BUCKET/KEY`."""

    def keep(self, job: WorkItem) -> None:
        """Put a WorkItem's output where its links will lead, unless another one has delivered there already."""
        if self._find(job.bucket, job.key) is None:
            self._put(job)

    def _put(self, job: WorkItem) -> None:
        self._holders[job.object_name] = job.id
        self._store.put(job.bucket, job.key, job.content)
        for first, stop in _parts(job):
            self._store.put(job.bucket, f"{job.key}.part-{first}", PartContent(job.content, first, stop))

    def forget(self, job: WorkItem) -> None:
        """Drop a WorkItem's output, where it still is the one that lies there."""
        if self._holders.get(job.object_name) != job.id:
            return
        del self._holders[job.object_name]
        self._store.forget(job.bucket, job.key)
        for first, _ in _parts(job):
            self._store.forget(job.bucket, f"{job.key}.part-{first}")

    def routes(self) -> list[web.RouteDef]:
        """Its calls."""
        root = "/{slash:/?}oss/v2"
        one = f"{root}/buckets/{{bucket}}/objects/{{key}}"
        guard, quota = self._gateway.guard, self._gateway.storage_quota
        return [
            web.get(f"{root}/buckets", guard("bucket:read", quota, self._buckets)),
            web.get(f"{root}/buckets/{{bucket}}/objects", guard("data:read", quota, self._list)),
            web.get(f"{one}/details", guard("data:read", quota, self._details)),
            web.get(f"{one}/signeds3download", guard("data:read", quota, self._download)),
            web.post(f"{one}/signed", guard("data:write", quota, self._share)),
            web.post(
                f"{root}/buckets/{{bucket}}/objects/batchsigneds3download", guard("data:read", quota, self._batch)
            ),
            web.get(f"{root}/signedresources/{{guid}}", self._shared),
            web.get("/cdn/{guid}", self._from_cdn),
        ]

    async def _buckets(self, _: web.Request) -> web.Response:
        created = int(self._time.start.timestamp() * 1000)
        return web.json_response({"items": [{"bucketKey": BUCKET, "createdDate": created, "policyKey": "temporary"}]})

    async def _list(self, request: web.Request) -> web.Response:
        if request.match_info["bucket"] != BUCKET:
            return _error(404, "Bucket not found")
        limit = request.query.get("limit", "10")
        if not limit.isdecimal() or not 1 <= int(limit) <= 100:
            return _error(400, "limit must be between 1 and 100")
        begins, start = request.query.get("beginsWith", ""), request.query.get("startAt", "")
        keys = sorted({job.key for job in self._items if self._is_there(job)})
        there = [job for key in keys if (job := self._find(BUCKET, key))]
        found = [job for job in there if job.key.startswith(begins) and job.key >= start]
        page, rest = found[: int(limit)], found[int(limit) :]
        reply: dict[str, object] = {"items": [await self._described(job) for job in page]}
        if rest:
            query = {"limit": limit, "beginsWith": begins, "startAt": rest[0].key}
            reply["next"] = str(request.url.origin().join(request.rel_url.with_query(query)))
        return web.json_response(reply)

    async def _details(self, request: web.Request) -> web.Response:
        job = self._find(request.match_info["bucket"], request.match_info["key"])
        if job is None:
            return _error(404, "Object not found")
        return web.json_response(await self._described(job))

    async def _download(self, request: web.Request) -> web.Response:
        job = self._find(request.match_info["bucket"], request.match_info["key"])
        life = _life(request)
        if life is None:
            return _error(400, "minutesExpiration must be between 1 and 60")
        if job is None:
            return _error(404, "Object not found")
        return web.json_response(await self._answer(job, life, request.query))

    async def _batch(self, request: web.Request) -> web.Response:
        try:
            body = json.loads(await request.read())
        except ValueError:
            body = None
        wishes = body.get("requests") if isinstance(body, dict) else None
        life = _life(request)
        if not isinstance(wishes, list) or not 1 <= len(wishes) <= MOST_AT_ONCE or life is None:
            return _error(400, f"requests must be an array of 1 to {MOST_AT_ONCE}")
        results: dict[str, object] = {}
        for wish in wishes:
            key = str(wish.get("objectKey")) if isinstance(wish, dict) else ""
            job = self._find(request.match_info["bucket"], key)
            results[key] = (
                await self._answer(job, life, request.query)
                if job
                else {"status": "error", "reason": "Object not found"}
            )
        return web.json_response({"results": results})

    async def _answer(self, job: WorkItem, life: int, query: Mapping[str, str]) -> dict[str, object]:
        """What `signeds3download` says of an object that is there, in one of its three forms."""
        name = job.content.file_name
        disposition = f"attachment; filename={name}; filename*=utf-8''{name}"
        disposition = query.get("response-content-disposition", disposition)
        params = {"content-type": job.content.media_type, "content-disposition": disposition}
        reply: dict[str, object] = {"params": params, "size": job.content.size}
        if job.chunked and query.get("public-resource-fallback") == "true":
            return reply | {"status": "fallback", "url": self._link(job, life, single_use=False)}
        if job.chunked:
            # Neither JSON nor the vendor promises an order; the last part first shows who relies on one.
            parts = {
                f"{first}-{stop - 1}": self._presigned(job.bucket, f"{job.key}.part-{first}", life, disposition)
                for first, stop in reversed(_parts(job))
            }
            return reply | {"status": "chunked", "urls": parts}
        by_cdn = query.get("useCdn") == "true"
        url = self._cdn_link(job, life) if by_cdn else self._presigned(job.bucket, job.key, life, disposition)
        return reply | {"status": "complete", "url": url, "sha1": await self._sha1(job)}

    async def _share(self, request: web.Request) -> web.Response:
        job = self._find(request.match_info["bucket"], request.match_info["key"])
        try:
            body = json.loads(await request.read())
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return _error(400, "a JSON body is needed")
        if job is None:
            return _error(404, "Object not found")
        minutes, single = body.get("minutesExpiration", 60), body.get("singleUse") is True
        if not isinstance(minutes, int) or not 1 <= minutes <= 60:
            return _error(400, "minutesExpiration must be between 1 and 60")
        url = self._link(job, minutes * 60, single_use=single)
        ends = self._time.moment(self._time.seconds() + minutes * 60)
        reply = {"signedUrl": url, "expiration": int(ends.timestamp() * 1000), "singleUse": single}
        return web.json_response(reply)

    async def _shared(self, request: web.Request) -> web.StreamResponse:
        guid = request.match_info["guid"]
        link = self._links.get(guid)
        if link is None or self._time.seconds() >= link.ends:
            return _error(404, "The link has expired")
        name = link.sums.content.file_name
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        response = await self._sender.send(request, link.sums, headers=headers)
        if link.single_use and response.status == 200:
            self._links.pop(guid, None)
        return response

    async def _from_cdn(self, request: web.Request) -> web.StreamResponse:
        """What CloudFront does: its own names in the query, its own words when the link is dead."""
        link = self._links.get(request.match_info["guid"])
        if link is None or self._time.seconds() >= link.ends:
            text = "<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Access denied</Message></Error>"
            return web.Response(status=403, text=text, content_type="text/xml")
        return await self._sender.send(request, link.sums)

    def _cdn_link(self, job: WorkItem, life: int) -> str:
        ends = int((self._time.now() + timedelta(seconds=life)).timestamp())
        guid = self._new_link(job, life, single_use=False)
        return f"{self._base_url}/cdn/{guid}?Expires={ends}&Signature={secrets.token_urlsafe(40)}&Key-Pair-Id=KEMULATED"

    def _link(self, job: WorkItem, life: int, *, single_use: bool) -> str:
        return f"{self._base_url}/oss/v2/signedresources/{self._new_link(job, life, single_use=single_use)}?region=US"

    def _new_link(self, job: WorkItem, life: int, *, single_use: bool) -> str:
        now = self._time.seconds()
        self._links = {guid: link for guid, link in self._links.items() if link.ends > now}
        guid = secrets.token_hex(16)
        ends = now if self._options.dead_links else now + life
        self._links[guid] = SharedLink(self._sums(job), ends, single_use)
        return guid

    def _presigned(self, bucket: str, key: str, life: int, disposition: str) -> str:
        dead = self._time.now() - timedelta(seconds=life + 1) if self._options.dead_links else None
        return self._store.presign(bucket, key, expires=life, at=dead, response_content_disposition=disposition)

    def _find(self, bucket: str, key: str) -> WorkItem | None:
        """The WorkItem that delivered there last."""
        named = (job for job in self._items if (job.bucket, job.key) == (bucket, key) and self._is_there(job))
        last = max(named, key=lambda job: job.run.end, default=None)
        if last and self._holders.get(last.object_name) != last.id:
            self._put(last)
        return last

    def _is_there(self, job: WorkItem) -> bool:
        return job.bucket == BUCKET and job.has_output(self._time.seconds())

    def _sums(self, job: WorkItem) -> Sums:
        return self._store.find(job.bucket, job.key) or Sums(job.content)

    async def _sha1(self, job: WorkItem) -> str:
        sums = self._sums(job)
        # Working through hundreds of megabytes takes a while.
        sha1 = await asyncio.to_thread(lambda: sums.sha1)
        return sha1[::-1] if self._options.wrong_sha1 else sha1

    async def _described(self, job: WorkItem) -> dict[str, object]:
        return {
            "bucketKey": job.bucket,
            "objectKey": job.key,
            "objectId": f"urn:adsk.objects:os.object:{job.bucket}/{job.key}",
            "sha1": await self._sha1(job),
            "size": job.content.size,
            "contentType": job.content.media_type,
            "location": f"{self._base_url}/oss/v2/buckets/{job.bucket}/objects/{job.key}",
        }


def _parts(job: WorkItem) -> list[tuple[int, int]]:
    """First and stop offset of the pieces of a chunked output; none for others."""
    size = job.content.size
    return [(first, min(first + PART, size)) for first in range(0, size, PART)] if job.chunked else []


def _life(request: web.Request) -> int | None:
    """The wished life of a link in seconds; None when it is out of bounds."""
    minutes = request.query.get("minutesExpiration", str(_DEFAULT_MINUTES))
    return int(minutes) * 60 if minutes.isdecimal() and 1 <= int(minutes) <= 60 else None


def _error(status: int, reason: str) -> web.Response:
    return web.json_response({"reason": reason}, status=status)
