"""Aspera: lists of work orders, sub-workflows, hashes, links handed over (dossier sections 4 to 8, traps 8, 9)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vendors.fakes import FakeSession, secrets_of
from tui.errors import AskError, UsageError
from tui.model import Connection, JobState, ProblemKind, Reference
from tui.vendors.aspera import VENDOR, Orchestrator
from tui.vendors.aspera.follow import MOST_CHILDREN
from tui.vendors.aspera.link import read_link
from tui.vendors.aspera.lists import MOST_WORKFLOWS
from tui.vendors.contract import Discovers, Discovery, HandsOver

BASE = "https://orchestrator.example/aspera/orchestrator"
SINCE = datetime(2026, 3, 1, tzinfo=UTC)

Told = httpx.Response | dict[str, Any] | str


def session_of(answers: Mapping[str, Told], **options: str) -> FakeSession:
    """A server that answers each call by its path below `api/`; other calls get a 404."""

    def handle(request: httpx.Request) -> httpx.Response:
        answer = answers.get(request.url.path.rpartition("/api/")[2], httpx.Response(404))
        if isinstance(answer, httpx.Response):
            return answer
        return httpx.Response(200, text=answer) if isinstance(answer, str) else httpx.Response(200, json=answer)

    connection = Connection("orc", "aspera", BASE, {"username": "ops", "auth": "basic", **options})
    return FakeSession(VENDOR, connection, secrets_of("orc", password="p"), handle)


def calls(session: FakeSession) -> list[str]:
    return [request.url.path.rpartition("/api/")[2] for request in session.sent]


# Work orders that ran lately

WORKFLOWS: dict[str, Any] = {"workflows": {"workflow": [{"id": "44", "name": "Ingest"}, {"id": 45}, {"name": "none"}]}}


def listed(number: int, day: int | None, **more: object) -> dict[str, object]:
    times = {} if day is None else {"created_at": "2026-02-01 10:00:00", "updated_at": f"2026-03-{day:02} 10:00:00"}
    return {"id": number, "name": f"Order {number}", "status": "Complete", **times, **more}


async def test_the_latest_orders_of_all_workflows_come_first() -> None:
    session = session_of(
        {
            "workflows_list": WORKFLOWS,
            "work_orders_list/44": {"work_orders": [listed(1, 2), listed(2, None), listed(3, 4)]},
            "work_orders_list/45": {"work_orders": {"work_order": listed(4, 3)}},
        }
    )
    assert isinstance(VENDOR, Discovers)
    found = await VENDOR.discover(session, SINCE)
    assert [one.reference.id for one in found] == ["3", "4", "1", "2"]
    assert found[0] == Discovery(Reference("3"), "Order 3", datetime(2026, 3, 4, 10, tzinfo=UTC))
    late = await VENDOR.discover(session, datetime(2026, 3, 4, tzinfo=UTC))
    assert [one.reference.id for one in late] == ["3", "2"]


async def test_the_lists_may_be_xml() -> None:
    times = "<timestamps><created_at>2026-03-02 10:00:00 UTC</created_at></timestamps>"
    session = session_of(
        {
            "workflows_list": '<workflows><workflow id="44"/><workflow><id>45</id></workflow></workflows>',
            "work_orders_list/44": f'<work_orders><work_order id="7"><name>a</name>{times}</work_order></work_orders>',
            "work_orders_list/45": "<work_orders/>",
        }
    )
    (one,) = await VENDOR.discover(session, SINCE)
    assert one == Discovery(Reference("7"), "a", datetime(2026, 3, 2, 10, tzinfo=UTC))


async def test_a_workflow_that_may_not_be_seen_hides_no_other() -> None:
    answers: dict[str, Told] = {
        "workflows_list": WORKFLOWS,
        "work_orders_list/44": httpx.Response(403),
        "work_orders_list/45": {"work_orders": [listed(4, 3)]},
    }
    assert len(await VENDOR.discover(session_of(answers), SINCE)) == 1
    answers["work_orders_list/45"] = httpx.Response(403)
    with pytest.raises(AskError, match="forbids"):
        await VENDOR.discover(session_of(answers), SINCE)
    answers["work_orders_list/45"] = httpx.Response(503)
    with pytest.raises(AskError, match="503"):
        await VENDOR.discover(session_of(answers), SINCE)


async def test_the_lists_are_bounded_and_may_be_chosen() -> None:
    many = {"workflows": {"workflow": [{"id": number} for number in range(1, 200)]}}
    answers: dict[str, Told] = {f"work_orders_list/{number}": {"work_orders": []} for number in range(1, 200)}
    session = session_of({**answers, "workflows_list": many})
    assert await VENDOR.discover(session, SINCE) == ()
    assert len(session.sent) == 1 + MOST_WORKFLOWS
    chosen = session_of(answers, workflows="44, 45")
    await VENDOR.discover(chosen, SINCE)
    assert calls(chosen) == ["work_orders_list/44", "work_orders_list/45"]


@pytest.mark.parametrize("answer", [{"other": 1}, "<html>login</html>", "<login/>"])
async def test_trap_11_a_login_page_is_no_list(answer: Told) -> None:
    with pytest.raises(AskError) as caught:
        await VENDOR.discover(session_of({"workflows_list": answer}), SINCE)
    assert caught.value.kind is ProblemKind.BAD_REPLY


# Sub-workflows


def parent(status: str = "In Progress", kind: str = "SubWorkflow", count: int = 1) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"id": 1, "workStepName": "Probe", "step_type": "MediaInfo", "status": "Complete"}]
    steps += [{"id": 10 + n, "workStepName": f"Run {n}", "step_type": kind, "status": status} for n in range(count)]
    return {"work_order": {"id": 7100, "status": "In Progress", "work_steps": steps}}


def child(details: str = "Executing") -> dict[str, Any]:
    steps = [{"id": 90, "workStepName": "Copy"}, {"id": 91, "workStepName": "approve", "status": "In Progress"}]
    steps[1]["statusDetails"] = details
    return {"work_order": {"id": 7200, "status": "In Progress", "work_steps": steps}}


def sub_step(value: object = 7200, name: str = "work_order_id") -> dict[str, Any]:
    fields = {"id": 10, "step_type": "Sub-Workflow", "workStepName": "Run 0", "status": "In Progress"}
    return {"work_step": fields, "outputs": [{"name": name, "type": "int", "value": value}]}


async def test_the_steps_of_a_sub_workflow_stand_below_its_step() -> None:
    answers: dict[str, Told] = {"work_order_status/7100": parent(), "work_step_status/10": sub_step()}
    session = session_of({**answers, "work_order_status/7200": child("Awaiting user input: ok?")})
    snapshot = await VENDOR.ask(session, Reference("7100"))
    assert [stage.name for stage in snapshot.stages] == ["Probe", "Run 0", "Run 0 / Copy", "Run 0 / approve"]
    assert snapshot.notice == "Run 0 / approve: Awaiting user input: ok?"
    assert calls(session) == ["work_order_status/7100", "work_step_status/10", "work_order_status/7200"]
    alone = await VENDOR.ask(session_of({**answers, "work_order_status/7200": child()}), Reference("step:10"))
    assert [stage.name for stage in alone.stages] == ["Copy", "approve"]


@pytest.mark.parametrize(
    ("answers", "options"),
    [
        ({"work_order_status/7100": parent("Inactive")}, {}),
        ({"work_order_status/7100": parent(kind="Transcode")}, {}),
        ({"work_order_status/7100": parent()}, {}),
        ({"work_order_status/7100": parent()}, {"child_output": "off"}),
        ({"work_order_status/7100": parent(), "work_step_status/10": sub_step("none")}, {}),
        ({"work_order_status/7100": parent(), "work_step_status/10": sub_step(name="child")}, {}),
        ({"work_order_status/7100": parent(), "work_step_status/10": sub_step()}, {}),
        ({"work_order_status/7100": parent(), "work_step_status/10": httpx.Response(503)}, {}),
    ],
)
async def test_a_child_that_cannot_be_read_is_left_out(answers: dict[str, Told], options: dict[str, str]) -> None:
    snapshot = await VENDOR.ask(session_of(answers, **options), Reference("7100"))
    assert [stage.name for stage in snapshot.stages] == ["Probe", "Run 0"]
    assert snapshot.state is JobState.RUNNING


async def test_the_output_that_names_the_child_is_a_setting() -> None:
    answers: dict[str, Told] = {"work_order_status/7100": parent(), "work_step_status/10": sub_step(name="kid")}
    session = session_of({**answers, "work_order_status/7200": child()}, child_output="kid")
    assert len((await VENDOR.ask(session, Reference("7100"))).stages) == 4


@pytest.mark.parametrize(("status", "kind"), [(401, ProblemKind.AUTH), (429, ProblemKind.RATE_LIMITED)])
async def test_a_refused_login_is_told_all_the_same(status: int, kind: ProblemKind) -> None:
    answers: dict[str, Told] = {"work_order_status/7100": parent(), "work_step_status/10": httpx.Response(status)}
    with pytest.raises(AskError) as caught:
        await VENDOR.ask(session_of(answers), Reference("7100"))
    assert caught.value.kind is kind


async def test_only_some_children_are_followed() -> None:
    session = session_of({"work_order_status/7100": parent(count=20)})
    await VENDOR.ask(session, Reference("7100"))
    assert len(session.sent) == 1 + MOST_CHILDREN


# Hashes

RUBY = """{'Disk A' => {"node"=>"a=>1", "free_kb"=>"90"}}"""
VARIABLES = f"""<work_order_output>
 <variable><step_name>Check</step_name><name>disks</name><type>hash</type>
  <value>{RUBY.replace(">", "&gt;")}</value></variable>
 <variable><step_name>Check</step_name><name>Step_information</name><type>hash</type><value>{{}}</value></variable>
