"""The file's name in a Content-Disposition, from a header or from a signed address that sets one."""

from __future__ import annotations

from email.message import Message

from tui.text import safe_line


def file_name_of(disposition: str) -> str | None:
    """The name that the value gives, both spellings of RFC 6266 read; without folders, None where there is none."""
    message = Message()
    message["Content-Disposition"] = disposition.translate({ord(mark): " " for mark in "\r\n"})
    try:
        name = message.get_filename()
    except (ValueError, LookupError):  # an encoding that nobody knows, a section without a number
        return None
    return safe_line((name or "").replace("\\", "/").rpartition("/")[2].strip(), 200) or None
