"""From a text to a connection and a job: every form of CONTRACT section 2, and no secret that comes along."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.clock import FakeClock
from tests.engine.five import SECRETS, five
from tui.engine.engine import Engine, Surroundings
from tui.engine.facts.jobs import TrackWish
from tui.errors import ConfigError, UsageError
from tui.text import is_safe_line

ITEM = "0f3c1c9e6a414f0f8f5f0c2f7d1e3a55"
ORDER = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
DATA = "/data-federation/v2.0/channels/read/ch-1/download/t-1"
ORCHESTRATOR = "https://orchestrator.example/aspera/orchestrator/api"
STATUS = "https://ees.example/asyncStatus/Zm9v"
PLANT = "https://localhost:64023/v1/order"


@pytest.fixture
async def engine(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Engine]:
    engine = Engine(five(), tmp_path / "board.sqlite", Surroundings(clock=clock, environ=SECRETS))
    await engine.open()
    yield engine
    await engine.close()


def on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


FORMS = [
    (ITEM, "aps", ITEM),
    (f"https://developer.api.autodesk.com/da/us-east/v3/workitems/{ITEM}", "aps", ITEM),
    (json.dumps({"status": "pending", "id": ITEM}), "aps", ITEM),
    ("ch-1/t-1", "windfarm", "ch-1/t-1"),
    (f"https://gateway.example{DATA}/status?orgId=o9", "windfarm", "ch-1/t-1"),
    (f"https://gateway.example{DATA}/data?orgId=o9", "windfarm", "ch-1/t-1"),
    ("7100", "orchestrator", "7100"),
    ("7100/Package clip", "orchestrator", "7100/Package clip"),
    ("step:51201", "orchestrator", "step:51201"),
    (f"{ORCHESTRATOR}/work_order_status/7100?login=ops&password=canary", "orchestrator", "7100"),
    (f"{ORCHESTRATOR}/work_step_status/51201", "orchestrator", "step:51201"),
    (STATUS, "sourcing", "Zm9v"),
    (json.dumps({"statusUrl": STATUS, "expiresInSeconds": 60}), "sourcing", "Zm9v"),
    (ORDER, "plant", ORDER),
    (f"{PLANT}/{ORDER}", "plant", ORDER),
    (f"{PLANT}/{ORDER}/download", "plant", ORDER),
    (json.dumps({"name": ORDER, "done": False, "metadata": {"state": "STATE_PENDING"}}), "plant", ORDER),
]


@pytest.mark.parametrize(("text", "connection", "id_"), FORMS)
async def test_every_form_finds_its_connection(engine: Engine, text: str, connection: str, id_: str) -> None:
    found = engine.asking.find(TrackWish(text))
    assert (found.connection.name, found.reference.id) == (connection, id_)
    assert engine.asking.find(TrackWish(text, connection=connection)) == found
    assert "canary" not in repr(found)


@pytest.mark.parametrize(
    ("text", "connection", "id_"), [form for form in FORMS if "://" in form[0] and form[0][0] != "{"]
)
async def test_every_url_may_come_in_a_curl_command_whose_secrets_go_nowhere(
    engine: Engine, tmp_path: Path, text: str, connection: str, id_: str
) -> None:
    url = text.replace("://", "://ops:canary1@") + ("&" if "?" in text else "?") + "password=canary2&api_key=canary3"
    command = (
        f"curl -X POST '{url}' -H 'Authorization: Bearer canary4' -H 'X-API-Key: canary5' -u ops:canary6 "
        f"-H 'apim-accesstoken: canary7' --cookie 's=canary8' --data '{{\"password\": \"canary9\"}}'"
    )
    job = await engine.asking.track(TrackWish(command, check=False))
    assert job.key == f"{connection}:{id_}"
    assert "canary" not in repr(job)
    await engine.store.events(job.key)
    assert b"canary" not in on_disk(tmp_path)


async def test_without_a_connection_nothing_is_found(tmp_path: Path, clock: FakeClock) -> None:
    from tui.config import Config  # noqa: PLC0415

    engine = Engine(Config(), tmp_path / "board.sqlite", Surroundings(clock=clock))
    with pytest.raises(UsageError, match="no connection yet"):
        engine.asking.find(TrackWish(ITEM))
    await engine.close()


async def test_an_unknown_connection_is_told(engine: Engine) -> None:
    with pytest.raises(ConfigError, match="no connection named nowhere"):
        engine.asking.find(TrackWish(ITEM, connection="nowhere"))


async def test_a_host_that_is_nobodys_is_told(engine: Engine) -> None:
    with pytest.raises(UsageError, match=r"host evil\.example is not that of"):
        engine.asking.find(TrackWish(f"https://evil.example/v1/order/{ORDER}"))
    with pytest.raises(UsageError, match=r"host localhost is not that of aps"):
        engine.asking.find(TrackWish(f"{PLANT}/{ORDER}", connection="aps"))


async def test_a_data_url_may_name_a_host_behind_the_gateway(engine: Engine) -> None:
    """EnOS tells such addresses itself; nothing is asked there, and no other URL of that host is taken."""
    url = "http://10.27.1.9:8080/channels/read/ch-1/download/t-1/data?orgId=o9"
    assert engine.asking.find(TrackWish(url)) == engine.asking.find(TrackWish(url, connection="windfarm"))
    found = engine.asking.find(TrackWish(url))
    assert (found.connection.name, found.reference.id, found.reference.url) == ("windfarm", "ch-1/t-1", url)
    with pytest.raises(UsageError, match=r"host 10\.27\.1\.9 is not that of"):
        engine.asking.find(TrackWish(url.replace("/data", "/status")))


@pytest.mark.parametrize(("connection", "text"), [("plant", "export 17"), ("plant", ".."), ("aps", "status")])
async def test_what_can_be_no_id_is_told_even_with_its_connection(engine: Engine, connection: str, text: str) -> None:
    with pytest.raises(UsageError, match="names no job"):
        engine.asking.find(TrackWish(text, connection=connection))


@pytest.mark.parametrize(
    ("connection", "text"), [("plant", "Nightly_17"), ("aps", "Nightly_17"), ("windfarm", "71/Nightly_17")]
)
async def test_with_its_connection_an_id_may_look_like_any(engine: Engine, connection: str, text: str) -> None:
    assert engine.asking.find(TrackWish(text, connection=connection)).reference.id == text


async def test_without_its_connection_an_id_must_look_like_one(engine: Engine) -> None:
    with pytest.raises(UsageError, match="names no job"):
        engine.asking.find(TrackWish("Nightly_17"))
    assert engine.asking.find(TrackWish("71/Nightly_17")).connection.name == "orchestrator"


async def test_outputs_that_are_named_later_come_to_those_before(engine: Engine) -> None:
    await engine.asking.track(TrackWish(ITEM, outputs=("acme-out/a.zip",), check=False))
    wish = TrackWish(ITEM, outputs=("acme-out/b.zip", "acme-out/a.zip"))
    assert engine.asking.find(wish).reference.outputs == ("acme-out/a.zip", "acme-out/b.zip")


async def test_what_names_no_job_is_told(engine: Engine) -> None:
    for text in ("what is this", "https://ees.example/", "{}", "[1, 2]", '{"a": "https://evil.example/asyncStatus/x"}'):
        with pytest.raises(UsageError):
            engine.asking.find(TrackWish(text))


async def test_when_several_fit_they_are_named(tmp_path: Path, clock: FakeClock) -> None:
    second = '[connections.plant2]\nvendor = "octoplant"\nbase_url = "https://other.example"\nusername = "v"\n'
    engine = Engine(five(second), tmp_path / "board.sqlite", Surroundings(clock=clock))
    with pytest.raises(UsageError, match="several connections fit: plant, plant2") as caught:
        engine.asking.find(TrackWish(ORDER))
    assert "-c CONNECTION" in caught.value.hint
    assert engine.asking.find(TrackWish(ORDER, connection="plant2")).connection.name == "plant2"
    assert engine.asking.find(TrackWish(f"https://other.example/v1/order/{ORDER}")).connection.name == "plant2"
    await engine.close()


async def test_what_is_meant_for_a_vendor_but_wrong_says_what_is_wrong(engine: Engine) -> None:
    with pytest.raises(UsageError, match="does not name one"):
        engine.asking.find(TrackWish(PLANT))


async def test_outputs_and_an_end_can_be_said(engine: Engine, clock: FakeClock) -> None:
    found = engine.asking.find(TrackWish(ITEM, outputs=("acme-out/a.zip",), expires_in=60))
    assert found.reference.outputs == ("acme-out/a.zip",)
    assert found.reference.expires_at is not None
    assert (found.reference.expires_at - clock.now()).total_seconds() == 60
    with pytest.raises(UsageError, match="names its outputs itself"):
        engine.asking.find(TrackWish(ORDER, outputs=("x",)))


@pytest.mark.parametrize("seconds", [0, -1, 1e30, float("nan"), float("inf")])
async def test_an_end_that_no_clock_knows_is_refused(engine: Engine, seconds: float) -> None:
    with pytest.raises(UsageError, match="seconds until it expires"):
        engine.asking.find(TrackWish(ITEM, expires_in=seconds))


async def test_a_title_is_made_harmless(engine: Engine) -> None:
    job = await engine.asking.track(TrackWish(ITEM, title="mine\x1b[2J" + "x" * 900, check=False))
    assert job.title.startswith("mine␛[2J")
    assert len(job.title) == 200


ODD_IDS = [
    (json.dumps({"name": "\x1b[31mjob-1", "done": True, "metadata": {}}), "plant"),
    (json.dumps({"name": "job\u202e1", "done": True, "metadata": {}}), "plant"),
    (json.dumps({"name": "job\n1", "done": True, "metadata": {}}), "plant"),
    (json.dumps({"name": "x" * 9000, "done": True, "metadata": {}}), "plant"),
    (f"{PLANT}/%1b%5b31mjob", "plant"),
    (f"{STATUS}\u202e", "sourcing"),
]


@pytest.mark.parametrize(("text", "connection"), ODD_IDS)
async def test_no_job_is_let_in_whose_id_a_terminal_would_obey(engine: Engine, text: str, connection: str) -> None:
    with pytest.raises(UsageError, match="no job has such an id") as caught:
        engine.asking.find(TrackWish(text, connection=connection))
    assert str(caught.value).isprintable()


pieces = st.sampled_from(
    [
        *(
            "curl ",
            "-d ",
            "-H ",
            "'",
            '"',
            "https://",
            "localhost:64023",
            "/v1/order/",
            ORDER,
            ITEM,
            "{",
            "}",
            "[",
            "]",
        ),
        *("ees.example", "/asyncStatus/", "%", "%2F", "?", "&", "#", "@", ":", "step:", "7100", "/", "\\", " ", "\n"),
        *("orchestrator.example/aspera/orchestrator/api/work_order_status/", "gateway.example", DATA, '"name"', ","),
        *("é", "\x00", "\udcff"),
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(st.lists(pieces | st.text(max_size=6), max_size=9).map("".join))
async def test_no_text_ends_in_another_error(engine: Engine, text: str) -> None:
    try:
        found = engine.asking.find(TrackWish(text))
    except UsageError:
        return
    assert found.reference.id
    assert is_safe_line(found.reference.id)
