"""`jobdeck connections`: a working connection from nothing, without a secret ever being seen."""

from __future__ import annotations

import json
import stat
import tomllib

import pytest

from tests.cli.conftest import Command, World
from tui.engine.secrets.ways import variable

PLANT = ("plant", "--vendor", "octoplant", "base_url=https://127.0.0.1:9", "username=ops")


def test_a_connection_from_nothing_to_a_job(jobdeck: Command, world: World) -> None:
    site = world.description.sites["octoplant"]
    given = [f"{key}={value}" for key, value in site.connection.items() if key not in ("vendor", "username")]
    jobdeck("connections", "add", "plant", "--vendor", "octoplant", "username=nobody", *given)
    assert stat.S_IMODE(jobdeck.config.stat().st_mode) == 0o600
    jobdeck("connections", "edit", "plant", f"username={site.connection['username']}", "label=Plant 4")
    jobdeck.environ |= {variable("plant", field): value for field, value in site.secrets.items()}
    told = jobdeck("connections", "test")
    assert [line.split()[0] for line in told.splitlines()[1:]] == ["ok"] * 5
    assert "signed in" in told
    key = jobdeck("track", site.jobs[0]).strip()
    renamed = jobdeck("connections", "rename", "plant", "works", "--json")
    assert json.loads(renamed)[0]["jobs"] == 1
    assert jobdeck("list", "--json").count(key.replace("plant:", "works:")) == 1
    jobdeck("connections", "remove", "works", "--with-jobs", "--yes")
    assert jobdeck("list", "--json") == "[]\n"
    assert "connections" not in tomllib.loads(jobdeck.config.read_text())


def test_what_is_listed(connected: Command) -> None:
    told = json.loads(connected("connections", "--json"))
    assert [one["name"] for one in told] == ["autodesk", "enos", "aspera", "jaggaer", "octoplant"]
    plant = told[-1]
    assert plant["settings"]["min_interval"] == "0.2"
    assert [(one["field"], one["source"]) for one in plant["secrets"]][:2] == [
        ("password", "environment"),
        ("client_secret", "environment" if len(plant["secrets"]) == 2 else plant["secrets"][1]["source"]),
    ]
    lines = connected("connections", "list").splitlines()
    assert len(lines) == 6
    assert "password: environment" in lines[-1]
    assert "no TLS" in lines[1]


def test_a_watch_goes_on_while_its_connection_changes(connected: Command, world: World) -> None:
    job = connected("track", "-c", "octoplant", world.description.sites["octoplant"].jobs[0]).strip()
    watch = connected.start("watch", "--json", "--timeout", "90", job)
    assert watch.stdout is not None
    first = json.loads(watch.stdout.readline())
    connected("connections", "edit", "octoplant", "label=Plant 4", "min_interval=0.3")
    world.pass_time(3600)
    last = json.loads(watch.communicate(timeout=100)[0].splitlines()[-1])
    assert first["state"] in ("waiting", "running")
    assert (last["key"], last["state"], watch.returncode) == (job, "succeeded", 0)


def test_all_five_are_tested(connected: Command) -> None:
    told = json.loads(connected("connections", "test", "--json"))
    for one in told:
        states = {step["name"]: step["state"] for step in one["steps"]}
        assert list(states) == ["address", "TLS", "clock", "login", "right to read"]
        assert (states["login"], states["right to read"]) == ("ok", "ok")
        assert states["TLS"] == ("ok" if one["connection"] == "octoplant" else "warning")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", *PLANT, "password=canary-of-argv"), "jobdeck secret set plant password"),
        (("add", *PLANT, "usernme=x"), 'did you mean "username"'),
        (("add", *PLANT, "insecure"), "KEY=VALUE"),
        (("rename", "plant", "works"), "no connection named plant"),
        (("test",), "no connection yet"),
    ],
)
def test_wrong_words_change_nothing(words: tuple[str, ...], said: str, jobdeck: Command) -> None:
    told = jobdeck("connections", *words, code=2)
    assert said in told
    assert "canary" not in told
    assert not jobdeck.config.exists()


def test_what_is_written_by_hand_stays(jobdeck: Command) -> None:
    jobdeck("connections", "add", *PLANT)
    by_hand = f"# mine\n{jobdeck.config.read_text()}future = 1 # later\n"
    jobdeck.config.write_text(by_hand)
    jobdeck("connections", "edit", "plant", "username=eve", "secret_command.password=pass show 'a b'")
    text = jobdeck.config.read_text()
    assert text.startswith("# mine\n")
    assert "future = 1 # later\n" in text
    assert tomllib.loads(text)["connections"]["plant"]["secret_command"] == {"password": ["pass", "show", "a b"]}
    jobdeck("connections", "edit", "plant", "username=ops", "secret_command.password=")
    assert jobdeck.config.read_text() == by_hand
    assert "vendor" in jobdeck("connections", "edit", "plant", "vendor=enos", code=2)
    assert "--yes" in jobdeck("connections", "remove", "plant", code=2)


def test_a_setting_that_nothing_reads_is_told(jobdeck: Command) -> None:
    said = jobdeck.end("connections", "add", *PLANT, "colour=red", "label=").err
    assert "jobdeck: colour is kept, but octoplant has no such setting\n" in said
    assert "label is kept" not in said


def test_a_certificate_that_is_not_there_is_2(jobdeck: Command) -> None:
    jobdeck("connections", "add", *PLANT, "ca_file=nosuch.pem")
    jobdeck("connections", "test", "plant", code=2)


def test_a_broken_connection_can_be_mended(jobdeck: Command) -> None:
    jobdeck("connections", "add", *PLANT)
    jobdeck.config.write_text(jobdeck.config.read_text().replace('username = "ops"\n', ""))
    assert "username is missing" in jobdeck("connections", code=2)
    jobdeck("connections", "edit", "plant", "username=ops")
    assert "plant" in jobdeck("connections")


def test_each_failure_has_its_step_and_its_code(connected: Command) -> None:
    def test(name: str, code: int) -> list[tuple[str, str]]:
        ended = connected.end("connections", "test", name, "--json")
        assert ended.code == code, ended.err
        return [(step["name"], step["state"]) for step in json.loads(ended.out)[0]["steps"]]

    skipped = [("clock", "skipped"), ("login", "skipped"), ("right to read", "skipped")]
    connected("connections", "add", *PLANT)
    assert test("plant", 4) == [("address", "broken"), ("TLS", "skipped"), *skipped]
    connected("connections", "edit", "octoplant", "ca_file=")
    assert test("octoplant", 4)[:2] == [("address", "ok"), ("TLS", "broken")]
    connected("connections", "edit", "octoplant", "insecure=true")
    assert test("octoplant", 0)[1] == ("TLS", "warning")
    connected.environ[variable("aspera", "password")] = "wrong"
    assert test("aspera", 3)[3:] == [("login", "broken"), ("right to read", "skipped")]
    del connected.environ[variable("enos", "secret_key")]
    assert test("enos", 3)[3:] == [("login", "broken"), ("right to read", "skipped")]
