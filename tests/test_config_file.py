"""config.toml on the disk: changed in one step, never over what somebody else wrote."""

from __future__ import annotations

import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tui.config.edit import with_connection, with_settings
from tui.config.file import ConfigFile
from tui.errors import ConfigError

PLANT = {"vendor": "octoplant", "base_url": "https://plant.example", "username": "ops"}


def adding(name: str) -> Callable[[str], str]:
    return lambda text: with_connection(text, name, {**PLANT})


def test_a_file_that_is_not_there_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"
    assert list(ConfigFile(path).change(adding("plant")).connections) == ["plant"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["config.toml"]


def test_a_link_is_followed(tmp_path: Path) -> None:
    real, link = tmp_path / "real.toml", tmp_path / "config.toml"
    real.write_text("# real\n")
    link.symlink_to(real)
    ConfigFile(link).change(adding("plant"))
    assert link.is_symlink()
    assert real.read_text().startswith("# real\n")
    looped = tmp_path / "loop.toml"
    looped.symlink_to(looped)
    with pytest.raises(ConfigError):
        ConfigFile(looped).change(adding("plant"))


def test_what_an_editor_saved_meanwhile_is_changed_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("# one\n")
    times = 0

    def edit(text: str) -> str:
        nonlocal times
        times += 1
        if times == 1:
            path.write_text("# two, by an editor\n")
        return adding("plant")(text)

    ConfigFile(path).change(edit)
    assert times == 2
    assert path.read_text().startswith("# two, by an editor\n\n[connections.plant]")

    def edit_against_an_editor(text: str) -> str:
        path.write_text(f"{text}#\n")
        return with_settings(text, "plant", {"label": "x"})

    with pytest.raises(ConfigError, match="again and again"):
        ConfigFile(path).change(edit_against_an_editor)
    assert "label" not in path.read_text()


def test_what_is_wrong_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[connections.plant]\nvendor = "octoplant"\nbase_url = "https://plant.example"\nusername = "ops"\n')
    before = path.read_text()
    with pytest.raises(ConfigError, match=r"config\.toml:4 \[connections\.plant\]: username must be a text"):
        ConfigFile(path).change(lambda text: with_settings(text, "plant", {"username": 7}))
    assert path.read_text() == before
    path.write_text("x = [\n")
    with pytest.raises(ConfigError, match=r"config\.toml:1: "):
        ConfigFile(path).change(adding("plant"))
    assert [one.name for one in tmp_path.iterdir()] == ["config.toml"]


def test_line_ends_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"# dos\r\n[ui]\r\n")
    ConfigFile(path).change(adding("plant"))
    assert path.read_bytes().replace(b"\r\n", b"").count(b"\n") == 0


def test_programs_that_change_it_at_the_same_time_wait_for_each_other(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: ConfigFile(path).change(adding(f"plant{number}")), range(16)))
    assert path.read_text().count("[connections.plant") == 16


def test_a_folder_that_takes_no_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be written"):
        ConfigFile(tmp_path / "file" / "config.toml").change(adding("plant"))
