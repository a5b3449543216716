"""Changes of the connections in a config.toml's text: nothing but the lines that are meant is touched.

Comments, unknown keys and the order of things stay, byte by byte. tomlkit was tried for this and moves comments to
other tables; so values are written by tomli-w, and `toml_lines` says where. What comes out is read again and compared
with what was meant, so that no text, however odd, is changed wrongly.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from copy import deepcopy

import tomli_w

from tui.config.toml_lines import Statement, statements
from tui.errors import ConfigError, UsageError

Value = str | int | float | bool | list[str] | dict[str, list[str]]
"""What a setting of a connection may be."""

_ROOT = "connections"
_FILTERS = "filters"
_COMMENTS_ABOVE = re.compile(r"(?:(?<=\n\n)|\A)(?:#[^\n]*\n)+\Z")


def tables(text: str) -> dict[str, dict[str, object]]:
    """The tables of all connections by name; nothing of a text that is no TOML."""
    try:
        found = tomllib.loads(text).get(_ROOT, {})
    except ValueError:
        return {}
    return {name: table for name, table in found.items() if isinstance(table, dict)}


def connection_table(text: str, name: str) -> dict[str, object]:
    """A connection's table as it stands in the text. Raises UsageError when there is none of that name."""
    table = tables(text).get(name)
    if table is None:
        raise UsageError(f"there is no connection named {name}", hint="jobdeck connections lists them")
    return table


def with_connection(text: str, name: str, settings: Mapping[str, Value]) -> str:
    """The text with one more connection at its end. Raises UsageError when the name is taken."""
    document = tomllib.loads(text)
    if name in document.get(_ROOT, {}):
        raise UsageError(f"there is a connection named {name} already", hint="choose another name, or edit that one")
    lines = [f"[{_ROOT}.{_quoted(name)}]", *(_line(key, value) for key, value in settings.items()), ""]
    before = "" if not text else f"{text}\n" if text.endswith("\n") else f"{text}\n\n"
    document.setdefault(_ROOT, {})[name] = dict(settings)
    return _checked(before + "\n".join(lines), document)


def with_settings(text: str, name: str, changes: Mapping[str, Value | None]) -> str:
    """The text with some settings of a connection changed, or taken out where they are None.

    Raises UsageError when there is no such connection, ConfigError when it is written in a form that is not changed
    here.
    """
    connection_table(text, name)
    for key, value in changes.items():
        text = _with_setting(text, name, key, value)
    return text


def renamed(text: str, old: str, new: str) -> str:
    """The text with a connection's name changed in all its headers. Raises as `with_settings`."""
    document = tomllib.loads(text)
    connection_table(text, old)
    if new in document[_ROOT]:
        raise UsageError(f"there is a connection named {new} already", hint="choose another name")
    document[_ROOT] = {new if name == old else name: table for name, table in document[_ROOT].items()}
    for header in reversed(_sections(text, old)):
        name = ".".join(_quoted(part) for part in (_ROOT, new, *header.path[2:]))
        text = f"{text[: header.first]}{name}{text[header.last :]}"
    return _checked(text, document)


def without_connection(text: str, name: str) -> str:
    """The text without a connection and the comment right above it. Raises as `with_settings`."""
    document = tomllib.loads(text)
    connection_table(text, name)
    del document[_ROOT][name]
    if not document[_ROOT]:
        del document[_ROOT]
    for header in reversed(_sections(text, name)):
        before, after = text[: header.start], text[_end_of_section(text, header) :]
        if above := _COMMENTS_ABOVE.search(before):
            before = before[: above.start()]
        if after.startswith("\n") and (not before or before.endswith("\n\n")):
            after = after[1:]
        text = before + after if after else f"{before.rstrip()}\n" if before.strip() else ""
    left = tomllib.loads(text)
    if not left.get(_ROOT, True):
        document[_ROOT] = {}  # a header `[connections]` of its own stays
    return _checked(text, document)


def with_filter(text: str, name: str, saved: str) -> str:
    """The text with a filter saved under a name; one that there is under it gives way.

    Raises ConfigError when the filters are written in a form that is not changed here.
    """
    document = tomllib.loads(text)
    is_there = name in document.get(_FILTERS, {})
    document.setdefault(_FILTERS, {})[name] = saved
    found = [one for one in statements(text) if one.path[:1] == (_FILTERS,)]
    header = next((one for one in found if one.is_header and one.path == (_FILTERS,)), None)
    if is_there:
        old = next((one for one in found if one.path == (_FILTERS, name) and not one.is_header), None)
        if old is None:
            raise _not_changed()
        text = f"{text[: old.first]}{_written(saved)}{text[old.last :]}"
    elif header is not None:
        at = _end_of_section(text, header)
        before = text[:at] if text[:at].endswith("\n") else f"{text[:at]}\n"
        text = f"{before}{_line(name, saved)}\n{text[at:]}"
    elif found:
        raise _not_changed()
    else:
        before = "" if not text else f"{text}\n" if text.endswith("\n") else f"{text}\n\n"
        text = f"{before}[{_FILTERS}]\n{_line(name, saved)}\n"
    return _checked(text, document)


def _with_setting(text: str, name: str, key: str, value: Value | None) -> str:
    document = tomllib.loads(text)
    table = document[_ROOT][name]
    if table.get(key) == value and type(table.get(key)) is type(value):
        return text
    if value is None:
        del table[key]
    else:
        table[key] = deepcopy(value)
    path = (_ROOT, name, key)
    found = [one for one in statements(text) if one.path[:3] == path]
    if value is not None and len(found) == 1 and found[0].path == path and not found[0].is_header:
        one = found[0]
        return _checked(f"{text[: one.first]}{_written(value)}{text[one.last :]}", document)
    for one in reversed(found):
        text = text[: one.start] + text[one.end :]
    if value is not None:
        at = _end_of_section(text, _header(text, name))
        before = text[:at] if text[:at].endswith("\n") else f"{text[:at]}\n"
        text = f"{before}{_line(key, value)}\n{text[at:]}"
    return _checked(text, document)


def _sections(text: str, name: str) -> list[Statement]:
    """The headers of a connection's table and of the tables in it."""
    return [one for one in statements(text) if one.is_header and one.path[:2] == (_ROOT, name)]


def _header(text: str, name: str) -> Statement:
    for one in _sections(text, name):
        if one.path == (_ROOT, name):
            return one
    raise _not_changed()


def _end_of_section(text: str, header: Statement) -> int:
    """Where the lines of a header's own keys end; comments behind the last one belong to what follows."""
    end = header.end
    for one in statements(text):
        if one.start <= header.start:
            continue
        if one.is_header:
            break
        end = one.end
    return end


def _checked(text: str, meant: Mapping[str, object]) -> str:
    try:
        is_right = tomllib.loads(text) == meant
    except ValueError:
        is_right = False
    if not is_right:
        raise _not_changed()
    return text


def _not_changed() -> ConfigError:
    return ConfigError(
        "config.toml is written in a form that is not changed from here",
        hint="write the connection as a table, [connections.NAME] with a key a line, or change it in an editor",
    )


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _written(name)


def _line(key: str, value: Value) -> str:
    return f"{_quoted(key)} = {_written(value)}"


def _written(value: Value) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_written(one) for one in value)}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(_line(key, one) for key, one in value.items())} }}"
    return tomli_w.dumps({"value": value}).removeprefix("value = ").rstrip("\n")
