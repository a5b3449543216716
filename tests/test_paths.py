"""Where the files live: option, variable, XDG folder, home; and what is said when the state folder cannot be used."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tui.errors import ExitCode, StateError, UsageError
from tui.paths import Paths, find_paths


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("JOBDECK_CONFIG", "JOBDECK_STATE", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def test_the_option_wins_over_the_variable_and_the_variable_over_the_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "/xdg/config")
    monkeypatch.setenv("XDG_STATE_HOME", "/xdg/state")
    assert find_paths() == Paths(Path("/xdg/config/jobdeck/config.toml"), Path("/xdg/state/jobdeck"))
    monkeypatch.setenv("JOBDECK_CONFIG", "/variable.toml")
    monkeypatch.setenv("JOBDECK_STATE", "/variable")
    assert find_paths() == Paths(Path("/variable.toml"), Path("/variable"))
    assert find_paths("/option.toml", "/option") == Paths(Path("/option.toml"), Path("/option"))


def test_without_any_of_them_the_files_are_at_home(tmp_path: Path) -> None:
    paths = find_paths()
    assert paths.config.is_relative_to(tmp_path)
    assert paths.config.name == "config.toml"
    assert paths.state.is_relative_to(tmp_path)
    assert (paths.database.name, paths.log.name) == ("board.sqlite", "jobdeck.log")
    assert paths.database.parent == paths.log.parent == paths.state


def test_home_is_expanded_and_a_strangers_home_is_refused(tmp_path: Path) -> None:
    assert find_paths("~/c.toml", "~/s") == Paths(tmp_path / "c.toml", tmp_path / "s")
    with pytest.raises(UsageError, match="~nobody-here/x names the home folder of nobody"):
        find_paths(state="~nobody-here/x")


def test_the_state_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    paths = find_paths(state=str(tmp_path / "deep" / "state"))
    paths.make_state()
    paths.make_state()
    assert stat.S_IMODE(paths.state.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_made_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for state in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(StateError, match="cannot be made") as caught:
            Paths(tmp_path, state).make_state()
        assert "--state DIR" in caught.value.hint
        assert caught.value.exit_code is ExitCode.USAGE
