"""How far a download is, in words: the same on the board and in the command. Figures are coarse, so that they stand."""

from __future__ import annotations

from tui.model import Download
from tui.wording import size

_STEPS = ((10, 1), (60, 5), (600, 10), (3600, 60))
"""Up to so many seconds, a time that is left is told in steps of so many."""
_LONG_STEP = 300
_ROUNDING = 1e-6
"""0.29 * 100 is a little less than 29."""


def ratio(download: Download) -> float | None:
    """How much of a download is there, 0 to 1; None while its size is not known."""
    if not download.size:
        return None
    return min(download.bytes / download.size, 1.0)


def whole_percents(part: float) -> int:
    """Whole percents of a part from 0 to 1; never 100 before it is all there."""
    return 100 if part >= 1 else min(int(part * 100 + _ROUNDING), 99)


def percent_text(part: float) -> str:
    """`62%`: `whole_percents` as text."""
    return f"{whole_percents(part)}%"


def amount_text(download: Download) -> str:
    """`194/312 MB`, `512 kB/1.2 GB`; what came alone, where the size is not known."""
    there = size(download.bytes)
    if download.size is None:
        return there
    whole = size(download.size)
    number, _, unit = there.partition(" ")
    return f"{number}/{whole}" if whole.endswith(f" {unit}") else f"{there}/{whole}"


def speed_text(download: Download) -> str:
    """`41 MB/s`: two digits; empty when it stands."""
    speed = int(download.speed or 0)
    if speed <= 0:
        return ""
    step = 10 ** max(len(str(speed)) - 2, 0)
    number, _, unit = size(round(speed / step) * step).partition(" ")
    return f"{number.removesuffix('.0') if len(number) > len('9.9') else number} {unit}/s"


def left_text(download: Download) -> str:
    """The time that is left at the present speed, `0:45`, `2:50:00`; empty when it cannot be told."""
    if not download.size or not download.speed:
        return ""
    seconds = max(download.size - download.bytes, 0) / download.speed
    step = next((step for end, step in _STEPS if seconds < end), _LONG_STEP)
    whole = -int(-seconds // step) * step
    hours, rest = divmod(whole, 3600)
    if hours >= 10:
        return f"{hours}h" if hours < 100 else f"{hours // 24}d"
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def notes(download: Download) -> list[str]:
    """What else there is to say of its way: ranges at the same time, new links, tries; the most telling first."""
    told = []
    if download.streams > 1:
        told.append(f"{download.streams} ranges")
    if download.renewals:
        told.append("1 renewal" if download.renewals == 1 else f"{download.renewals} renewals")
    tries = download.attempts - download.renewals
    if tries > 1:
        told.append(f"try {tries}")
    return told


def under_way(download: Download) -> list[str]:
    """How far, how fast, how long yet; nothing of what is over."""
    if download.state.is_over:
        return []
    part, left = ratio(download), left_text(download)
    words = [percent_text(part) if part is not None else "", amount_text(download), speed_text(download)]
    return [word for word in (*words, f"{left} left" if left else "") if word]


def history_of(download: Download) -> list[str]:
    """What there is to say of its way, where it went on, and what went wrong or is waited for."""
    went_on = f"went on at {size(download.resumed_from)}" if download.resumed_from else ""
    return [word for word in (*notes(download), went_on, download.message or "") if word]


def queue_text(place: int) -> str:
    """`next in the queue` for 1, `3rd in the queue`."""
    if place == 1:
        return "next in the queue"
    ending = "th" if place // 10 % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{ending} in the queue"


def middle_cut(text: str, room: int, ellipsis: str) -> str:
    """The text in at most `room` characters: what stands in its middle, such as a long path, goes first."""
    if len(text) <= room:
        return text
    first = text.partition("; ")[0]
    if len(first) <= room:
        return first
    kept = max(room - len(ellipsis), 0)
    tail = kept * 2 // 3
    return (first[: kept - tail] + ellipsis + first[len(first) - tail :])[:room]
