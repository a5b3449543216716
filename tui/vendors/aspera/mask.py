"""Aspera: hiding what must not be seen in values and raw answers: tokens of links, passwords (dossier section 8).

Every function takes time in proportion to the text, since the text is the vendor's.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from tui.secret_names import ENDING
from tui.vendors.aspera.document import child_of, name_of, words_of

HIDDEN = "***"
_DEEPEST = 60

_SECRET_NAME = re.compile(rf"(?i){ENDING}$")
_LINK_START = re.compile(r"(?i)[a-z0-9+.-]://|\bfaspe?:")
_LINK_END = re.compile(r"[\"'<>\n]")
_QUERY = re.compile(r"[?#]")
_USER = re.compile(r"(?P<head>://[^\s/:@\"'<>]*):[^\s/@\"'<>]*@")
# Ruby and JSON text: 'password' => "x", "token": "x", :cookie=>x. A quoted value may hold blanks.
_PAIR = re.compile(
    rf"(?i)(?P<head>\b\w*{ENDING}\\?[\"']?\s*(?:=>|:)\s*)"
    r"(?:\\?\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?|[^\s,}\]\"']+)"
)


def is_secret(name: str | None, kind: str | None = None) -> bool:
    """Whether a variable's name or its type (`pwd`) says that its value is never shown."""
    return (kind or "").strip().lower() in ("pwd", "password") or bool(_SECRET_NAME.search((name or "").strip()))


def mask_link(link: str) -> str:
    """The link with host, path and user, and with every value of its query hidden.

    It is split by hand, since such links hold raw blanks and padding that a URL parser would change (trap 8).
    """
    mark = _QUERY.search(link)
    if mark is None:
        return _USER.sub(r"\g<head>@", link)
    fields = [field.partition("=") for field in link[mark.end() :].split("&")]
    shown = "&".join(f"{name}={HIDDEN}" if equals else HIDDEN for name, equals, _ in fields)
    return _USER.sub(r"\g<head>@", link[: mark.start()]) + mark[0] + shown


def mask_text(text: str) -> str:
    """Any text with the queries of links in it and the values of passwords and tokens hidden."""
    shown, start = [], 0
    for end in _LINK_END.finditer(text):
        shown.append(_mask_piece(text[start : end.start()]) + end[0])
        start = end.end()
    shown.append(_mask_piece(text[start:]))
    return _PAIR.sub(rf"\g<head>{HIDDEN}", "".join(shown))


def mask_json(value: object, depth: int = 0) -> object:
    """A JSON value with its secrets hidden: by name, by a `type` beside it that says `pwd`, and inside texts."""
    if depth > _DEEPEST:
        return "…"
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, list):
        return [mask_json(each, depth + 1) for each in value]
    if not isinstance(value, dict):
        return value
    name, kind = value.get("name"), value.get("type")
    hidden = is_secret(name if isinstance(name, str) else None, kind if isinstance(kind, str) else None)
    return {
        mask_text(key): HIDDEN
        if each is not None and (is_secret(key) or (hidden and key == "value"))
        else mask_json(each, depth + 1)
        for key, each in value.items()
    }


def mask_xml(root: Element) -> None:
    """Hide the secrets of an XML tree, in place; by the same rules as `mask_json`."""
    for element in list(root.iter()):
        _hide_value(element)
        if is_secret(name_of(element)):
            _empty(element)
        for key, text in element.items():
            element.set(key, HIDDEN if is_secret(key) else mask_text(text))
        element.text = mask_text(element.text) if element.text else None
        element.tail = mask_text(element.tail) if element.tail else None


def _hide_value(element: Element) -> None:
    name = element.get("name") or words_of(child_of(element, "name", "variable_name"))
    kind = words_of(child_of(element, "type", "value_type")) or element.get("type")
    if not is_secret(name, kind):
        return
    if "value" in element.attrib:
        element.set("value", HIDDEN)
    value = child_of(element, "value")
    if value is not None:
        _empty(value)
    elif not len(element):
        _empty(element)


def _empty(element: Element) -> None:
    del element[:]
    element.text = HIDDEN


def _mask_piece(piece: str) -> str:
    start = _LINK_START.search(piece)
    if start is None:
        return piece
    mark = _QUERY.search(piece, start.end())
    return _USER.sub(r"\g<head>@", f"{piece[: mark.start()]}?{HIDDEN}" if mark else piece)
