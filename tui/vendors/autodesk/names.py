"""What names a WorkItem and its output objects: ids, URLs, OSS URNs, submit bodies (dossier sections 3.2, 3.4, 4)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from tui.errors import UsageError
from tui.model import Connection, Reference
from tui.text import safe_line
from tui.untrusted_json import read_json
from tui.vendors._read import Json, path_of
from tui.vendors.contract import Pasted

DEFAULT_REGION = "us-east"
OSS_URN = "urn:adsk.objects:os.object:"
DEBUG_NAME = "debug.zip"
"""What the archive of a job's folder is called; Autodesk has no name for it."""

_ID = re.compile(r"[0-9a-fA-F]{32}")
_OWN_ID = re.compile(r"(?!(?:status|batch|combine)$)[0-9A-Za-z][0-9A-Za-z_.-]{0,127}")
"""A submit may name its own id (section 3.4): no page says what it may look like. The three words are calls."""
_WORKITEM_PATH = re.compile(r"/+da/+(?P<region>[^/]+)/+v3/+workitems(?:/+(?P<id>[^/]+))?/*")
_URN = re.compile(r"urn:adsk\.objects:os\.object:(?P<bucket>[^/]+)/(?P<key>.+)", re.DOTALL)
_OBJECT_PATH = re.compile(
    r"/+oss/+v2/+buckets/+(?P<bucket>[^/]+)/+objects/+(?P<key>[^/]+)(?:/+(?:signed|details|signeds3download))?/*"
)
BUCKET = re.compile(r"[-_.a-z0-9]{3,128}")
_INPUT_VERBS = ("get", "refget", "read", "head")
_CALLBACKS = ("onComplete", "onProgress")


def read_ref(pasted: Pasted, connection: Connection) -> Reference | None:
    """A WorkItem id, a WorkItem URL, or a submit body or reply that holds the id; a submit body's outputs too."""
    body = _object(pasted.body)
    if pasted.url is not None:
        return _ref_of_url(pasted.url, body, connection)
    if body is not None:
        return _ref_of_body(body)
    text = pasted.text.strip()
    named = workitem_id(text) if pasted.any_shape or _ID.fullmatch(text) else None
    return Reference(named) if named else None


def workitem_id(named: object) -> str | None:
    """An id as Autodesk's answers spell it; None for what can be none."""
    return spelled(named) if isinstance(named, str) and _OWN_ID.fullmatch(named) else None


def spelled(named: str) -> str:
    """One spelling for one id: hexadecimal digits are the same in capitals."""
    return named.lower() if _ID.fullmatch(named) else named


def _ref_of_url(url: str, body: Json | None, connection: Connection) -> Reference | None:
    path = _WORKITEM_PATH.fullmatch(path_of(url))
    if path is None:
        return None
    _check_region(path["region"], connection)
    text = unquote(path["id"] or "")
    if not text:
        return _ref_of_body(body or {"arguments": {}})
    named = workitem_id(text)
    if named is None:
        raise UsageError(f"{text[:80]!r} is not the id of a WorkItem", hint="an id has 32 hexadecimal digits")
    return Reference(named, outputs=outputs_of_body(body))


def _ref_of_body(body: Json) -> Reference | None:
    if not {"arguments", "activityId", "status"} & body.keys():
        return None
    if named := workitem_id(body.get("id")):
        return Reference(named, outputs=outputs_of_body(body))
    if "arguments" not in body:
        return None
    raise UsageError(
        "this starts a WorkItem but does not name one",
        hint="track the id from its reply, with its outputs as --output BUCKET/KEY",
    )


def read_outputs(text: str) -> tuple[str, ...]:
    """`BUCKET/KEY` for each object that the text names: `BUCKET/KEY`, an OSS URN, an OSS URL or a submit body.

    Raises UsageError when it names none.
    """
    text = text.strip()
    body = _object(text)
    if body is not None:
        outputs = outputs_of_body(body)
        if outputs:
            return outputs
        raise UsageError("this body names no output in OSS", hint="give an output as BUCKET/KEY")
    named = _object_of(text)
    if named is None and "://" not in text and not text.startswith("urn:"):
        bucket, slash, key = text.partition("/")
        named = _joined(bucket, key) if slash else None
    if named is None:
        raise UsageError(f"{text[:80]!r} names no object in OSS", hint="write BUCKET/KEY, e.g. acme-results/out.zip")
    return (named,)


def output_names(outputs: tuple[str, ...]) -> Mapping[str, str]:
    """From a file name to `BUCKET/KEY`, in the order given; keys that end alike get a number."""
    names: dict[str, str] = {}
    for output in dict.fromkeys(outputs):
        last = safe_line(output.rstrip("/").rpartition("/")[2], 200)  # as the board will show and ask for it
        names[_free_name(last, names)] = output
    return names


def debug_name(outputs: tuple[str, ...]) -> str:
    """What the debug archive is called beside these outputs."""
    return _free_name(DEBUG_NAME, output_names(outputs))


def _free_name(wished: str, taken: Mapping[str, str]) -> str:
    stem, dot, ending = wished.rpartition(".")
    if not stem:
        stem, dot, ending = wished, "", ""
    name, number = wished, 1
    while name in taken:
        name = f"{stem} ({number}){dot}{ending}"
        number += 1
    return name


def _check_region(region: str, connection: Connection) -> None:
    expected = connection.option("region") or DEFAULT_REGION
    if region != expected:
        raise UsageError(
            f"this WorkItem is in the region {region[:40]}, the connection {connection.name} asks in {expected}",
            hint="use a connection with that region",
        )


def _object(text: str | None) -> Json | None:
    if text is None or not text.lstrip().startswith("{"):
        return None
    try:
        value = read_json(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def outputs_of_body(body: Json | None) -> tuple[str, ...]:
    """`BUCKET/KEY` of each object in OSS that a submit body lets the WorkItem write."""
    return tuple(dict.fromkeys(_written(body))) if body else ()


def _written(body: Json) -> Iterator[str]:
    """Every OSS object that a submit body lets the WorkItem write (dossier 3.4: all but the reading verbs)."""
    arguments = body.get("arguments")
    if not isinstance(arguments, dict):
        return
    for name, argument in arguments.items():
        if name in _CALLBACKS or not isinstance(argument, dict):
            continue
        verb, url = argument.get("verb", "get"), argument.get("url")
        if isinstance(verb, str) and verb.lower() not in _INPUT_VERBS and isinstance(url, str):
            named = _object_of(url)
            if named is not None:
                yield named


def _object_of(text: str) -> str | None:
    urn = _URN.fullmatch(text)
    if urn:
        return _joined(urn["bucket"], urn["key"])
    if not text.lower().startswith(("http://", "https://")):
        return None
    path = _OBJECT_PATH.fullmatch(path_of(text))
    return _joined(path["bucket"], unquote(path["key"])) if path else None


def _joined(bucket: str, key: str) -> str | None:
    # A key of dots alone would be taken for a folder by every URL library on the way.
    if not BUCKET.fullmatch(bucket) or not key.strip("/") or key in (".", ".."):
        return None
    return f"{bucket}/{key}"
