"""Turning the fault switches of `switch_names` on and off in a world that runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields

from tui.emulators import faults
from tui.emulators.aspera.orders import AsperaOptions
from tui.emulators.autodesk.workitems import BUCKET, AutodeskOptions
from tui.emulators.enos.tasks import EnosOptions
from tui.emulators.faults import Fault, Faults
from tui.emulators.jaggaer import processes
from tui.emulators.jaggaer.processes import JaggaerOptions
from tui.emulators.octoplant.orders import OctoplantOptions
from tui.emulators.server import EmulatedVendors
from tui.emulators.switch_names import STORE, VENDORS
from tui.emulators.tokens import Tokens

_Options = AutodeskOptions | EnosOptions | AsperaOptions | JaggaerOptions | OctoplantOptions
_CALLS = {
    "autodesk": ("/da/", "/oss/"),
    "enos": ("/data-federation/",),
    "aspera": ("/api/",),
    "jaggaer": ("/async",),
    "octoplant": ("/v1/order",),
}
"""What stands in the paths of a vendor's calls, and not in those of its login."""
_STARTS = {
    "autodesk": ("/workitems$",),
    "enos": ("/download-request$",),
    "aspera": ("/initiate",),
    "jaggaer": ("/async$",),
    "octoplant": ("/v1/order$",),
}
"""What stands in the paths of the calls that start a job."""
_RESULTS = {"autodesk": f"/{BUCKET}/", "enos": "/channels/", "aspera": "/media/", "jaggaer": f"/{processes.BUCKET}/"}
"""What stands in the store's paths of a vendor's results."""
_GATEWAY_FILE = "/data$"
_NO_FILE = '{"code": 81404, "msg": "file does not exist", "data": null}'
_NO_ORDER = '{"error": {"code": 5, "message": "order was not found", "details": []}}'
_NO_CLIENT = '{"developerMessage": "The client_id and client_secret do not match.", "errorCode": "AUTH-003"}'
_USES = 10
_RETRY_AFTER = "5"
_PACE, _STORE_PACE = 200, 200_000
"""Bytes a second of `slow`."""
_STUMP, _STORE_STUMP = 20, 50_000
"""Bytes that `cut` lets through."""

_BEFORE: Mapping[str, Callable[[str], Fault]] = {
    "hang": lambda _: faults.hang(),
    "die": lambda _: faults.die(),
    "slow": lambda place: faults.slow(_STORE_PACE if place == STORE else _PACE),
    "cut": lambda place: faults.cut(_STORE_STUMP if place == STORE else _STUMP),
    "429": lambda _: faults.status(429, retry_after=_RETRY_AFTER),
    "503": lambda _: faults.status(503),
    "html": lambda _: faults.html(),
}
"""The switches that stand before a whole server, its login included."""
_BEHIND_LOGIN: Mapping[str, Callable[[str], Fault]] = {
    "401": lambda path: faults.status(401, path),
    "bare": faults.bare,
    "lost-start": lambda path: faults.cut(0, path, method="POST"),
}

_SET: Mapping[str, Mapping[str, Mapping[str, object]]] = {
    "unknown-word": {
        "autodesk": {"failure_word": "failedSomethingNew"},
        "enos": {"strange_code": 42},
        "aspera": {"running_word": "Rolling Back"},
        "jaggaer": {"word": "archiving"},
        "octoplant": {"strange_state": "STATE_PAUSED"},
    },
    "missing-keys": {
        "autodesk": {"without_stats": True},
        "enos": {"without_size": True, "no_url": "absent", "without_request_id": True},
        "aspera": {"sparse": True},
        "jaggaer": {"sparse": True},
        "octoplant": {"emit_unset": False},
    },
    "expired-links": {"autodesk": {"dead_links": True}, "jaggaer": {"result_life": 1}},
}
"""The switches that a site has as options of its own."""


class Switches:
    """The fault switches of one world."""

    def __init__(self, world: EmulatedVendors) -> None:
        self._world = world

    def turn_on(self, name: str, place: str) -> None:
        """Turn one on for a vendor or the store. Raises KeyError when that place has no such switch."""
        if name in _BEFORE:
            self._faults(place).add(_BEFORE[name](place))
        elif name in _BEHIND_LOGIN:
            for path in (_STARTS if name == "lost-start" else _CALLS)[place]:
                self._faults(place).add(_BEHIND_LOGIN[name](path))
        elif name == "short-login":
            self._tokens()[place].most_uses = _USES
        elif name == "lock-out":
            self._lock_out(place)
        elif name == "swapped-object":
            self._world.store.faults.add(faults.swap(_RESULTS[place]))
            if place == "enos":
                self._world.enos.faults.add(faults.swap(_GATEWAY_FILE))
        elif place in _SET[name]:
            for option, value in _SET[name][place].items():
                setattr(self._options()[place], option, value)
        else:
            self._lose_results(place)

    def turn_all_off(self) -> None:
        """Have everything work again."""
        for place in (*VENDORS, STORE):
            self._faults(place).clear()
        for place, options in self._options().items():
            touched = {option for places in _SET.values() for option in places.get(place, {})}
            for field in fields(options):
                if field.name in touched and field.default is not MISSING:
                    setattr(options, field.name, field.default)
        for tokens in self._tokens().values():
            tokens.most_uses = None
        self._world.enos.gateway.options.service_code = 0
        self._world.aspera.login.account.unlock()
        self._world.octoplant.account.unlock()

    def _lock_out(self, place: str) -> None:
        world = self._world
        if place == "autodesk":
            world.autodesk.faults.add(faults.status(401, "/authentication/", text=_NO_CLIENT))
        elif place == "enos":
            world.enos.gateway.options.service_code = 1002
        elif place == "aspera":
            world.aspera.login.account.lock()
        elif place == "jaggaer":
            world.jaggaer.faults.add(faults.status(401, "/oauth/", text='{"error": "invalid_client"}'))
        else:
            world.octoplant.account.lock()
        self._tokens()[place].revoke()

    def _lose_results(self, place: str) -> None:
        """Where a link has no life of its own, the file behind it is gone."""
        if place == "enos":
            self._world.enos.faults.add(faults.status(404, _GATEWAY_FILE, text=_NO_FILE))
        if place == "octoplant":
            self._world.octoplant.faults.add(faults.status(404, "/download", text=_NO_ORDER))
        else:
            self._world.store.faults.add(faults.status(404, _RESULTS[place], text=_NO_FILE))

    def _faults(self, place: str) -> Faults:
        by_name = {site.name: site.faults for site in self._world.sites}
        return self._world.store.faults if place == STORE else by_name[place]

    def _tokens(self) -> Mapping[str, Tokens]:
        world = self._world
        return {
            "autodesk": world.autodesk.gateway.tokens,
            "enos": world.enos.gateway.tokens,
            "aspera": world.aspera.login.tokens,
            "jaggaer": world.jaggaer.tokens,
            "octoplant": world.octoplant.tokens,
        }

    def _options(self) -> Mapping[str, _Options]:
        world = self._world
        return {
            "autodesk": world.autodesk.options,
            "enos": world.enos.options,
            "aspera": world.aspera.options,
            "jaggaer": world.jaggaer.options,
            "octoplant": world.octoplant.options,
        }
