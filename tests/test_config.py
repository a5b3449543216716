"""config.toml: every key of CONTRACT section 3, and errors that say file, line and what to write instead."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui import config, vendors
from tui.config import Config, Downloads, Notify, Ui
from tui.config.quiet_hours import QuietHours
from tui.errors import ConfigError, ExitCode
from tui.model import Connection, Safe

FILE = Path("config.toml")
PLANT = '[connections.plant]\nvendor = "octoplant"\nbase_url = "https://localhost:64023"\nusername = "v"\n'
JAGGAER = '[connections.aso]\nvendor = "jaggaer"\nbase_url = "https://ees.example"\n'


def wrong(text: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        config.parse(text, FILE)
    assert caught.value.exit_code is ExitCode.USAGE
    return caught.value


def test_no_file_is_an_empty_one(tmp_path: Path) -> None:
    assert config.load(tmp_path / "none.toml") == Config() == config.parse("", FILE)


def test_every_key_is_read() -> None:
    read = config.parse(
        """
        [polling]
        min_interval = 0.5
        max_interval = 30
        [downloads]
        folder = "/data"
        at_once = 5
        connections = 1
        auto = true
        [notify]
        bell = false
        desktop = "off"
        command = ["notify-send", "{title}"]
        [ui]
        theme = "ansi"
        glyphs = "ascii"
        [keys]
        quit = "x"
        [connections.plant]
        vendor = "octoplant"
        base_url = "https://localhost:64023/"
        username = "versiondog"
        client_id = "mine"
        ca_file = "/plant.pem"
        tls_server_name = "plant.example"
        insecure = true
        proxy = "http://proxy.example:3128"
        timeout = 7
        min_interval = 0.2
        max_requests_per_minute = 9
        auto = false
        label = "The plant"
        secret_command = { password = ["pass", "show", "plant"] }
        """,
        FILE,
    )
    assert read.downloads == Downloads(Path("/data"), at_once=5, connections=1, auto=True)
    assert read.notify == Notify(bell=False, desktop="off", command=("notify-send", "{title}"))
    assert read.ui == Ui("ansi", "ascii")
    assert read.keys == {"quit": "x"}
    assert read.connection("plant") == Connection(
        name="plant",
        vendor="octoplant",
        base_url="https://localhost:64023",
        options={"username": "versiondog", "client_id": "mine"},
        label=Safe("The plant"),
        ca_file=Path("/plant.pem"),
        tls_server_name="plant.example",
        insecure=True,
        proxy="http://proxy.example:3128",
        timeout=7.0,
        min_interval=0.2,
        max_interval=30.0,
        max_requests_per_minute=9,
        auto=False,
        secret_commands={"password": ("pass", "show", "plant")},
    )


def test_connections_inherit_what_they_do_not_say() -> None:
    text = "[polling]\nmin_interval = 3\nmax_interval = 40\n[downloads]\nauto = true\n" + PLANT
    plant = config.parse(text, FILE).connection("plant")
    assert (plant.min_interval, plant.max_interval, plant.auto, plant.timeout) == (3.0, 40.0, True, 20.0)
    assert (plant.label, plant.ca_file, plant.proxy, plant.insecure) == (None, None, None, False)
    slow = config.parse(text + "min_interval = 50\n", FILE).connection("plant")
    assert (slow.min_interval, slow.max_interval) == (50.0, 50.0)


def test_a_vendors_own_defaults_are_taken() -> None:
    aps = config.parse('[connections.aps]\nvendor = "autodesk"\nclient_id = "c"\n', FILE).connection("aps")
    assert aps.base_url == "https://developer.api.autodesk.com"
    assert aps.option("region") == "us-east"
    assert aps.option("nothing") == ""


def test_home_is_expanded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    read = config.parse('[downloads]\nfolder = "~/here"\n' + PLANT + 'ca_file = "~/plant.pem"\n', FILE)
    assert read.downloads.folder == tmp_path / "here"
    assert read.connection("plant").ca_file == tmp_path / "plant.pem"
    assert config.parse("", FILE).downloads.folder == tmp_path / "Downloads/jobdeck"


def test_an_unknown_connection_is_told_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="no connection named plnat") as caught:
        config.parse(PLANT, FILE).connection("plnat")
    assert caught.value.hint == "connections: plant"


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("[polling]\nmin_interval = 0.1\n", "config.toml:2 [polling]", "min_interval must be at least 0.2"),
        ("[polling]\n\nmax_interval = 1\n", "config.toml:3 [polling]", "must not be smaller than min_interval"),
        ("[polling]\nmax_interval = inf\n", "config.toml:2", "at most 86400"),
        ("[polling]\nmax_interval = nan\n", "config.toml:2", "must be a number"),
        (f"[polling]\nmax_interval = {'9' * 400}\n", "config.toml:2", "at most 86400"),
        ('[polling]\nmin_interval = "2"\n', "config.toml:2", "must be a number, without quotes"),
        ("polling = 3\n", "config.toml:1", "must be a table, written as [polling]"),
        ("polling.min_interval = true\n", "config.toml:1", "must be a number"),
        ("[downloads]\nat_once = 1.5\n", "config.toml:2", "must be a whole number"),
        ("[downloads]\nconnections = 17\n", "config.toml:2", "at most 16"),
        ('[downloads]\nfolder = ""\n', "config.toml:2", "must be a text in quotes"),
        ('[downloads]\nfolder = "~nobody-here/x"\n', "config.toml:2", "home folder of nobody"),
        ('[notify]\nbell = "yes"\n', "config.toml:2", "must be true or false, without quotes"),
        ('[notify]\ncommand = "notify-send x"\n', "config.toml:2", "must be a list of texts"),
        ('[notify]\ndesktop = "of"\n', "config.toml:2", 'did you mean "off"?'),
        ('[notify]\ncommand = ["say", "{titel}"]\n', "config.toml:2", "has no field {titel}; fields: {title} {state}"),
        ('[notify]\ncommand = [""]\n', "config.toml:2", "must name a command"),
        ('[notify]\nwhen = "never"\n', "config.toml:2", "must be one of all, alert"),
        ('[notify]\nquiet = "22-7"\n', "config.toml:2", 'two times of the day, e.g. "22:00-07:00", or "off"'),
        ('[ui]\nglyhps = "ascii"\n', "config.toml:2", 'glyhps is not known; did you mean "glyphs"?'),
        ("[keys]\nquit = 1\n", "config.toml:2", "must be a text"),
        ("[conections.plant]\n", "config.toml:1", 'did you mean "connections"?'),
        ("[connections]\nplant = 1\n", "config.toml:2", "must be a table, written as [connections.plant]"),
        ("[connections.plant]\n", "config.toml:1 [connections.plant]", 'vendor is missing; write vendor = "…"'),
        ('[connections.plant]\nvendor = "octoplan"\n', "config.toml:2", 'did you mean "octoplant"?'),
        (PLANT.replace("username", "user_name"), "config.toml:4", 'user_name is not known; did you mean "username"?'),
        (PLANT.replace("username", "somebody"), "config.toml:1", "username is missing"),
        (PLANT.replace("https://localhost:64023", "localhost"), "config.toml:3", "must be a full address"),
        (PLANT.replace("https://localhost:64023", "https://[bad"), "config.toml:3", "must be a full address"),
        (PLANT.replace(":64023", ":99999"), "config.toml:3", "must be a full address"),
        (PLANT.replace("localhost", "local host"), "config.toml:3", "must be a full address"),
        (PLANT.replace("https", "ftp"), "config.toml:3", "must be a full address"),
        (PLANT.replace("localhost", "u:hunter2@localhost"), "config.toml:3", "must not hold a user"),
        (JAGGAER + 'token_url = "auth"\n', "config.toml:4", "must be a full address"),
        (JAGGAER + 'token_url = "https://u:hunter2@h/token"\n', "config.toml:4", "must not hold a user"),
        (PLANT + 'proxy = "socks5://h:1"\n', "config.toml:5", "must be a full address, e.g. http"),
        (PLANT + 'proxy = "http://u:hunter2@h:1"\n', "config.toml:5", "must not hold a user"),
        (PLANT + "timeout = 1e300\n", "config.toml:5", "at most 3600"),
        (PLANT + "max_requests_per_minute = 0\n", "config.toml:5", "at least 1"),
        (PLANT + "secret_command = { pasword = [] }\n", "config.toml:5", "is no secret of octoplant; it has: "),
        (PLANT + "secret_command = { password = [] }\n", "config.toml:5", "must name a command"),
        (PLANT + 'secret_command = { password = [""] }\n', "config.toml:5", "must name a command"),
        (PLANT + "[connections.plant.secret_command]\npassword = 1\n", "config.toml:6", "must be a list of texts"),
        (PLANT.replace(".plant", '."pl ant"'), "config.toml:1", "may hold letters"),
        (PLANT + PLANT.replace(".plant", ".Plant"), "config.toml:5", "is too like plant"),
        ("[ui]\ntheme = jobdeck\n", "config.toml:2", "Invalid value"),
        ("[ui]\ntheme\n", "config.toml:2", "Expected '='"),
        ("[ui", "config.toml:1", "Expected"),
        (f"x = {'[' * 5000}", "config.toml:1", "cannot be read as TOML"),
        (f"x = {'9' * 5000}", "config.toml:1", "cannot be read as TOML"),
    ],
)
def test_errors_say_where_and_what(text: str, place: str, words: str) -> None:
    error = wrong(text)
    assert error.message.startswith(place)
    assert words in error.message
    assert "hunter2" not in error.message + error.hint
    assert error.hint


@pytest.mark.parametrize("vendor", vendors.names())
def test_a_secret_in_the_file_is_refused_with_the_command_that_stores_it(vendor: str) -> None:
    for secret in vendors.load(vendor).secrets:
        error = wrong(f'[connections.mine]\nvendor = "{vendor}"\n{secret.name} = "hunter2"\n')
        assert error.message.startswith("config.toml:3 [connections.mine]: ")
        assert error.hint.endswith(f"jobdeck secret set mine {secret.name}")
        assert "hunter2" not in error.message + error.hint


@pytest.mark.parametrize("key", ["passwd", "my-token", "apikey", "SECRET", "bearer_token"])
def test_what_only_looks_like_a_secret_is_refused_too(key: str) -> None:
    error = wrong(f'{PLANT}{key} = "hunter2"\n')
    assert error.message.startswith("config.toml:5")
    assert "hunter2" not in error.message + error.hint


def test_keys_of_a_newer_jobdeck_are_left_alone() -> None:
    assert config.parse("[ui]\nsomething_new = 1\n[quite_new]\nx = 1\n", FILE) == Config()


def test_lines_are_found_in_a_crowded_file() -> None:
    text = (
        '# min_interval = 1\n[keys]\nquit = """\n[polling]\n"""\n\n'
        '[connections."a.b"]\nvendor = "octoplant"\nbase_url = "https://h"\nusername = "v"\n\n'
        "[ connections . plant ] # ours\nvendor = 'octoplant'\n\"base_url\" = 'nonsense'\n"
    )
    assert wrong(text).message.startswith("config.toml:14 [connections.plant]: base_url")


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b'[ui]\ntheme = "\xe9"\n')
    with pytest.raises(ConfigError, match="is not UTF-8 text"):
        config.load(tmp_path / "latin.toml")
    with pytest.raises(ConfigError, match="cannot be read"):
        config.load(tmp_path)


@given(st.text(alphabet="[]{}\"'=.#\n\\abcvendor 019_-é", max_size=80))
def test_no_text_ends_in_a_traceback(text: str) -> None:
    said = ""
    try:
        config.parse(text, FILE)
    except ConfigError as error:
        said = error.message
    assert not said or said.startswith("config.toml:")


def test_the_mark_that_some_editors_put_in_front_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "marked.toml").write_bytes(b"\xef\xbb\xbf" + PLANT.encode())
    assert "plant" in config.load(tmp_path / "marked.toml").connections


def test_hosts_and_trust_of_a_connection() -> None:
    plant = config.parse(f'{PLANT}allowed_hosts = ["storage.example"]\ntrust = "system"\n', FILE).connections["plant"]
    assert (plant.allowed_hosts, plant.trust) == (("storage.example",), "system")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('allowed_hosts = ["https://storage.example"]', "must be names of hosts without a port"),
        ('allowed_hosts = "storage.example"', "must be a list of texts"),
        ('trust = "sytem"', 'did you mean "system"'),
    ],
)
def test_hosts_and_trust_are_told_when_wrong(line: str, told: str) -> None:
    assert told in wrong(f"{PLANT}{line}\n").message


def test_quiet_hours_and_whose_end_is_told() -> None:
    read = config.parse('[notify]\nwhen = "alert"\nquiet = "22:00-07:00"\n[ui]\nwindow_title = false\n', FILE)
    assert (read.notify.when, read.notify.quiet) == ("alert", QuietHours(time(22), time(7)))
    assert not read.ui.window_title
    assert config.parse('[notify]\nquiet = "off"\n', FILE).notify == Notify()


def test_a_wrong_key_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[ui]\ntheme = "ansi"\n[keys]\ndownload = "f3"\nrefresh = "c"\n')
    error = config.wrong_key(file, "refresh", "is the key of cancel")
    assert error.message.startswith(f"{file}:5")
    assert error.message.endswith(": refresh is the key of cancel")


def test_a_label_gives_the_terminal_no_orders() -> None:
    read = config.parse(
        '[connections.plant]\nvendor = "octoplant"\nbase_url = "https://h"\nusername = "u"\nlabel = "\\u001b[2J"', FILE
    )
    assert read.connection("plant").label == "␛[2J"