</work_order_output>"""
ORDER = {"work_order": {"id": 7100, "status": "Complete", "work_steps": [{"id": 11, "workStepName": "Check"}]}}


async def test_trap_9_a_hash_is_asked_for_as_json() -> None:
    disks = {"Disk A": {"node": "a=>1", "token": "s3cret"}}
    answers: dict[str, Told] = {"work_order_status/7100": ORDER, "work_order_output/7100": VARIABLES}
    session = session_of({**answers, "work_step_status/11.json": disks})
    snapshot = await VENDOR.ask(session, Reference("7100"))
    assert snapshot.outputs[0].value == '{"Disk A": {"node": "a=>1", "token": "***"}}'
    assert calls(session)[2:] == ["work_step_status/11.json"]
    assert dict(session.sent[2].url.params) == {"output_name": "disks"}


@pytest.mark.parametrize(
    "answer",
    [httpx.Response(404), httpx.Response(500, text="boom"), "<html>login</html>", httpx.Response(200, json=[1])],
)
async def test_trap_9_without_json_the_ruby_text_is_shown_and_never_evaluated(answer: Told) -> None:
    answers: dict[str, Told] = {"work_order_status/7100": ORDER, "work_order_output/7100": VARIABLES}
    snapshot = await VENDOR.ask(session_of({**answers, "work_step_status/11.json": answer}), Reference("7100"))
    assert (snapshot.state, snapshot.notice) == (JobState.SUCCEEDED, None)
    assert snapshot.outputs[0].value == RUBY


async def test_a_steps_own_hash_is_asked_for_too() -> None:
    step: dict[str, Any] = {"work_step": {"id": 11, "status": "Complete"}}
    step["outputs"] = [{"name": "disks", "type": "hash", "value": RUBY}]
    session = session_of({"work_step_status/11": step, "work_step_status/11.json": {"a": 1}})
    assert (await VENDOR.ask(session, Reference("step:11"))).outputs[0].value == '{"a": 1}'


# Links handed over

FASP = "fasp://faspex@fx.example:33001/Box - 0f6b/PKG+a?token=AT+M3/x==&cookie=c%2B1"


def test_trap_8_a_link_is_taken_apart_by_hand() -> None:
    told = read_link(FASP)
    assert (told.is_faspex, told.user, told.host, told.port) == (False, "faspex", "fx.example", 33001)
    assert told.path == "/Box - 0f6b/PKG+a"
    assert told.token.reveal() == "AT+M3/x=="
    assert told.cookie is not None
    assert told.cookie.reveal() == "c+1"
    plain = read_link("FASPE://h/a%20b?cookie=&token=T")
    assert (plain.is_faspex, plain.user, plain.port, plain.path, plain.cookie) == (True, "xfer", 33001, "/a b", None)


def test_ascli_gets_the_secrets_by_its_environment() -> None:
    assert isinstance(VENDOR, HandsOver)
    assert VENDOR.programs == ("ascli", "ascp")
    done = VENDOR.hand_over(FASP, "ascli", Path("/d/x y"))
    assert done.argv == (
        "ascli",
        "server",
        "--url=ssh://fx.example:33001",
        "--username=faspex",
        "--ts=@json:@env:TS",
        "download",
        "/Box - 0f6b/PKG+a",
        "--to-folder=/d/x y",
    )
    assert {name: json.loads(value.reveal()) for name, value in done.environ.items()} == {
        "TS": {"token": "AT+M3/x==", "cookie": "c+1"}
    }
    assert "AT+M3" not in repr(done)


def test_a_faspex_link_is_received_by_ascli_itself() -> None:
    link = "faspe://u@h:33001/p?token=T0ken"
    done = VENDOR.hand_over(link, "ascli", Path("/d"))
    assert done.argv == ("ascli", "faspex", "package", "recv", "--link=@env:JOBDECK_LINK", "--to-folder=/d")
    assert done.environ["JOBDECK_LINK"].reveal() == link


def test_ascp_gets_the_path_in_a_list_and_the_token_by_its_environment(tmp_path: Path) -> None:
    vendor = Orchestrator((tmp_path / "none", tmp_path))
    with pytest.raises(UsageError, match="aspera_tokenauth_id_rsa"):
        vendor.hand_over(FASP, "ascp", Path("/d"))
    key = tmp_path / "aspera_tokenauth_id_rsa"
    key.write_text("key")
    done = vendor.hand_over(FASP, "ascp", Path("/d"))
    (listed,) = done.files
    assert done.files == {listed: "/Box - 0f6b/PKG+a\n"}
    assert listed.parent == Path("/d")
    assert " ".join(done.argv) == (
        f"ascp -i {key} -d --mode recv --host fx.example --user faspex -k 2 -P 33001 --dest64 "
        f"--file-list={listed} {base64.b64encode(b'/d').decode()}"
    )
    assert {name: value.reveal() for name, value in done.environ.items()} == {
        "ASPERA_SCP_TOKEN": "AT+M3/x==",
        "ASPERA_SCP_COOKIE": "c+1",
    }


@pytest.mark.parametrize(
    "link",
    [
        "https://h/p?token=T0ken",
        "fasp://h?token=T0ken",
        "fasp:///p?token=T0ken",
        "fasp://h/p",
        "fasp://h/p?cookie=T0ken",
        "fasp://@ruby:exit@h/p?token=T0ken",
        "fasp://-oProxyCommand=x@h/p?token=T0ken",
        "fasp://u@-h/p?token=T0ken",
        "fasp://u@h:0/p?token=T0ken",
        "fasp://u@h:99999/p?token=T0ken",
        "fasp://u@h/a\nb?token=T0ken",
        "fasp://u@h/%00?token=T0ken",
        "",
    ],
)
def test_a_link_that_no_command_can_be_made_of_is_refused(link: str) -> None:
    with pytest.raises(UsageError) as caught:
        VENDOR.hand_over(link, "ascli", Path("/d"))
    assert caught.value.hint
    assert "T0ken" not in str(caught.value)


@given(
    st.text() | st.text().map(lambda text: f"fasp://{text}") | st.text().map(lambda text: f"fasp://u@h/{text}?token=1")
)
def test_nothing_of_a_link_becomes_an_option_or_a_text_to_run(link: str) -> None:
    try:
        told = read_link(link)
    except UsageError:
        return
    assert told.path.startswith("/")
    assert told.user[0] not in "-@"
    assert told.host[0] not in "-@"
    assert told.path.isprintable() or "%" in link
