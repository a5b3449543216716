"""The vendors: a module or a folder each. A new vendor is one more of them; nothing else has to know its name.

Everything in this package whose name does not start with `_` (except `contract`, which says what a vendor can be asked
for) is a vendor and holds one object named `VENDOR` that satisfies `contract.Vendor`.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, cast

from tui.errors import ConfigError

if TYPE_CHECKING:
    from tui.vendors.contract import Vendor

_CONTRACT = "contract"


@cache
def names() -> tuple[str, ...]:
    """The names of all vendors, sorted; imports none of them."""
    found = (module.name for module in pkgutil.iter_modules(__path__))
    return tuple(sorted(name for name in found if not name.startswith("_") and name != _CONTRACT))


@cache
def load(name: str) -> Vendor:
    """The vendor of that name; imports its module at the first call. Raises ConfigError for an unknown name."""
    if name not in names():
        raise ConfigError(f"no such vendor: {name}", hint=f"write one of: {', '.join(names())}")
    return cast("Vendor", import_module(f"tui.vendors.{name}").VENDOR)
