"""What a board is told of its terminal and of config.toml's `[ui]`, whatever it shows."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tui.cli import garbage
from tui.cli.terminal import has_colours, wants_ascii

if TYPE_CHECKING:
    from tui.clock import Clock
    from tui.config import Config
    from tui.model import Job
    from tui.paths import Paths
    from tui.screens.options import BoardOptions


def options_for(config: Config, paths: Paths, clock: Clock) -> BoardOptions:
    """How the board looks here, which keys it has and where it copies to."""
    from tui.screens.background import is_light  # noqa: PLC0415  # Textual, for the board alone
    from tui.screens.clipboard import CopyWays, takes_osc52  # noqa: PLC0415
    from tui.screens.options import BoardOptions  # noqa: PLC0415
    from tui.screens.xterm import speaks_xterm  # noqa: PLC0415

    return BoardOptions(
        theme=config.ui.theme,
        is_light=is_light(os.environ),
        asks_background=speaks_xterm(os.environ),
        ascii=wants_ascii(config.ui.glyphs, os.environ, getattr(sys.__stderr__, "encoding", None)),
        no_color=bool(os.environ.get("NO_COLOR")) or not has_colours(os.environ),
        window_title=config.ui.window_title and speaks_xterm(os.environ),
        key_map=config.keys,
        columns=config.ui.columns,
        copy_ways=CopyWays(tmux(os.environ), takes_osc52(os.environ), paths.state / "copied"),
        row_json=lambda job: _row_json(job, clock),
        clock=clock,
        on_painted=garbage.begin,
        on_quiet=garbage.sweep,
    )


def tmux(environ: Mapping[str, str]) -> str | None:
    """The program, where we run inside it."""
    return shutil.which("tmux", path=environ.get("PATH")) if environ.get("TMUX") else None


def _row_json(job: Job, clock: Clock) -> str:
    from tui.cli.as_json import job_json, one_line  # noqa: PLC0415  # only for who copies rows

    return one_line(job_json(job, clock.now()))
