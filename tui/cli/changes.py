"""`jobdeck cancel JOB...`, `jobdeck reset JOB...` and `jobdeck untrack JOB...`."""

from __future__ import annotations

import sys
from argparse import Namespace

from tui.cli.confirming import confirm
from tui.cli.context import complete, opened
from tui.cli.glance import glance
from tui.cli.terminal import tell
from tui.cli.watch import Watch, view_of
from tui.engine.engine import Engine
from tui.engine.facts.jobs import Action
from tui.engine.pasting.pick import pick
from tui.errors import AskError, ExitCode, JobdeckError, UsageError
from tui.model import Job, ProblemKind

_REFUSALS = frozenset({ProblemKind.BAD_REPLY, ProblemKind.GONE, ProblemKind.FORBIDDEN})


def run(options: Namespace) -> int:
    """Cancel or reset jobs at their vendors, or take them off the board; asks first unless told `--yes`."""
    return complete(_change(options))


async def _change(options: Namespace) -> int:
    async with opened(options) as engine:
        jobs = [pick(text, engine.board.jobs.values()) for text in dict.fromkeys(options.jobs)]
        if options.command == "untrack":
            _confirm(options, jobs, "Take off the board")
            await engine.board.remove(job.key for job in jobs)
            return int(ExitCode.OK)
        action = Action(options.command)
        if options.read_only:
            raise UsageError(f"--read-only allows no {action}", hint="leave --read-only away")
        _confirm(options, jobs, f"{action.capitalize()} at the vendor")
        told = {job.key: await _send(engine, action, job) for job in jobs}
        worst = max(told.values())
        sys.stdout.flush()  # not before: a reader that has gone keeps no later job from being told
        if not options.wait or worst is not ExitCode.OK:
            await glance(engine, [key for key, code in told.items() if code is ExitCode.OK])
        else:
            keys = {key for key in told if key in engine.board.jobs}  # another program may have taken one off
            view = view_of(engine, keys, as_json=False, quiet=options.quiet)
            ended = await Watch(engine, keys, view).run(None)
            return int(ended if action is Action.RESET else worst)
        return int(worst)


async def _send(engine: Engine, action: Action, job: Job) -> ExitCode:
    """Cancel or reset one job; says why not."""
    if reason := engine.job_desk.why_not(action, job):
        tell(f"jobdeck: {job.key}: {reason}")
        return ExitCode.FAILED
    try:
        await (engine.job_desk.reset(job.key) if action is Action.RESET else engine.job_desk.cancel(job.key))
    except AskError as error:
        _say(job, error)
        if action is Action.RESET and error.leaves_open:
            tell("  nobody knows whether it was reset: look with jobdeck show --refresh before you send it again")
        return ExitCode.FAILED if error.kind in _REFUSALS else error.exit_code
    except JobdeckError as error:
        _say(job, error)
        return error.exit_code
    print(job.key)
    return ExitCode.OK


def _say(job: Job, error: JobdeckError) -> None:
    tell(f"jobdeck: {job.key}: {error.message}" + (f"\n  {error.hint}" if error.hint else ""))


def _confirm(options: Namespace, jobs: list[Job], what: str) -> None:
    if options.yes:
        return
    confirm(f"{what}: {', '.join(f'{job.title} ({job.key})' for job in jobs)}")
