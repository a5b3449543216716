"""`jobdeck connections list|add|edit|rename|remove|test`."""

from __future__ import annotations

import sys
from argparse import Namespace

from tui import config, vendors
from tui.cli.as_json import one_line
from tui.cli.columns import Column, lay_out
from tui.cli.confirming import confirm
from tui.cli.context import complete, opened, paths_of
from tui.cli.drafts import draft_of, new_draft, unread
from tui.cli.notes import note
from tui.cli.paint import Paint, ellipsis
from tui.cli.terminal import tell, width
from tui.config import Config
from tui.engine.engine import Engine
from tui.engine.facts.connections import ConnectionDraft, ConnectionFacts, SecretFact, Step
from tui.errors import ConfigError, ExitCode, UsageError
from tui.model import is_plain
from tui.text import safe_line

_COLUMNS = (
    Column("NAME"),
    Column("VENDOR"),
    Column("ADDRESS", least=16),
    Column("JOBS"),
    Column("SECRETS", least=16),
    Column("NOTE", least=8),
)
_NOTE = 5
_WORST_FIRST = (ExitCode.CREDENTIALS, ExitCode.UNREACHABLE, ExitCode.FAILED, ExitCode.USAGE)
"""As `watch` names the worst of its jobs (CONTRACT section 6); then what is wrong in config.toml."""


def run(options: Namespace) -> int:
    """Show, change or test connections; secrets are never taken from the words."""
    return complete(_run(options))


async def _run(options: Namespace) -> int:
    match options.change:
        case "test":
            return await _test(options)
        case "remove":
            return await _remove(options)
        case None | "list":
            async with opened(options) as engine:
                _print_facts(await engine.connections.facts(), options)
            return int(ExitCode.OK)
    async with opened(options, _settings(options)) as engine:
        if options.change == "rename":
            name, told = options.new, await engine.connections.rename(options.name, options.new)
        else:
            draft = await _draft(engine, options)
            replaces = None if options.change == "add" else draft.name
            saved = await engine.connections.save(draft, replaces)
            vain = (f"{key} is kept, but {draft.vendor} has no such setting" for key in unread(draft))
            name, told = draft.name, safe_line("; ".join([saved, *vain]))
        _tell(options, told)
        facts = [one for one in await engine.connections.facts() if one.name == name]
    if options.json:
        print(one_line([_facts_json(one) for one in facts]))
    elif not options.quiet:
        _tell_next(facts[0])
    return int(ExitCode.OK)


async def _draft(engine: Engine, options: Namespace) -> ConnectionDraft:
    if options.change == "add":
        return new_draft(options)
    vendor = await engine.connections.vendor_of(options.name)
    return draft_of(options.name, vendor, options.settings)


def _settings(options: Namespace) -> Config:
    """The config in force; a broken one is no hindrance for the change that mends it."""
    try:
        return config.load(paths_of(options).config)
    except ConfigError:
        if options.change != "edit":
            raise
        return Config()


async def _remove(options: Namespace) -> int:
    async with opened(options) as engine:
        engine.config.connection(options.name)
        jobs = sum(job.connection == options.name for job in engine.board.jobs.values())
        fate = "taken off the board" if options.with_jobs else "kept"
        if not options.yes:
            confirm(f"Remove {options.name} and its secrets in the keyring; its {jobs} jobs are {fate}")
        _tell(options, await engine.connections.remove(options.name, with_jobs=options.with_jobs))
    if options.json:
        print("[]")
    return int(ExitCode.OK)


async def _test(options: Namespace) -> int:
    async with opened(options) as engine:
        names = options.names or list(engine.config.connections)
        if not names:
            raise UsageError("there is no connection yet", hint="jobdeck connections add NAME --vendor VENDOR …")
        found = {name: await _test_one(engine, name, as_json=options.json) for name in dict.fromkeys(names)}
    if options.json:
        answer = [{"connection": name, "steps": [_step_json(one) for one in steps]} for name, steps in found.items()]
        print(one_line(answer))
    codes = {step.exit_code for steps in found.values() for step in steps}
    return int(next((code for code in _WORST_FIRST if code in codes), ExitCode.OK))


async def _test_one(engine: Engine, name: str, *, as_json: bool) -> tuple[Step, ...]:
    connection = engine.config.connection(name)
    if not as_json:
        print(f"{name} ({vendors.load(connection.vendor).label}, {connection.base_url})")
    return await engine.logins.check(name, (lambda _: None) if as_json else _print_step)


def _print_step(step: Step) -> None:
    print(f"  {step.state:<8} {step.name:<14} {step.told}", flush=True)
    if step.remedy:
        print(f"{'':25}{step.remedy}", flush=True)


def _print_facts(facts: tuple[ConnectionFacts, ...], options: Namespace) -> None:
    if options.json:
        print(one_line([_facts_json(one) for one in facts]))
    elif facts:
        paint = Paint(sys.stdout)

        def painted(row: int, column: int, text: str) -> str:
            if row < 0:
                return paint.heading(text)
            return paint.bad(text) if text.startswith("insecure") and column == _NOTE else text

        for line in lay_out(
            _COLUMNS, [_row(one) for one in facts], width(sys.stdout), paint=painted, ellipsis=ellipsis(sys.stdout)
        ):
            print(line)
    else:
        note(options, "there is no connection yet; jobdeck connections add NAME --vendor VENDOR … makes one")


def _row(facts: ConnectionFacts) -> tuple[str, ...]:
    note = "http: no TLS" if is_plain(facts.base_url) else ""
    if ("insecure", "true") in facts.settings:
        note = "insecure: takes any certificate"
    return facts.name, facts.vendor, facts.base_url, str(facts.jobs), _secrets_text(facts.secrets), note


def _secrets_text(secrets: tuple[SecretFact, ...]) -> str:
    told = (f"{one.field}: {one.source or 'missing'}" for one in secrets if one.source or one.required)
    return ", ".join(told)


def _facts_json(facts: ConnectionFacts) -> dict[str, object]:
    return {
        "name": facts.name,
        "vendor": facts.vendor,
        "base_url": facts.base_url,
        "settings": dict(facts.settings),
        "secrets": [
            {"field": one.field, "required": one.required, "source": one.source, "trouble": one.trouble}
            for one in facts.secrets
        ],
        "jobs": facts.jobs,
    }


def _step_json(step: Step) -> dict[str, object]:
    return {"name": step.name, "state": step.state.value, "told": step.told, "remedy": step.remedy}


def _tell(options: Namespace, told: str) -> None:
    for sentence in told.split("; "):
        note(options, sentence)


def _tell_next(facts: ConnectionFacts) -> None:
    for secret in facts.secrets:
        if secret.required and secret.source is None:
            tell(f"  next: jobdeck secret set {facts.name} {secret.field}")
    tell(f"  then: jobdeck connections test {facts.name}")
