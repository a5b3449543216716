"""Aspera: what an output is: a value, a server's path, a web address or another program's link (dossier section 8)."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tui.errors import AskError
from tui.model import Output, OutputKind, Secret
from tui.redact import mask_url, redact
from tui.text import safe_block, safe_line
from tui.vendors._read import address_of
from tui.vendors.aspera.mask import HIDDEN, is_secret, mask_json, mask_link, mask_text

LONGEST = 10_000
"""Characters of a value that are shown."""
_LONGEST_ADDRESS = 4_000
_LONGEST_NAME = 200

_WEB = re.compile(r"(?i)https?://\S+")
_LINK = re.compile(r"(?i)(?:[a-z][a-z0-9+.-]{0,20}://|faspe?:)\S")
_PATH = re.compile(r"(?:/|~/|\\\\|[A-Za-z]:[\\/])[^\n]*[^\n/\\][^\n]*")


@dataclass(frozen=True, slots=True)
class Variable:
    """One output variable as the vendor told it; `type` is the vendor's word, `value` JSON or XML text."""

    name: str
    type: str = ""
    value: object = field(default=None, repr=False)
    step: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One output for the snapshot, and the address behind it, which the snapshot masks.

    `ruby` is the variable of a hash that came as Ruby text, which is shown and never evaluated (trap 9).
    """

    output: Output
    address: Secret | None = None
    ruby: Variable | None = None


def found_in(variables: Iterable[Variable]) -> tuple[Found, ...]:
    """All outputs in the vendor's order; equal names are told apart by their step, else by a number."""
    listed = tuple(variables)
    often = Counter(variable.name for variable in listed)
    taken: set[str] = set()
    found = []
    for variable in listed:
        name = f"{variable.step}: {variable.name}" if often[variable.name] > 1 and variable.step else variable.name
        name = _free(safe_line(name, _LONGEST_NAME), taken)
        found.append(classify(name, variable))
    return tuple(found)


def _free(name: str, taken: set[str]) -> str:
    free, number = name, 2
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    taken.add(free)
    return free


def classify(name: str, variable: Variable) -> Found:
    """The output as it is shown under that name."""
    if variable.value is None:
        return Found(Output(name, OutputKind.VALUE))
    if is_secret(variable.name, variable.type):
        return Found(Output(name, OutputKind.VALUE, value=HIDDEN))
    if not isinstance(variable.value, str):
        # A bool, number, array or hash of a JSON answer.
        text = json.dumps(mask_json(variable.value), ensure_ascii=False)
        return Found(Output(name, OutputKind.VALUE, value=_shown(text)))
    if variable.type.strip().lower() == "hash":
        return Found(Output(name, OutputKind.VALUE, value=_shown(mask_text(variable.value))), ruby=variable)
    return _classify_text(name, variable.value)


def _classify_text(name: str, value: str) -> Found:
    text = value.strip()
    if len(text) > _LONGEST_ADDRESS:
        return Found(Output(name, OutputKind.VALUE, value=_shown(mask_text(value))))
    if _is_web(text):
        return Found(Output(name, OutputKind.FILE, value=safe_line(mask_url(text), LONGEST)), Secret(text))
    if _LINK.match(text) and "\n" not in text:
        return Found(Output(name, OutputKind.LINK, value=safe_line(mask_link(text), LONGEST)), Secret(text))
    if _PATH.fullmatch(text):
        return Found(Output(name, OutputKind.PATH, value=_shown(text)))
    return Found(Output(name, OutputKind.VALUE, value=_shown(mask_text(value))))


def _is_web(text: str) -> bool:
    if not _WEB.fullmatch(text):
        return False
    try:
        address_of(text, "output")
    except AskError:
        return False
    return True


def _shown(text: str) -> str:
    return safe_block(redact(text), LONGEST)
