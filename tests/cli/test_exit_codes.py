"""What the command says to the shell and to people when something is wrong: exit code, sentence, next step."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.cli.conftest import Command, World
from tui.engine.secrets import variable

PLANT = """
[connections.plant]
vendor = "octoplant"
base_url = "https://127.0.0.1:9"
username = "ops"
"""
ORDER = "0c5b9c1e-77aa-4f0e-9a53-3f1d2b6c8e10"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nonsense",), "invalid choice"),
        (("--demo", "list"), "--demo opens the board"),
        (("--to", "x", "list"), "--to goes with --demo"),
        (("list", "state:nonsense"), "nonsense"),
        (("show", "nosuch"), "no job on the board is called nosuch"),
        (("watch", "nosuch"), "no job on the board is called nosuch"),
        (("download", "nosuch"), "no job on the board is called nosuch"),
        (("track", "x"), "there is no connection yet"),
        (("track", "-"), "stdin named no job"),
        (("track", "a", "b", "--title", "t"), "--title goes with one REF"),
        (("track", "-c", "plant", "x"), "there is no connection named plant"),
        ((), "the board needs a terminal"),
        (("--demo",), "the board needs a terminal"),
    ],
)
def test_wrong_usage_is_2(words: tuple[str, ...], said: str, jobdeck: Command) -> None:
    assert said in jobdeck(*words, code=2)


def test_a_broken_config_names_file_and_line(jobdeck: Command) -> None:
    jobdeck.config.write_text(PLANT.replace("username", "usernam"))
    said = jobdeck("track", ORDER, code=2)
    assert f"{jobdeck.config}:" in said
    assert "username" in said


def test_a_secret_in_the_config_is_refused_with_the_command_that_moves_it(jobdeck: Command) -> None:
    jobdeck.config.write_text(PLANT + 'password = "hunter2secret"\n')
    said = jobdeck("track", ORDER, code=2)
    assert "jobdeck secret set plant password" in said
    assert "hunter2secret" not in said


def test_a_read_only_state_folder_is_2(jobdeck: Command) -> None:
    jobdeck.state.write_text("a file where the folder should be")
    assert "state folder" in jobdeck("list", code=2)


def test_a_damaged_database_is_2(jobdeck: Command) -> None:
    jobdeck.state.mkdir()
    (jobdeck.state / "board.sqlite").write_bytes(b"no database" * 100)
    assert "damaged" in jobdeck("list", code=2)


def test_a_missing_secret_is_3_and_names_the_command(jobdeck: Command) -> None:
    jobdeck.config.write_text(PLANT)
    said = jobdeck("track", ORDER, code=3)
    assert "jobdeck secret set plant password" in said
    assert jobdeck("list", "--json") == "[]\n"


def test_without_a_keyring_a_secret_cannot_be_set(jobdeck: Command) -> None:
    jobdeck.config.write_text(PLANT)
    said = jobdeck("secret", "set", "plant", "password", stdin="hunter2secret\n", code=3)
    assert "no keyring" in said
    assert "hunter2secret" not in said


def test_an_unreachable_vendor_keeps_the_job_and_says_so(jobdeck: Command) -> None:
    jobdeck.config.write_text(PLANT)
    jobdeck.environ[variable("plant", "password")] = "hunter2secret"
    assert jobdeck("track", ORDER) == f"plant:{ORDER}\n"
    (job,) = json.loads(jobdeck("list", "--json"))
    assert (job["state"], job["problem"]["kind"]) == ("unknown", "unreachable")
    said = jobdeck("watch", "--timeout", "0.5", code=4).splitlines()
    assert said[0] == "jobdeck: time is up; 1 of 1 jobs are not over"
    assert said[1].startswith("  plant: ")
    assert "; " in said[1], "and what is to be done?"


@pytest.mark.parametrize(
    ("vendor", "ref"),
    [
        ("autodesk", "f" * 32),
        ("octoplant", ORDER),
        ("enos", f"ch-0b1c2d/{'f' * 32}"),
        ("aspera", "999999"),
    ],
)
def test_a_job_that_the_vendor_does_not_know_is_not_kept(vendor: str, ref: str, connected: Command) -> None:
    assert "jobdeck:" in connected("track", "-c", vendor, ref, code=1)
    assert connected("list", "--json") == "[]\n"


@pytest.mark.parametrize("vendor", ["autodesk", "enos", "aspera", "jaggaer", "octoplant"])
def test_refused_credentials_are_3(vendor: str, connected: Command, world: World) -> None:
    for name in world.description[vendor].secrets:
        connected.environ[variable(vendor, name)] = "wrong-secret-value"
    said = connected("track", "-c", vendor, world.description[vendor].cast["quick"], code=3)
    assert "wrong-secret-value" not in said
    connected("track", "-c", vendor, "--no-check", world.description[vendor].cast["quick"])
    said = connected("watch", "--timeout", "20", code=3)
    assert "wrong-secret-value" not in said


def test_many_are_written_down_and_none_is_asked(connected: Command, world: World) -> None:
    site = world.description["octoplant"]
    keys = connected("track", "-c", "octoplant", "-", stdin="\n".join(site.jobs)).split()
    assert len(keys) == len(site.jobs)
    assert {job["checked_at"] for job in json.loads(connected("list", "--json"))} == {None}


def test_cancel_and_untrack(connected: Command, world: World) -> None:
    key = connected("track", "-c", "octoplant", world.description["octoplant"].cast["slow"]).strip()
    assert "not confirmed" in connected("cancel", key, code=2)
    assert "read-only" in connected("--read-only", "cancel", "--yes", key, code=2)
    assert connected("cancel", "--yes", key).strip() == key
    assert "not confirmed" in connected("untrack", key, code=2)
    connected("untrack", "--yes", key)
    assert connected("list", "--json") == "[]\n"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_signals_end_watch_with_their_code(number: signal.Signals, code: int, connected: Command, world: World) -> None:
    connected("track", "-c", "octoplant", world.description["octoplant"].cast["slow"])
    watch = connected.start("watch", "--json")
    assert watch.stdout is not None
    assert json.loads(watch.stdout.readline())["state"] in ("waiting", "running")
    watch.send_signal(number)
    _, err = watch.communicate(timeout=20)
    assert (watch.returncode, err) == (code, "")


def test_a_closed_pipe_is_quiet(connected: Command, world: World) -> None:
    connected("track", "-c", "octoplant", "-", stdin="\n".join(world.description["octoplant"].jobs))
    with connected.start("list", "--json") as listing:
        assert listing.stdout is not None
        assert listing.stderr is not None
        listing.stdout.close()
        assert listing.stderr.read() == ""
    assert listing.returncode == 0


def test_emulate_describes_itself_and_ends_on_sigterm(jobdeck: Command) -> None:
    with jobdeck.start("emulate", "--json") as emulate:
        assert emulate.stdout is not None
        described = json.loads(emulate.stdout.readline())
        assert set(described) == {"autodesk", "enos", "aspera", "jaggaer", "octoplant"}
        for name, site in described.items():
            assert {"base_url", "connection", "secrets", "jobs"} <= site.keys()
            assert site["connection"]["vendor"] == name
            assert len(site["jobs"]) >= 4
        assert Path(described["octoplant"]["connection"]["ca_file"]).exists()
        assert all("/" in output for output in described["autodesk"]["outputs"])
        emulate.send_signal(signal.SIGTERM)
    assert emulate.returncode == 143
