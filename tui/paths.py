"""Where the config file, the state and the log live (CONTRACT sections 3 and 7)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tui.errors import StateError, UsageError


@dataclass(frozen=True, slots=True)
class Paths:
    """The files of one user; `config` may not exist. `log_file` is the log, where the user names one."""

    config: Path
    state: Path
    log_file: Path | None = None

    @property
    def database(self) -> Path:
        """The board's SQLite file."""
        return self.state / "board.sqlite"

    @property
    def log(self) -> Path:
        """The log file."""
        return self.log_file or self.state / "jobdeck.log"

    @property
    def view(self) -> Path:
        """Where the board's user was."""
        return self.state / "view.json"

    def make_state(self) -> None:
        """Make the state folder, readable by its owner alone. Raises StateError when that cannot be done."""
        try:
            self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
            usable = os.access(self.state, os.W_OK | os.X_OK)
        except OSError as error:
            raise StateError(
                f"the state folder {self.state} cannot be made: {error.strerror}",
                hint="name another one with --state DIR or JOBDECK_STATE",
            ) from error
        if not usable:
            raise StateError(
                f"the state folder {self.state} is read-only",
                hint="make it writable, or name another one with --state DIR or JOBDECK_STATE",
            )


def find_paths(config: str | None = None, state: str | None = None, log_file: str | None = None) -> Paths:
    """The files to use: the option first, then JOBDECK_CONFIG and JOBDECK_STATE, then the platform's folders.

    Raises UsageError for the home folder of an unknown user.
    """
    config = config or os.environ.get("JOBDECK_CONFIG")
    state = state or os.environ.get("JOBDECK_STATE")
    return Paths(
        config=_at_home(config) if config else _config_folder() / "config.toml",
        state=_at_home(state) if state else _state_folder(),
        log_file=_at_home(log_file) if log_file else None,
    )


def _at_home(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise UsageError(f"{text} names the home folder of nobody here", hint="write the whole path") from error


def _config_folder() -> Path:
    if os.name == "posix" and os.environ.get("XDG_CONFIG_HOME"):
        return Path(os.environ["XDG_CONFIG_HOME"]) / "jobdeck"
    from platformdirs import user_config_path  # noqa: PLC0415  # not needed when the variable or option is set

    return user_config_path("jobdeck", appauthor=False)


def _state_folder() -> Path:
    if os.name == "posix" and os.environ.get("XDG_STATE_HOME"):
        return Path(os.environ["XDG_STATE_HOME"]) / "jobdeck"
    from platformdirs import user_state_path  # noqa: PLC0415

    return user_state_path("jobdeck", appauthor=False)
