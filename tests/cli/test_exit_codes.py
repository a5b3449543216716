"""What the command says to the shell and to people when something is wrong: exit code, sentence, next step."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from importlib.abc import MetaPathFinder
from pathlib import Path

import pytest

from tests.cli.conftest import Command, World
from tests.cli.many import Line, Told, run_many
from tui.__main__ import main
from tui.engine.secrets.ways import variable

PLANT = """
[connections.plant]
vendor = "octoplant"
base_url = "https://127.0.0.1:9"
username = "ops"
"""
ORDER = "0c5b9c1e-77aa-4f0e-9a53-3f1d2b6c8e10"
KEY = f"plant:{ORDER}"


NOTHING_YET = [
    (("nonsense",), 2, "invalid choice"),
    (("show",), 2, "jobdeck: show: the following arguments are required: JOB\n  jobdeck show --help "),
    (("man", "x"), 2, "jobdeck: unrecognized arguments: x\n  jobdeck --help "),
    (("watch", "--timeout", "nan"), 2, "nan is no number of seconds"),
    (("watch", "--timeout=-1"), 2, "-1 is no number of seconds"),
    (("track", "x", "--expires-in", "1e300"), 2, "1e300 is no number of seconds"),
    (("emulate", "--port", "99999"), 2, "99999 is no whole number from 0 to 65530"),
    (("emulate", "--bandwidth", "0"), 2, "0 is no whole number from 1 to "),
    (("--demo", "list"), 2, "--demo opens the board"),
    (("--to", "x", "list"), 2, "--to goes with --demo"),
    (("--record", "x", "list"), 2, "--record opens the board"),
    (("--replay", "x", "--demo"), 2, "--replay does not go with --demo"),
    (("--replay", "x", "--record", "y"), 2, "--replay does not go with --record"),
    (("--speed", "4"), 2, "--speed goes with --replay"),
    (("--replay", "x", "--speed", "65"), 2, "65 is no speed; write a number from 0.5 to 64"),
    (("--replay", "x"), 2, "the board needs a terminal"),
    (("--verbose",), 2, "--verbose would write over the board\n  send the requests to a file: --log-file FILE"),
    (("list", "state:nonsense"), 2, "jobdeck: nonsense is no state\n  states: "),
    (("list", "is:active", "age:1h", "x"), 2, "1h is no length of time, in: is:active >>>age:1h<<< x\n  e.g. >90s"),
    (("list", "-state:failed", "-is:nonsense"), 2, "is:nonsense is not known, in: -state:failed >>>-is"),
    (("list", "-qv", "-night", "-q"), 0, ""),
    (("list", "--json", "--csv"), 2, "not allowed with"),
    (("show", "nosuch"), 2, "no job on the board is called nosuch\n  jobdeck list shows them, "),
    (("watch", "nosuch"), 2, "no job on the board is called nosuch\n  jobdeck list shows them, "),
    (("download", "nosuch"), 2, "no job on the board is called nosuch\n  jobdeck list shows them, "),
    (("cancel", "nosuch", "--yes"), 2, "no job on the board is called nosuch\n  jobdeck list shows them, "),
    (("reset", "nosuch", "--yes"), 2, "no job on the board is called nosuch\n  jobdeck list shows them, "),
    (("untrack", "nosuch", "--yes"), 2, "no job on the board is called nosuch\n  jobdeck list shows them, "),
    (("track", "x"), 2, "there is no connection yet\n"),
    (("track", "-"), 2, "stdin named no job\n  write one REF a line"),
    (("track", "a", "b", "--title", "t"), 2, "--title goes with one REF"),
    (("track", "-c", "plant", "x"), 2, "there is no connection named plant"),
    (
        ("submit", "-c", "plant", "nosuch.json"),
        2,
        "nosuch.json cannot be read: No such file or directory\n  name a JSON file, or - for stdin",
    ),
    (("submit", "-c", "plant", "-"), 2, "there is no connection named plant"),
    (("connections", "test"), 2, "there is no connection yet"),
    (("secret", "set", "plant", "password"), 2, "there is no connection named plant"),
    (("secret", "set", "plant"), 2, "required: FIELD\n"),
    (("emulate", "--fault", "nonsense"), 2, "no fault is called nonsense\n  there are: "),
    (("completion", "tcsh"), 2, "invalid choice: 'tcsh'"),
    (("track", "a", "--log-file", "/nosuch/folder/log"), 2, "cannot be written"),
    (("--config", "/nosuch.toml"), 2, "there is no config file /nosuch.toml\n  mend the name, or make the file: "),
    (("list", "--config", "/nosuch.toml"), 2, "there is no config file /nosuch.toml\n"),
    (("list", "--config", "/" + "n" * 300), 2, "cannot be read: "),
    (("completion", "bash", "--config", "/nosuch.toml"), 0, ""),
    ((), 2, "the board needs a terminal\n  for scripts there are"),
    (("--demo",), 2, "the board needs a terminal\n"),
    (("list",), 0, "the board is empty; jobdeck track REF puts a job on it"),
    (("list", "--quiet"), 0, ""),
    (("-q", "connections"), 0, ""),
    (("__complete", "nosuch", "shell"), 0, ""),
]
WITH_A_JOB = [
    (("untrack", KEY), 2, "not confirmed: take off the board: "),
    (("cancel", KEY), 2, "\n  say --yes where nobody can be asked"),
    (("track", ORDER, "canary"), 2, "REF 2 of 2: this names no job that plant could have; none is tracked\n  give an "),
    (("cancel", KEY, "--yes", "--read-only"), 2, "--read-only allows no cancel\n  leave --read-only away"),
    (("reset", KEY, "--yes"), 1, "plant:"),
    (("download", KEY), 3, "\n  set the variable JOBDECK_SECRET_PLANT_PASSWORD or"),
    (("show", KEY, "--refresh"), 3, "\n  set the variable JOBDECK_SECRET_PLANT_PASSWORD or"),
    (("watch", "--timeout", "90"), 3, "plant: the password is missing"),
    (("watch", "--download", "~nobody-here/x"), 2, "~nobody-here/x names no place here\n  write the whole path"),
    (("download", KEY, "--to", "~nobody-here/x"), 2, "~nobody-here/x names no place here\n  write the whole path"),
    (("submit", "-c", "plant", "-"), 2, "jobdeck: "),
    (("connections", "remove", "plant"), 2, "not confirmed: "),
    (("connections", "test", "plant"), 4, ""),
    (("secret", "set", "plant", "nonsense"), 2, "octoplant has no secret named nonsense\n  it has: password"),
    (("secret", "set", "plant", "password"), 2, "must not be empty"),
    (("untrack", KEY, "--yes"), 0, ""),
]


def test_each_command_says_how_it_ended(jobdeck: Command) -> None:
    told = run_many(jobdeck, [Line(words) for words, _, _ in NOTHING_YET])
    compare(NOTHING_YET, told)


def test_each_command_says_how_it_ended_on_a_board_with_a_job(jobdeck: Command) -> None:
    jobdeck.config.write_text(PLANT)
    before = [Line(("track", "--no-check", ORDER), keeps=True)]
    tracked, *told = run_many(jobdeck, [*before, *(Line(words) for words, _, _ in WITH_A_JOB)])
    assert (tracked.code, tracked.out, tracked.err) == (0, f"{KEY}\n", "")
    compare(WITH_A_JOB, told)


def compare(table: list[tuple[tuple[str, ...], int, str]], told: list[Told]) -> None:
    """Each ended as the table says, in one or two lines on stderr, and with nothing on stdout."""
    for (words, code, said), one in zip(table, told, strict=True):
        assert (one.code, said in one.err) == (code, True), (words, one)
        assert "Traceback" not in one.err
        assert one.err.count("\n") <= (0 if code == 0 and not said else 2), (words, one.err)
        shows_the_way = {"watch", "connections"} & set(words)
        assert code == 0 or shows_the_way or not one.out, (words, one.out)


def test_a_broken_config_names_file_and_line(jobdeck: Command) -> None:
    jobdeck.config.write_text(PLANT.replace("username", "usernam"))
    for words in (("track", ORDER), ("list",), ("show", KEY)):
        said = jobdeck(*words, code=2)
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
    assert "(there is no keyring on this host)\n  set the variable JOBDECK_SECRET_PLANT_PASSWORD or" in said
    assert jobdeck("list", "--json") == "[]\n"


def test_without_a_keyring_a_secret_cannot_be_set(jobdeck: Command) -> None:
    jobdeck.config.write_text(PLANT)
    said = jobdeck("secret", "set", "plant", "password", stdin="hunter2secret\n", code=3)
    assert "no keyring" in said
    assert f"set the variable {variable('plant', 'password')} or" in said
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
    said = connected("watch", "--timeout", "90", code=3)
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
    before = json.loads(connected("show", key, "--json"))["checked_at"]
    assert connected("cancel", "--yes", key).strip() == key
    assert json.loads(connected("show", key, "--json"))["checked_at"] > before, "it was asked once more"
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
    _, err = watch.communicate(timeout=100)
    assert (watch.returncode, err) == (code, "")


def test_a_reader_that_goes_away_ends_it_quietly(connected: Command, world: World) -> None:
    jobs = world.description["octoplant"].jobs
    connected("track", "-c", "octoplant", "-", stdin="\n".join(jobs))
    for words in (("list", "--json"), ("watch",)):
        with connected.start(*words) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            if words == ("watch",):
                for _ in jobs:
                    process.stdout.readline()
            process.stdout.close()
            world.pass_time(30)  # so that there is something to say
            assert process.stderr.read() == ""
        assert process.returncode == 0


def test_a_reader_that_goes_away_stops_no_cancel(connected: Command, world: World) -> None:
    cast = world.description["octoplant"].cast
    keys = [connected("track", "-c", "octoplant", cast[name]).strip() for name in ("slow", "quick")]
    with connected.start("cancel", "--yes", *keys) as process:
        assert process.stdout is not None
        process.stdout.close()
    assert process.returncode == 0
    world.pass_time(30)  # a running export ends between two of its steps
    shown = [json.loads(connected("show", key, "--refresh", "--json"))["state"] for key in keys]
    assert shown == ["cancelled", "cancelled"]


class Interrupted(MetaPathFinder):
    """Ctrl-C while the command is still being loaded."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        if fullname == "tui.cli.main":
            raise KeyboardInterrupt


def test_an_interrupt_at_the_very_start_is_130_and_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "tui.cli.main", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Interrupted(), *sys.meta_path])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 130


SHELL = """
"$@" list >&-; echo "closed $?"
"$@" list --json >&- 2>&- <&-; echo "all closed $?"
"$@" nonsense 2>&-; echo "no stderr $?"
"""


def test_closed_and_full_files(jobdeck: Command) -> None:
    jobdeck.config.write_text(PLANT)
    jobdeck("track", "--no-check", ORDER)
    run = [sys.executable, "-W", "error", "-m", "tui"]
    done = subprocess.run(
        ["/bin/sh", "-c", SHELL, "sh", *run],
        env=jobdeck.environment(),
        cwd=jobdeck.folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    assert done.stdout.splitlines() == ["closed 0", "all closed 0", "no stderr 2"]
    assert done.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux's /dev/full")
def test_a_full_disk_behind_stdout(jobdeck: Command) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "tui", "man"],
            env=jobdeck.environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=100,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("jobdeck: the answer cannot be written: No space left on device\n  ")


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
