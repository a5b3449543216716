"""EnOS: the body that starts a download task, and the answer to it (dossier section 3.1)."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from tui.errors import AskError, UsageError
from tui.model import ProblemKind, Reference
from tui.vendors._order import (
    Check,
    body_of,
    flag,
    list_of,
    object_of_checks,
    one_of,
    optional,
    outcome_unknown,
    refuse,
    text,
)
from tui.vendors._read import object_of, text_of, whole_of
from tui.vendors.contract import Order, Reply
from tui.vendors.enos.envelope import data_of, says_dead
from tui.vendors.enos.read import ID

EXAMPLE = '{"taskName": "march", "sourceName": "hive_enos", "querySql": "select 1", "filePackageName": "wind-2026-03"}'
_MANDATORY = ("taskName", "sourceName", "querySql", "filePackageName")


def _renames(value: object, where: str) -> None:
    if not isinstance(value, dict):
        refuse(where, 'must be an object, e.g. {"1": "north", "2": "south"}')
    for old, new in value.items():
        text(new, f"{where}.{old}")


_FILES = object_of_checks(
    {
        name: optional(check)
        for name, check in {
            "split": flag,
            "encoding": one_of("utf-8", "gbk"),
            "delimiter": one_of("\t", ",", ";"),
            "fileHeader": list_of(text),
            "fileRename": _renames,
        }.items()
    }
)


def _files(value: object, where: str) -> None:
    """One object or a list of them: the pages of the vendor disagree."""
    check: Check = list_of(_FILES) if isinstance(value, list) else _FILES
    check(value, where)


_BODY = object_of_checks(
    {
        **dict.fromkeys(_MANDATORY, text),
        "files": optional(_files),
        "callbackURL": optional(text),
        "selfDefineQueuePara": optional(text),
    },
    _MANDATORY,
)


def check_order(order: Order) -> None:
    """Raises UsageError for an order without a channel, and for a body that EnOS would refuse."""
    if not order.place:
        raise UsageError(
            "an EnOS order needs the channel that it goes to",
            hint="name the channel's id (in the command: --channel ID)",
        )
    if not re.fullmatch(ID, order.place):
        raise UsageError("this is not the id of an EnOS channel", hint="write it as EnOS shows it, e.g. ch-0b1c2d")
    _BODY(body_of(order, EXAMPLE), "")


def with_callback_url(order: Order, url: str) -> Order:
    """The order with a `callbackURL` of ours, unless it has one."""
    body = body_of(order, EXAMPLE)
    if body.get("callbackURL"):
        return order
    return replace(order, body=json.dumps({**body, "callbackURL": url}, ensure_ascii=False))


def task_name(order: Order) -> str | None:
    """The name that the user gave the task."""
    return text_of(body_of(order, EXAMPLE).get("taskName"))


def read_created(reply: Reply, channel: str) -> Reference:
    """The task that was just created. Raises AskError; UNREACHABLE where the answer leaves open whether it was."""
    if 200 <= reply.status < 300:
        _refuse_unclear(reply)
    try:
        data = data_of(reply)
    except AskError as error:
        if error.kind is not ProblemKind.GONE:
            raise
        raise AskError(
            ProblemKind.BAD_REPLY,
            f"EnOS knows no channel {channel} or no such data source",
            hint="look at the channel's id, at sourceName and at org_id",
        ) from error
    if isinstance(data, list) and len(data) == 1:
        data = data[0]
    task = data.get("taskId") if isinstance(data, dict) else None
    if not isinstance(task, str) or not re.fullmatch(ID, task):
        raise AskError(ProblemKind.UNREACHABLE, "EnOS took the order but named no task", hint="look in EnOS itself")
    return Reference(f"{channel}/{task}")


def _refuse_unclear(reply: Reply) -> None:
    """An answer without an envelope may come from something on the way: before the gateway, or behind it."""
    try:
        answer = object_of(reply)
    except AskError as error:
        raise outcome_unknown(error) from None
    if whole_of(answer.get("code")) is None and not says_dead(answer):
        raise AskError(ProblemKind.UNREACHABLE, "the answer has no code", hint="look at base_url")
