"""`jobdeck submit -c CONNECTION FILE|-`."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from pathlib import Path

from tui.cli.context import complete, opened
from tui.cli.glance import glance
from tui.cli.standard_files import BYTE_ORDER_MARK
from tui.errors import AskError, ExitCode, JobdeckError, UsageError
from tui.model import ProblemKind
from tui.vendors.contract import Order

_NOT_A_REFUSAL = frozenset({ProblemKind.AUTH, ProblemKind.UNREACHABLE, ProblemKind.TLS})


def run(options: Namespace) -> int:
    """Start a job from a request body, exactly once, and print its key."""
    return complete(_submit(options, _order(options)))


async def _submit(options: Namespace, order: Order) -> int:
    async with opened(options) as engine:
        try:
            job = await engine.vendor_desk.submit(options.connection, order, options.title)
        except AskError as error:
            if error.not_sent or error.kind in _NOT_A_REFUSAL:
                raise
            hint = error.hint or "the vendor did not take it; nothing was started"
            raise JobdeckError(error.message, hint=hint) from error
        print(job.key, flush=True)
        await glance(engine, (job.key,))
    return int(ExitCode.OK)


def _order(options: Namespace) -> Order:
    if _is_call(options.file):
        return Order(body="", place=options.file)
    try:
        body = sys.stdin.read() if options.file == "-" else Path(options.file).expanduser().read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"{options.file} cannot be read: {why}", hint="name a JSON file, or - for stdin") from error
    return Order(body=body.removeprefix(BYTE_ORDER_MARK), place=options.place)


def _is_call(text: str) -> bool:
    """Whether it is the address of a call, or the path of one below `base_url`, and no file."""
    return "://" in text or (text.endswith("/async") and not os.access(text, os.F_OK))
