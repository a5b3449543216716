"""octoplant: the body that starts an export, and what each of its 13 contents may hold (dossier section 3.1)."""

from __future__ import annotations

import json
from datetime import datetime

from tui.errors import UsageError
from tui.model import Choice
from tui.vendors._order import Check, body_of, flag, object_of_checks, one_of, optional, refuse, text
from tui.vendors._read import Json, whole_of
from tui.vendors.contract import Order

WRAPPER = "exportContents"
EXAMPLE = '{"exportContents": {"projectTree": {}}}'


def _enum(prefix: str, *words: str) -> Check:
    return one_of(*(f"{prefix}_{word}" for word in ("UNSPECIFIED", *words)))


def _count(value: object, where: str) -> None:
    if whole_of(value) is None or isinstance(value, float):
        refuse(where, "must be a whole number from 0 on, without quotes")


def _folder(value: object, where: str) -> None:
    text(value, where)
    if not str(value).startswith("\\"):
        refuse(where, f"must start with a backslash, written as {json.dumps(chr(92) + str(value).lstrip('/'))}")


def _moment(value: object, where: str) -> None:
    try:
        datetime.strptime(value if isinstance(value, str) else "", "%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        refuse(where, 'must be a UTC time, written as "2026-03-02T08:15:00Z"')


def _span(value: object, where: str) -> None:
    object_of_checks({"filterFrom": optional(_moment), "filterTo": optional(_moment)})(value, where)
    span = value if isinstance(value, dict) else {}
    if (span.get("filterFrom") or "") > (span.get("filterTo") or "9"):
        refuse(where, "ends before it begins: look at filterFrom and filterTo")


_FORMAT = {"exportType": _enum("EXPORT_TYPE", "CSV", "JSON", "XML"), "flatExport": flag}
_PLACE = {"dir": _folder, "componentId": text}
_COMMA = {"csvSeparator": text}
_WHEN = {"timeStampFilter": _span, "lastXDays": _count}
CONTENTS: dict[str, dict[str, Check]] = {
    "projectTree": {
        **_FORMAT,
        **_PLACE,
        "versionInformation": _enum("VERSION_INFORMATION", "NOT_INCLUDED", "ONLY_LATEST", "ALL"),
        "includeMasterData": flag,
        "enableNodeTree": flag,
    },
    "jobList": {**_FORMAT, **_PLACE, "includeComponentsWithoutJobs": flag, **_COMMA},
    "jobResults": {
        **_FORMAT,
        **_PLACE,
        **_WHEN,
        "sorting": _enum("SORT_BY", "TIMESTAMP_DESCENDING", "JOB_ID"),
        **_COMMA,
    },
    "unequalJobResults": {**_FORMAT, **_PLACE, **_COMMA},
    "userManagement": {**_FORMAT, "grouping": _enum("GROUP_BY", "GROUPS", "USERS"), "includeDeletedUsers": flag},
    "componentTypes": {**_FORMAT},
    # Here alone the id is an object (trap 9).
    "componentLog": {**_FORMAT, "componentId": object_of_checks({"data": text}, ("data",)), **_WHEN, **_COMMA},
    "eventLog": {**_FORMAT, "includeRawData": flag, **_WHEN, "maxLines": _count, **_COMMA},
    "adminLog": {**_FORMAT, **_WHEN, "maxLines": _count, **_COMMA},
    "standardLibraryManagement": {**_FORMAT, **_COMMA},
    "componentsWithStdLibAssignments": {**_FORMAT, **_COMMA},
    "assetState": {**_FORMAT, "infoType": _enum("INFO_TYPE", "SAFETY", "MODULE", "RAW"), **_PLACE, **_COMMA},
    "usageInformation": {"includeClientTrackingInfo": flag},
}
"""The contents and their options; `{}` is an export with the defaults, and so is `null` behind an option."""
CHOICES = tuple(Choice(name, tuple(options)) for name, options in CONTENTS.items())

_CONTENTS = object_of_checks(
    {
        name: optional(object_of_checks({option: optional(check) for option, check in options.items()}))
        for name, options in CONTENTS.items()
    }
)
_BODY = object_of_checks({"exportContents": _CONTENTS}, ("exportContents",))


def check_order(order: Order) -> None:
    """Raises UsageError for a body that octoplant would refuse, or take for an order with nothing in it."""
    if order.place is not None:
        raise UsageError("octoplant has one place for orders", hint="leave the place away")
    body = body_of(order, EXAMPLE)
    bare = [name for name in body if name in CONTENTS]
    if bare and WRAPPER not in body:
        raise UsageError(
            f"{bare[0]} stands outside of exportContents",
            hint=f"wrap it: {json.dumps({'exportContents': _bare(body)})}",
        )
    _BODY(body, "")
    contents = body["exportContents"]
    if not isinstance(contents, dict) or all(options is None for options in contents.values()):
        raise UsageError("exportContents names nothing to export", hint=f"write e.g. {EXAMPLE}")


def _bare(body: Json) -> Json:
    return {name: {} for name in body if name in CONTENTS}
