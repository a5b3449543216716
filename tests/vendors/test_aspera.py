"""Aspera: which calls are made, in which format, and where the login goes (dossier sections 3, 4 and 8, trap 1)."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
import pytest

from tests.vendors.fakes import FakeSession, secrets_of
from tui.errors import AskError
from tui.model import Connection, JobState, Output, OutputKind, ProblemKind, Reference
from tui.vendors.aspera import VENDOR
from tui.vendors.contract import Cancels, Reveals, Vendor

BASE = "https://orchestrator.example/aspera/orchestrator"
FASP = "fasp://faspex@fx.example:33001/Box - 0f6b/a?token=ATM3_inv==&cookie=c1"
OUTPUTS = f"""<work_order_output>
 <variable><step_name>Package clip</step_name><name>clip</name><type>string</type><value>/m/a.mov</value></variable>
 <variable><step_name>Package clip</step_name><name>proxy</name><type>string</type>
  <value>https://files.example/d/a%20b.zip?sig=1</value></variable>
 <variable><name>own</name><value>{BASE}/files/a.zip</value></variable>
 <variable><name>package</name><value><![CDATA[{FASP}]]></value></variable>
</work_order_output>"""

Answer = httpx.Response | Exception


def order(status: str) -> httpx.Response:
    return httpx.Response(200, json={"work_order": {"id": 7100, "name": "Ingest 07", "status": status}})


def step(status: str, outputs: object = ()) -> httpx.Response:
    fields = {"id": 51201, "workStepName": "Package clip", "status": status}
    return httpx.Response(200, json={"work_step": fields, "outputs": outputs})


def session_of(answers: Mapping[str, Answer], base: str = BASE, **options: str) -> FakeSession:
    """A server that answers each call by its path below `api/`."""

    def handler(request: httpx.Request) -> httpx.Response:
        answer = answers[request.url.path.rpartition("/api/")[2]]
        if isinstance(answer, Exception):
            raise answer
        return answer

    connection = Connection("orc", "aspera", base, {"username": "ops", "auth": "basic", **options})
    return FakeSession(VENDOR, connection, secrets_of("orc", password="p"), handler)


def calls(session: FakeSession) -> list[str]:
    return [f"{request.method} {request.url.raw_path.decode().rpartition('/api/')[2]}" for request in session.sent]


def test_it_is_a_vendor_that_cancels_and_reveals() -> None:
    vendor: Vendor = VENDOR
    assert isinstance(vendor, Cancels)
    assert isinstance(vendor, Reveals)


@pytest.mark.parametrize("base", [BASE, BASE + "/"])
@pytest.mark.parametrize(
    ("ref", "call"),
    [
        ("7100", "work_order_status/7100?format=json"),
        (
            "7100/Package clip",
            "work_step_status/work_order?work_order_id=7100&step_name=Package+clip&format=json",
        ),
        ("step:51201", "work_step_status/51201?format=json"),
    ],
)
async def test_each_reference_is_asked_by_one_call(base: str, ref: str, call: str) -> None:
    path = call.partition("?")[0]
    session = session_of({path: order("In Progress") if ref == "7100" else step("In Progress")}, base)
    snapshot = await VENDOR.ask(session, Reference(ref))
    assert snapshot.state is JobState.RUNNING
    assert calls(session) == [f"GET {call}"]
    assert session.sent[0].url.path.startswith("/aspera/orchestrator/api/")


async def test_json_may_be_asked_for_by_a_header() -> None:
    session = session_of({"work_order_status/7100": order("In Progress")}, format="header")
    await VENDOR.ask(session, Reference("7100"))
    assert calls(session) == ["GET work_order_status/7100"]
    assert session.sent[0].headers["accept"] == "application/json"


async def test_xml_is_taken_where_json_was_asked_for() -> None:
    xml = httpx.Response(200, text='<work_order id="7100"><status state="Paused"/></work_order>')
    snapshot = await VENDOR.ask(session_of({"work_order_status/7100": xml}), Reference("7100"))
    assert snapshot.state is JobState.WAITING


# Outputs


async def test_a_complete_order_is_asked_for_its_outputs_in_xml() -> None:
    session = session_of(
        {"work_order_status/7100": order("Complete"), "work_order_output/7100": httpx.Response(200, text=OUTPUTS)}
    )
    snapshot = await VENDOR.ask(session, Reference("7100"))
    assert calls(session) == ["GET work_order_status/7100?format=json", "GET work_order_output/7100"]
    assert [(output.name, output.kind) for output in snapshot.outputs] == [
        ("clip", OutputKind.PATH),
        ("proxy", OutputKind.FILE),
        ("own", OutputKind.FILE),
        ("package", OutputKind.LINK),
    ]
    assert "ATM3_inv" not in repr(snapshot)


@pytest.mark.parametrize("status", ["In Progress", "Failed", "Error", "Canceled", "Canceling", "Inactive", "Odd"])
async def test_only_a_complete_order_is_asked_for_its_outputs(status: str) -> None:
    session = session_of({"work_order_status/7100": order(status)})
    assert (await VENDOR.ask(session, Reference("7100"))).outputs == ()


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(404, text="Couldn't find outputs"),
        httpx.Response(500, text="undefined method\nstack"),
        httpx.Response(200, html="<html>login</html>"),
        httpx.Response(403),
    ],
)
async def test_a_success_is_told_even_when_its_outputs_cannot_be_listed(answer: httpx.Response) -> None:
    session = session_of({"work_order_status/7100": order("Complete"), "work_order_output/7100": answer})
    snapshot = await VENDOR.ask(session, Reference("7100"))
    assert snapshot.state is JobState.SUCCEEDED
    assert snapshot.notice is not None
    assert snapshot.notice.startswith("the outputs could not be read: ")


@pytest.mark.parametrize("answer", [httpx.Response(429), httpx.Response(503), httpx.ConnectError("no")])
async def test_outputs_that_may_come_later_are_waited_for(answer: Answer) -> None:
    session = session_of({"work_order_status/7100": order("Complete"), "work_order_output/7100": answer})
    with pytest.raises(AskError):
        await VENDOR.ask(session, Reference("7100"))


async def test_a_web_address_is_fetched_without_the_login_unless_it_is_the_servers_own() -> None:
    session = session_of({"work_order_output/7100": httpx.Response(200, text=OUTPUTS)})
    (link,) = await VENDOR.resolve(session, Reference("7100"), Output("proxy"))
    assert (link.url, link.signed_in, link.file_name) == ("https://files.example/d/a%20b.zip?sig=1", False, "a b.zip")
    (link,) = await VENDOR.resolve(session, Reference("7100"), Output("own"))
    assert (link.url, link.signed_in, link.file_name) == (f"{BASE}/files/a.zip", True, "a.zip")
    assert link.is_zip


@pytest.mark.parametrize("url", ["http://orchestrator.example/a.zip", "https://orchestrator.example:8443/a.zip"])
async def test_another_scheme_or_port_is_another_server(url: str) -> None:
    answer = step("Complete", [{"name": "file", "type": "string", "value": url}])
    (link,) = await VENDOR.resolve(
        session_of({"work_step_status/51201": answer}), Reference("step:51201"), Output("file")
    )
    assert not link.signed_in


async def test_reveal_asks_anew_and_gives_the_link_as_it_came() -> None:
    answer = step("Complete", [{"name": "package", "type": "string", "value": FASP}])
    answers = {"work_step_status/work_order": answer, "work_order_output/7100": httpx.Response(200, text=OUTPUTS)}
    session = session_of(answers)
    package = Output("package", OutputKind.LINK)
    assert await VENDOR.reveal(session, Reference("7100/Package clip"), package) == FASP
    assert await VENDOR.reveal(session, Reference("7100"), package) == FASP
    assert len(session.sent) == 2


@pytest.mark.parametrize("name", ["clip", "package", "missing"])
async def test_what_is_no_web_address_is_not_downloaded(name: str) -> None:
    session = session_of({"work_order_output/7100": httpx.Response(200, text=OUTPUTS)})
    with pytest.raises(AskError, match=name):
        await VENDOR.resolve(session, Reference("7100"), Output(name))


# Cancel


@pytest.mark.parametrize(
    ("ref", "answers", "expected"),
    [
        (
            "7100",
            {"work_order_status/7100": order("In Progress"), "work_order_cancel/7100": order("Canceling")},
            ["work_order_status/7100", "work_order_cancel/7100"],
        ),
        (
            "7100/approve",
            {"work_step_status/work_order": step("In Progress"), "work_step_cancel/51201": step("Canceling")},
            ["work_step_status/work_order", "work_step_cancel/51201"],
        ),
        (
            "step:51201",
            {"work_step_status/51201": step("Resting"), "work_step_cancel/51201": step("Canceled")},
            ["work_step_status/51201", "work_step_cancel/51201"],
        ),
    ],
)
async def test_a_cancel_is_sent_once_after_a_look(ref: str, answers: Mapping[str, Answer], expected: list[str]) -> None:
    session = session_of(answers)
    await VENDOR.cancel(session, Reference(ref))
    assert [request.url.path.rpartition("/api/")[2] for request in session.sent] == expected


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ReadTimeout("late"),
        httpx.Response(500, text="boom"),
        httpx.Response(401),
        httpx.Response(200, html="<html>login</html>"),
        httpx.Response(200, json={"error": "not allowed"}),
    ],
)
async def test_trap_1_a_cancel_is_never_sent_twice(answer: Answer) -> None:
    session = session_of({"work_order_status/7100": order("In Progress"), "work_order_cancel/7100": answer})
    with pytest.raises(AskError):
        await VENDOR.cancel(session, Reference("7100"))
    assert len(session.sent) == 2


async def test_what_is_over_is_not_cancelled() -> None:
    session = session_of({"work_order_status/7100": order("Complete")})
    with pytest.raises(AskError, match="over already: Complete"):
        await VENDOR.cancel(session, Reference("7100"))


async def test_a_step_without_an_id_cannot_be_cancelled() -> None:
    nameless = httpx.Response(200, json={"work_step": {"status": "In Progress"}})
    with pytest.raises(AskError, match="no id"):
        await VENDOR.cancel(session_of({"work_step_status/work_order": nameless}), Reference("7100/approve"))


# Probe


async def test_the_probe_is_a_call_that_needs_the_login() -> None:
    session = session_of({"workflows_list": httpx.Response(200, json={"workflows": {"workflow": []}})})
    assert (await VENDOR.probe(session)).startswith("signed in; ")
    assert "authorization" in session.sent[0].headers


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(200, html="<html>login</html>"), ProblemKind.BAD_REPLY),
        (httpx.Response(200, json={"other": 1}), ProblemKind.BAD_REPLY),
        (httpx.Response(401, html="<html>401</html>"), ProblemKind.AUTH),
        (httpx.Response(404, html="<html>Not Found</html>"), ProblemKind.BAD_REPLY),
    ],
)
async def test_trap_11_a_login_page_is_not_health(answer: httpx.Response, kind: ProblemKind) -> None:
    with pytest.raises(AskError) as caught:
        await VENDOR.probe(session_of({"workflows_list": answer}))
    assert caught.value.kind is kind
