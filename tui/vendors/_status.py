"""What the HTTP statuses mean that all vendors share, where a vendor says nothing more exact."""

from __future__ import annotations

from tui.errors import AskError
from tui.model import ProblemKind
from tui.vendors.contract import Reply, retry_after


def check(reply: Reply, *, unknown: str = "the vendor does not know this job") -> Reply:
    """Return a 2xx reply; raise AskError for every other status, in the words all vendors share.

    401 is AUTH, 403 FORBIDDEN, 404 and 410 GONE (`unknown` is then the message), 429 RATE_LIMITED with its
    Retry-After, 408 and 5xx UNREACHABLE, all else BAD_REPLY. A vendor reads its own error texts before.
    """
    status = reply.status
    if 200 <= status < 300:
        return reply
    wait = retry_after(reply)
    if status == 401:
        raise AskError(ProblemKind.AUTH, "the vendor refused the credentials (401)", hint="check the secret")
    if status == 403:
        raise AskError(ProblemKind.FORBIDDEN, "the vendor forbids this (403)", hint="check the account's rights")
    if status in (404, 410):
        raise AskError(
            ProblemKind.GONE, f"{unknown} ({status})", hint="look at its id; the vendor keeps old ones for a while only"
        )
    if status == 429:
        raise AskError(
            ProblemKind.RATE_LIMITED,
            "the vendor asks for fewer requests (429)",
            hint="wait a little; a larger min_interval asks less often",
            retry_after=wait,
        )
    if status == 408 or status >= 500:
        raise AskError(
            ProblemKind.UNREACHABLE,
            f"the vendor answered {status}",
            hint="the vendor has trouble; wait a little",
            retry_after=wait,
        )
    raise AskError(
        ProblemKind.BAD_REPLY,
        f"the vendor answered {status}, which is not expected here",
        hint="look at base_url and at what stands between",
    )
