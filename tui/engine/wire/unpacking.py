"""How answers may be packed: once, with gzip or deflate.

What is packed twice unpacks to a million times its size, and httpx unpacks what came in one piece at once; so does
Brotli, which httpx knows where it happens to be installed.
"""

from __future__ import annotations

import httpx

ACCEPTED = {"Accept-Encoding": "gzip, deflate"}
"""What is asked for; httpx would ask for all that it knows."""
_KNOWN = ("gzip", "deflate")


async def refuse_bombs(response: httpx.Response) -> None:
    """The hook that looks at an answer before anybody unpacks it. Raises httpx.DecodingError."""
    if "content-encoding" not in response.headers:
        return
    codings = [one.strip().lower() for one in response.headers.get_list("content-encoding", split_commas=True)]
    packed = [one for one in codings if one not in ("", "identity")]
    if len(packed) > 1 or any(one not in _KNOWN for one in packed):
        raise httpx.DecodingError("packed in a way that was not asked for", request=response.request)
