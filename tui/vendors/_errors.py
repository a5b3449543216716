"""What a vendor's error answer says, as one sentence that may be shown."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from tui.errors import AskError
from tui.redact import redact
from tui.text import safe_line
from tui.vendors._read import text_of
from tui.vendors._status import check
from tui.vendors.contract import Reply

LONGEST = 300
"""Characters of a vendor's sentence that are shown."""
_MOST_READ = 10_000

_XML_CODE = re.compile(r"<Code>([^<]{1,200})</Code>")
_XML_MESSAGE = re.compile(r"<Message>([^<]{1,2000})</Message>")


def one_line(value: object, limit: int = LONGEST) -> str:
    """The text on one line, inert, its secrets masked (before it is cut, so that no half of one stays); else ""."""
    text = text_of(value)
    if text is None:
        return ""
    return safe_line(redact(" ".join(text[:_MOST_READ].split())), limit)


def plain_sentence(reply: Reply) -> str:
    """What a body that is not JSON says: an S3 error's words, or the first line of plain text; else ""."""
    text = reply.text[:_MOST_READ].strip()
    message = _XML_MESSAGE.search(text)
    if message:
        code = _XML_CODE.search(text)
        words = html.unescape(message[1])
        return one_line(f"{words} ({code[1]})" if code else words)
    if not text or text[0] == "<" or "\ufffd" in text:
        return ""
    return one_line(text.splitlines()[0])


def check_saying(
    reply: Reply, read: Callable[[Reply], str], *, unknown: str = "the vendor does not know this job"
) -> Reply:
    """Like `check`, with the vendor's own sentence, as `read` finds it, at the end of the message; "" for none."""
    try:
        return check(reply, unknown=unknown)
    except AskError as error:
        said = read(reply)
        if not said:
            raise
        message = f"{error.message}: {said}"
        raise AskError(error.kind, message, hint=error.hint, retry_after=error.retry_after) from None
