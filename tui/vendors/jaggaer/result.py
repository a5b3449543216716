"""JAGGAER: the result behind its pre-signed address: how long it lives, its name, S3's refusals (dossier section 5)."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

from tui.disposition import file_name_of
from tui.errors import AskError
from tui.link_life import s3_dies_at
from tui.model import ProblemKind
from tui.vendors._errors import one_line, plain_sentence
from tui.vendors._read import LONGEST_LIFE, Json, moment_of, path_of, text_of
from tui.vendors.contract import Link, Reply, Session, retry_after
from tui.wording import duration

START_AGAIN = "start the call again: only a new call makes a new one"
NOT_THERE_YET = (2.0, 4.0, 8.0)
"""Seconds to wait before each further look for a result that S3 does not have yet."""
_YOUNG = 60.0
"""A result that was signed so many seconds ago is looked for before it is fetched."""
_PEEK = 8_192
"""Bytes that such a look reads: an error document fits into them."""
_CLOCKS_DIFFER = 60.0

_DEAD_TOKENS = ("ExpiredToken", "InvalidToken")
_ELEMENT = r"<{0}>([^<]{{1,200}})</{0}>"


def seconds_left(answer: Json) -> float | None:
    """What is left of the link's life, as `resultUrlExpiresInSeconds` tells it; negative when it is over (trap 5)."""
    left = answer.get("resultUrlExpiresInSeconds")
    try:
        seconds = float(text_of(left) or "nan")
    except (ValueError, OverflowError):
        return None
    return min(seconds, LONGEST_LIFE) if not math.isnan(seconds) else None


def dies_at(answer: Json, received_at: datetime) -> datetime | None:
    """When the link dies: by the vendor's own count, else by the date in the link, which trusts our clock."""
    left = seconds_left(answer)
    if left is not None and left >= 0:
        return received_at + timedelta(seconds=left)
    return s3_dies_at(text_of(answer.get("resultUrl")) or "") if left is None else None


def clocks_differ(answer: Json, received_at: datetime) -> float | None:
    """Seconds by which the link's own date is later than the vendor's count; None up to a minute (section 5)."""
    left, until = seconds_left(answer), s3_dies_at(text_of(answer.get("resultUrl")) or "")
    if left is None or left < 0 or until is None:
        return None
    later = (until - received_at).total_seconds() - left
    return later if abs(later) > _CLOCKS_DIFFER else None


def name_of(url: str) -> str | None:
    """The result's name: as the link wants it to be called, else the last part of its path."""
    query = parse_qs(_query_of(url), max_num_fields=100) if url.count("&") < 100 else {}
    wished = query.get("response-content-disposition", [""])[0]
    return file_name_of(wished) or one_line(unquote(path_of(url).rstrip("/").rpartition("/")[2]), 200) or None


async def found_there(session: Session, link: Link, answer: Json) -> Link:
    """The link, once S3 has the file: right after `completed` it may answer 404 for some seconds.

    An older link is returned as it is, and so is one behind which more is than an error's document. Raises AskError:
    S3's refusal in words.
    """
    left, life = seconds_left(answer), _life_of(link.url)
    if left is None or life is None or life - left > _YOUNG:
        return link
    until = session.clock.monotonic() + left
    for pause in (*NOT_THERE_YET, None):
        try:
            reply = await session.fetch(link.url, limit=_PEEK)
        except AskError:
            return link  # larger than a peek, or an outage that the download itself will meet
        if 200 <= reply.status < 300:
            return replace(link, file_name=file_name_of(reply.headers.get("content-disposition", "")) or link.file_name)
        if not may_come(reply) or pause is None or session.clock.monotonic() + pause >= until:
            break
        await session.clock.sleep(pause)
    raise refusal(reply)


def may_come(reply: Reply) -> bool:
    """Whether S3 says that it has no such file; without the right to list it says no more than "Access Denied"."""
    return reply.status == 404 or (reply.status == 403 and _element(reply, "Message") == "Access Denied")


def refusal(reply: Reply) -> AskError:
    """What S3's answer means; one code stands for five things, so its message is read (trap 6)."""
    said = plain_sentence(reply)
    words = f": {said}" if said else ""
    if reply.status == 429 or reply.status >= 500:
        message, hint = f"the result's store answered {reply.status}{words}", "the store is busy; wait a little"
        return AskError(ProblemKind.UNREACHABLE, message, hint=hint, retry_after=retry_after(reply))
    if may_come(reply):
        message = f"the result's store does not have the file, or not yet ({reply.status}){words}"
        return AskError(ProblemKind.GONE, message, hint="try again in a minute; if it stays so, start the call again")
    if reply.status == 403 and (_element(reply, "Code") in _DEAD_TOKENS or "expired" in said.lower()):
        return AskError(ProblemKind.GONE, f"the result's link has expired{_skew(reply)}", hint=START_AGAIN)
    meddled = _meddled(reply)
    if meddled is not None:
        what, how = meddled
        return AskError(
            ProblemKind.BAD_REPLY,
            f"{what} under way ({reply.status}){words}",
            hint=f"a proxy {how}: go around it with NO_PROXY",
        )
    if reply.status in (401, 403):
        message = f"the result's store refuses the link ({reply.status}){words}"
        return AskError(ProblemKind.FORBIDDEN, message, hint=START_AGAIN)
    message = f"the result's store answered {reply.status}, which is no file{words}"
    return AskError(ProblemKind.BAD_REPLY, message, hint="look at what stands between; then start the call again")


def _meddled(reply: Reply) -> tuple[str, str] | None:
    """What somebody between us and the store did to our request, and how; None where nobody did."""
    code = _element(reply, "Code")
    if _element(reply, "HeadersNotSigned"):
        return "a header was added", "adds x-amz headers"
    if code == "SignatureDoesNotMatch":
        return "the link was changed", "rewrites addresses"
    if reply.status == 400 and code == "InvalidArgument":
        return "a second login was added", "adds an Authorization header"
    return None


def _skew(reply: Reply) -> str:
    """How far our clock is off, by the store's own (section 5)."""
    server = moment_of(_element(reply, "ServerTime"))
    off = (reply.received_at - server).total_seconds() if server else 0.0
    if abs(off) <= _CLOCKS_DIFFER:
        return ""
    return f"; this machine's clock is {duration(abs(off))} {'ahead' if off > 0 else 'behind'}"


def _element(reply: Reply, name: str) -> str:
    found = re.search(_ELEMENT.format(name), reply.text[:_PEEK])
    return found[1].strip() if found else ""


def _life_of(url: str) -> int | None:
    life = re.search(r"(?:^|&)X-Amz-Expires=(\d{1,6})(?:&|$)", _query_of(url), re.ASCII)
    return int(life[1]) if life else None


def _query_of(url: str) -> str:
    try:
        return urlsplit(url).query
    except ValueError:
        return ""
