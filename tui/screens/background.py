"""Whether the terminal is dark or light: it is asked (OSC 11), and its answer is kept apart from what is typed.

Textual knows no such answers and takes them for keys. They come whenever the line lets them, over SSH long after the
first frame: nobody waits for one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from textual import events
from textual.message import Message

ASK = "\x1b]11;?\x1b\\"

PATIENCE = 10.0
"""Seconds after which no answer is waited for any more, so that every key is the user's."""

SILENCE = 0.5
"""Seconds without a key after which what began like an answer is taken for typed keys, e.g. Escape."""

# Textual makes "^" of an escape that it did not understand, and the Escape key of one that comes alone.
_BEGIN = "]11;rgb"
_ANSWER = re.compile(
    r"[\x1b^]?\]11;rgba?:([0-9a-f]{1,4})/([0-9a-f]{1,4})/([0-9a-f]{1,4})(?:/[0-9a-f]{1,4})?(?:[\x1b^]?\\|\x07)",
    re.IGNORECASE,
)
_REST = re.compile(r"a?(?::[0-9a-f/]{0,20}[\x1b^]?)?", re.IGNORECASE)
_WEIGHTS = (0.2126, 0.7152, 0.0722)


@dataclass
class Background(Message):
    """The terminal told whether its background is light."""

    is_light: bool


class Answer:
    """Takes the terminal's answer out of the keys. Whatever else begins like one is handed on as it came.

    Used by one thread at a time.
    """

    def __init__(self) -> None:
        self._held: list[events.Key] = []
        self._text = ""

    def take(self, message: Message) -> tuple[list[Message], Background | None]:
        """The messages to pass on now, and the answer once it is complete."""
        if not isinstance(message, events.Key):  # the mouse, a resize: they never split a terminal's answer
            return [message], None
        self._held.append(message)
        self._text += (message.character or "\0")[:1]
        if told := _ANSWER.fullmatch(self._text):
            self.let_go()
            return [], Background(_is_light(told.groups()))
        begins = next((at for at in range(len(self._text)) if _may_become_one(self._text[at:])), len(self._text))
        return self._first(begins), None

    @property
    def is_holding(self) -> bool:
        """Whether keys are held back that may become an answer."""
        return bool(self._held)

    def let_go(self) -> list[Message]:
        """Return the keys that were held back, to be passed on: they are no answer."""
        return self._first(len(self._held))

    def _first(self, number: int) -> list[Message]:
        found: list[Message] = [*self._held[:number]]
        self._held, self._text = self._held[number:], self._text[number:]
        return found


def is_light(environ: Mapping[str, str]) -> bool:
    """What the environment tells (COLORFGBG, set by rxvt and Konsole); dark where it tells nothing."""
    return environ.get("COLORFGBG", "").rpartition(";")[2] in ("7", "15")


def _may_become_one(text: str) -> bool:
    text = text[1:] if text[:1] in ("^", "\x1b") else text
    return _BEGIN.startswith(text) or (
        text.startswith(_BEGIN) and _REST.fullmatch(text.removeprefix(_BEGIN)) is not None
    )


def _is_light(channels: tuple[str, ...]) -> bool:
    parts = (int(channel, 16) / float(16 ** len(channel) - 1) for channel in channels)
    return sum(part * weight for part, weight in zip(parts, _WEIGHTS, strict=True)) > 0.5
