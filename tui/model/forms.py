"""What a person is asked for: to set a connection up, and to start a job."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """One key that a vendor's connection has in config.toml."""

    name: str
    help: str
    default: str | None = None
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SecretField:
    """One secret that a vendor's connection may need; `default` is a value that the vendor itself publishes."""

    name: str
    help: str
    required: bool = True
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be chosen for a job, and the names of the options that may be written into it."""

    name: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderForm:
    """What a person is asked for to start a job at a vendor.

    `example` shows the request body. `place` names what a job needs besides it, where it needs something. `choices`
    can be ticked into the body, as members of its object `wrapper`.
    """

    example: str
    needs_body: bool = True
    place: str = ""
    place_example: str = ""
    wrapper: str = ""
    choices: tuple[Choice, ...] = ()
