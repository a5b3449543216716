"""One rule for what must not be seen: signed URLs by their shape, live secrets by their value.

Used by vendors (raw replies, masked links), the log, errors, History and the clipboard.
"""

from __future__ import annotations

import base64
import re
import threading
from urllib.parse import quote

from tui.model import Secret

# The scheme is left out: looking for its start at every letter takes quadratic time on a long word.
_URL = re.compile(r"://(?P<rest>[^\s\"'<>]+)")
_MASKED_VALUE = re.compile(
    r"(?i)\b(?P<name>access_?token|refresh_?token|client_secret|password|api_?key|apim-(?:accesstoken|signature)|"
    r"authorization|x-amz-(?:signature|security-token|credential)|token|cookie|secret_?key)"
    r"(?P<between>\\?[\"']?\s*[:=]\s*\\?[\"']?(?:(?:basic|bearer)\s+)?)(?P<value>[^\s\"'&,;<>\\]+)"
)

_live: set[str] = set()
_lock = threading.Lock()


def remember(secret: Secret) -> None:
    """From now on this value is masked wherever `redact` looks, raw, URL-quoted and base64."""
    text = secret.reveal()
    if len(text) < 4:
        return  # masking such a short text everywhere would hide ordinary words
    with _lock:
        _live.update({text, quote(text, safe=""), base64.b64encode(text.encode()).decode()})


def mask_url(url: str) -> str:
    """The URL without its user, password, query and fragment: `https://host/path?…`."""

    def shorten(match: re.Match[str]) -> str:
        rest, cut = match["rest"], ""
        for mark in "?#":
            if mark in rest:
                rest, cut = rest.split(mark, 1)[0], f"{mark}…"
        host, slash, path = rest.partition("/")
        user, at, host_only = host.rpartition("@")
        shown = f"{user.split(':', 1)[0]}@{host_only}" if at and ":" not in user else host_only
        return f"://{shown}{slash}{path}{cut}"

    return _URL.sub(shorten, url)


def redact(text: str) -> str:
    """The text with URLs' queries, named secrets and every live secret masked."""
    with _lock:
        live = sorted(_live, key=len, reverse=True)
    for value in live:
        text = text.replace(value, "***")
    return _MASKED_VALUE.sub(r"\g<name>\g<between>***", mask_url(text))
