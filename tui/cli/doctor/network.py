"""Proxies and certificates from the environment, and each connection, tried step by step."""

from __future__ import annotations

import asyncio
import os
from argparse import Namespace
from collections.abc import AsyncIterator, Iterator, Mapping
from urllib.request import getproxies

from tui.cli.context import opened
from tui.cli.doctor.finding import Finding, broken, fine, skipped
from tui.config import Config
from tui.engine.engine import Engine
from tui.engine.facts.connections import ConnectionFacts, StepState
from tui.errors import JobdeckError
from tui.redact import mask_url

_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def surroundings(environ: Mapping[str, str]) -> Iterator[Finding]:
    """What stands between this machine and the vendors, as far as the environment says."""
    topic, found = "network", getproxies()
    ways = [f"{scheme} through {mask_url(url)}" for scheme, url in sorted(found.items()) if scheme != "no"]
    but = f"; not for {found['no']}" if ways and found.get("no") else ""
    yield fine(topic, "proxy", (", ".join(ways) or "none") + but)
    for name in _CERTIFICATES:
        if place := environ.get(name):
            if os.access(place, os.F_OK):
                yield fine(topic, name, place)
            else:
                yield broken(topic, name, f"{place} is not there: no certificate can be checked", f"unset {name}")


async def connections(options: Namespace, settings: Config) -> AsyncIterator[Finding]:
    """The secrets' sources and the steps of each connection, in the order of the file; all are tried at once."""
    if not settings.connections:
        yield skipped("connections", "all", "there is none yet", "jobdeck connections add NAME --vendor VENDOR …")
        return
    try:
        async with opened(options, settings) as engine:
            checks = {name: asyncio.create_task(_steps(engine, name)) for name in settings.connections}
            for facts in await engine.connections.facts():
                yield _secrets(facts)
                for finding in await checks[facts.name]:
                    yield finding
    except JobdeckError as error:
        yield broken("connections", "all", error.message, error.hint)


async def _steps(engine: Engine, name: str) -> list[Finding]:
    steps = await engine.logins.check(name, lambda _: None)
    return [Finding(name, step.name, step.state, step.told, step.remedy) for step in steps]


def _secrets(facts: ConnectionFacts) -> Finding:
    """Where each secret comes from; never what it is."""
    told = ", ".join(
        f"{one.field} from {one.source}" if one.source else f"{one.field} is missing"
        for one in facts.secrets
        if one.source or one.required
    )
    missing = [one for one in facts.secrets if one.required and one.source is None]
    if missing:
        return Finding(facts.name, "secrets", StepState.BROKEN, told, missing[0].trouble or "")
    return fine(facts.name, "secrets", told or "none is needed")
