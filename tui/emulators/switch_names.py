"""The fault switches by name: what `jobdeck emulate --fault` takes, known without loading a server."""

from __future__ import annotations

from dataclasses import dataclass

VENDORS = ("autodesk", "enos", "aspera", "jaggaer", "octoplant")
STORE = "store"
"""The host that keeps the results of all vendors but octoplant."""
_LINKED = ("autodesk", "enos", "aspera", "jaggaer")


@dataclass(frozen=True, slots=True)
class SwitchName:
    """One switch: what it does, in one line, and where it can be turned on."""

    says: str
    places: tuple[str, ...] = VENDORS


SWITCHES = {
    "hang": SwitchName("requests are taken and never answered", (*VENDORS, STORE)),
    "die": SwitchName("connections are closed without an answer", (*VENDORS, STORE)),
    "slow": SwitchName("answers trickle", (*VENDORS, STORE)),
    "cut": SwitchName("answers break off early", (*VENDORS, STORE)),
    "lost-start": SwitchName("a job is started, and the answer that says so is cut off"),
    "401": SwitchName("every call but the login is answered 401"),
    "short-login": SwitchName("a token is forgotten after ten calls, whatever lifetime was told"),
    "lock-out": SwitchName("the login itself is refused, with the right secret too"),
    "429": SwitchName("calls are answered 429 with Retry-After: 5", (*VENDORS, STORE)),
    "503": SwitchName("calls are answered 503", (*VENDORS, STORE)),
    "html": SwitchName("calls are answered with a login page, status 200", (*VENDORS, STORE)),
    "bare": SwitchName("calls are answered with an empty JSON object, status 200", _LINKED),  # octoplant's "unknown"
    "missing-keys": SwitchName("answers leave out every key that they can"),
    "unknown-word": SwitchName("jobs are told of with a status that no page documents"),
    "expired-links": SwitchName("links to results have died already"),
    "swapped-object": SwitchName("a result becomes another file in the middle of its first download", _LINKED),
}
