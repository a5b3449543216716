"""Reading what Autodesk lists: WorkItems that moved, a bucket's objects, an engine's queue (dossier 3.5, 4.3)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime

from tui.errors import AskError, UsageError
from tui.model import Output, ProblemKind, Reference
from tui.moments import usable
from tui.vendors._errors import one_line
from tui.vendors._read import Json, object_of, sha1_of, text_of, whole_of
from tui.vendors.autodesk.errors import check_answer, check_service
from tui.vendors.autodesk.names import BUCKET, OSS_URN, read_outputs, workitem_id
from tui.vendors.contract import Discovery, Reply, Shelf
from tui.wording import duration

_ENGINE = re.compile(r"(?:[^.+]+\.)?(?P<product>[A-Za-z0-9]+)(?:\+.*)?")


def read_moved(reply: Reply) -> tuple[tuple[Discovery, ...], str | None]:
    """One page of `GET workitems?startAfterTime=` and the token of the next page. Raises AskError."""
    answer = object_of(check_service(reply))
    listed = answer.get("data")
    if not isinstance(listed, list):
        raise AskError(ProblemKind.BAD_REPLY, "the answer lists no WorkItems")
    return tuple(_discoveries(listed)), text_of(answer.get("paginationToken"))


def place_of(text: str) -> tuple[str, str]:
    """Bucket and prefix of a place: `BUCKET`, `BUCKET/PREFIX`, or the URN of either. Raises UsageError."""
    bucket, _, prefix = text.strip().removeprefix(OSS_URN).partition("/")
    if not BUCKET.fullmatch(bucket):
        raise UsageError(
            f"{one_line(text, 80)!r} names no bucket", hint="write BUCKET or BUCKET/PREFIX, e.g. acme-results/exports/"
        )
    return bucket, prefix


def read_shelf(reply: Reply, bucket: str) -> Shelf:
    """One page of a bucket's objects; `more` is the address of the next page, as it came. Raises AskError."""
    try:
        answer = object_of(check_answer(reply, unknown=f"there is no bucket {bucket} (any more)"))
    except AskError as error:
        if error.kind is not ProblemKind.GONE:
            raise
        hint = "look at the bucket's name and at client_id: only its owner may list it"
        raise AskError(error.kind, error.message, hint=hint) from None
    items = answer.get("items")
    if not isinstance(items, list):
        raise AskError(ProblemKind.BAD_REPLY, "the answer lists no objects")
    return Shelf(tuple(_objects(items, bucket)), text_of(answer.get("next")))


def read_engine(reply: Reply) -> str | None:
    """The product that an activity runs on, as `/health/{engine}` calls it, e.g. `3dsMax`; None if it is not told."""
    engine = object_of(check_answer(reply, unknown="Autodesk does not know this activity")).get("engine")
    match = _ENGINE.fullmatch(engine) if isinstance(engine, str) else None
    return match["product"] if match else None


def wait_sentence(product: str, health: Json, queue: Json) -> str | None:
    """One sentence on an engine's queue; None when neither answer tells anything."""
    status = one_line(health.get("Status") or health.get("status"), 60)
    half, most = queue.get("p50QueueTimeMs"), queue.get("p95QueueTimeMs")
    if half == -1 or most == -1:
        told = f"no WorkItem left the {product} queue in the last 5 minutes"
    elif (half_ms := whole_of(half)) is None:
        return f"Autodesk calls {product} {status}" if status else None
    else:
        told = (
            f"in the last 5 minutes half of the {product} WorkItems waited up to {duration(math.ceil(half_ms / 1000))}"
        )
        most_ms = whole_of(most)
        told += f", 95 % up to {duration(math.ceil(most_ms / 1000))}" if most_ms is not None else ""
    return f"{told}; Autodesk calls the engine {status}" if status else told


def _discoveries(listed: Iterable[object]) -> Iterable[Discovery]:
    for item in listed:
        if isinstance(item, dict) and (named := workitem_id(item.get("id"))):
            yield Discovery(Reference(named), at=_moment(item.get("lastModifiedInUTCEpochSecond")))


def _moment(seconds: object) -> datetime | None:
    whole = whole_of(seconds)
    try:
        return None if whole is None else usable(datetime.fromtimestamp(whole, UTC))
    except (OverflowError, ValueError, OSError):
        return None


def _objects(items: Iterable[object], bucket: str) -> Iterable[Output]:
    for item in items:
        key = item.get("objectKey") if isinstance(item, dict) else None
        name = _name_of(bucket, key) if isinstance(key, str) else None
        if isinstance(item, dict) and name is not None:
            yield Output(name, size=whole_of(item.get("size")), sha1=sha1_of(item.get("sha1")))


def _name_of(bucket: str, key: str) -> str | None:
    """The object's name in a form that leads back to it; None for a key that no URL can carry."""
    named = f"{bucket}/{key}"
    for form in (named, OSS_URN + named):
        try:
            if read_outputs(form) == (named,):
                return form
        except UsageError:
            continue
    return None
