"""What the start dialog asks at each vendor besides the request body, and the ticks that write octoplant's body."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

_WRAPPER = "exportContents"


@dataclass(frozen=True, slots=True)
class Form:
    """`place` names what a job needs besides its body; `contents` are what can be ticked to fill the body."""

    example: str = "{ ... }"
    place: str = ""
    place_example: str = ""
    needs_body: bool = True
    contents: tuple[str, ...] = ()


_FORMS: Mapping[str, Form] = {
    "autodesk": Form(example='{"activityId": "OWNER.NAME+ALIAS", "arguments": { ... }}'),
    "aspera": Form(example='{"workflow_id": 5, "external_parameters": { ... }}'),
    "enos": Form(
        example='{"taskName": "...", "sourceName": "...", "querySql": "...", "filePackageName": "..."}',
        place="Channel",
        place_example="the id of the EnOS channel",
    ),
    "jaggaer": Form(
        example="empty for a GET call",
        place="URL of the call",
        place_example="https://HOST/event/4711/apiBids/async",
        needs_body=False,
    ),
    "octoplant": Form(
        example='{"exportContents": {"projectTree": {}}}',
        # Dossier octoplant, section 3.1.
        contents=(
            "projectTree",
            "jobList",
            "jobResults",
            "unequalJobResults",
            "userManagement",
            "componentTypes",
            "componentLog",
            "eventLog",
            "adminLog",
            "standardLibraryManagement",
            "componentsWithStdLibAssignments",
            "assetState",
            "usageInformation",
        ),
    ),
}
_PLAIN = Form()


def form_of(vendor: str) -> Form:
    """The vendor's form; for one that needs nothing else it is the body alone."""
    return _FORMS.get(vendor, _PLAIN)


def ticked(body: str) -> tuple[str, ...]:
    """The export contents that a body names; none where it cannot be read."""
    read = _object(body)
    contents = read.get(_WRAPPER) if read else None
    return tuple(contents) if isinstance(contents, dict) else ()


def toggled(body: str, name: str) -> str | None:
    """The body with a content more or less, its other options kept; None where it is no JSON object."""
    read = _object(body)
    if read is None:
        return None
    contents = read.setdefault(_WRAPPER, {})
    if not isinstance(contents, dict):
        return None
    if name in contents:
        del contents[name]
    else:
        contents[name] = {}
    return json.dumps(read, indent=2, ensure_ascii=False)


def _object(body: str) -> dict[str, object] | None:
    """The body as an object; an empty text is an empty one."""
    try:
        read = json.loads(body) if body.strip() else {}
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None
