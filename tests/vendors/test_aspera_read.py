"""Aspera: work orders and steps from JSON and XML, and every broken answer (dossier sections 5 to 7, traps 3 to 11)."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vendors.fakes import reply
from tests.vendors.strategies import almost, json_values
from tui.errors import AskError
from tui.model import JobState, OutputKind, ProblemKind, Snapshot, Stage, Stat
from tui.vendors.aspera.document import DEEPEST, LARGEST
from tui.vendors.aspera.outputs import Found
from tui.vendors.aspera.read import read_order, read_order_outputs, read_step, read_taken
from tui.vendors.aspera.run import state_of

FASP = "fasp://faspex@fx.example:33001/Box - 0f6b/PKG - Box?token=ATM3_inv==&cookie=c1"
MASKED = "fasp://faspex@fx.example:33001/Box - 0f6b/PKG - Box?token=***&cookie=***"

STEP_JSON: dict[str, object] = {
    "inputs": [],
    "carry_thrus": [{"name": "clip", "id": 901, "type": "string", "value": "/stage/in/clip07.mov"}],
    "work_step": {
        "workOrder_id": 7100,
        "id": 51201,
        "step_id": 310,
        "workflow_id": 44,
        "group": 7100,
        "workStepName": "Package clip",
        "stepName": None,
        "status": "Complete",
        "statusDetails": "Package accepted",
        "attempt": 1,
        "created_at": "2026-02-03T10:00:01Z",
        "activation_date": "2026-02-03T10:00:02Z",
        "completion_date": "2026-02-03T10:00:09Z",
        "timeout": None,
    },
    "outputs": [
        {"name": "package_id", "id": 902, "type": "string", "value": "0f6b"},
        {"name": "package_post_url", "id": 903, "type": "string", "value": FASP},
    ],
}
STEP_XML = f"""<?xml version="1.0"?>
<Work-step-status><inputs type="array"/>
 <carry-thrus type="array"><carry-thru><name>clip</name><id type="integer">901</id><type>string</type>
  <value>/stage/in/clip07.mov</value></carry-thru></carry-thrus>
 <work-step><workOrder-id type="integer">7100</workOrder-id><stepName nil="true"/>
  <workStepName>Package clip</workStepName>
  <id type="integer">51201</id><step-id type="integer">310</step-id><attempt type="integer">1</attempt>
  <status>Complete</status><statusDetails>Package accepted</statusDetails>
  <created-at type="datetime">2026-02-03T10:00:01Z</created-at>
  <activation-date type="datetime">2026-02-03T10:00:02Z</activation-date>
  <completion-date type="datetime">2026-02-03T10:00:09Z</completion-date></work-step>
 <outputs type="array">
  <output><name>package_id</name><id type="integer">902</id><type>string</type><value>0f6b</value></output>
  <output><name>package_post_url</name><id type="integer">903</id><type>string</type>
  <value><![CDATA[{FASP}]]></value></output></outputs>
</Work-step-status>"""
ORDER_XML = """<work_order time="2026-02-03 10:05:00 UTC" action="status" id="7100" master_id="7100">
 <name>Ingest 07</name><workflow id="44" revision_id="3">Ingest</workflow>
 <status state="In Progress">Executing Step: approve (51202)</status>
 <ownership><initiated_by>ops</initiated_by></ownership><priority dedicated_worker="false">2</priority>
 <timestamps><created_at>2026-02-03 10:00:00 UTC</created_at><initiated_at>2026-02-03 10:00:01 UTC</initiated_at>
  <updated_at>2026-02-03 10:00:09 UTC</updated_at><completed_at/></timestamps>
 <work_steps><work_step id="51201"><name>Package clip</name></work_step></work_steps></work_order>"""


def at(second: int) -> datetime:
    return datetime(2026, 2, 3, 10, 0, second, tzinfo=UTC)


def order_json(**fields: object) -> dict[str, object]:
    order = {"id": 7100, "name": "Ingest 07", "status": "In Progress", "created_at": "2026-02-03 10:00:00", **fields}
    return {"work_order": order}


def order(body: object, status: int = 200, content_type: str = "") -> Snapshot:
    return read_order(reply(body, status, headers={"content-type": content_type}), 7100).snapshot


def outputs(inner: str) -> tuple[Found, ...]:
    return read_order_outputs(reply(f"<work_order_output>{inner}</work_order_output>"))


# Steps


@pytest.mark.parametrize("body", [STEP_JSON, STEP_XML, STEP_XML.replace("Work-step-status", "work_step_status")])
def test_trap_3_a_step_is_the_same_from_json_and_from_xml(body: object) -> None:
    reading = read_step(reply(body), 51201)
    snapshot = reading.snapshot
    assert (snapshot.state, snapshot.vendor_status, snapshot.notice) == (JobState.SUCCEEDED, "Complete", None)
    assert snapshot.title == "Package clip"
    assert (snapshot.submitted_at, snapshot.started_at, snapshot.finished_at) == (at(1), at(2), at(9))
    assert snapshot.stats == (Stat("attempt", 1), Stat("details", "Package accepted"))
    assert [(output.name, output.kind, output.value) for output in snapshot.outputs] == [
        ("package_id", OutputKind.VALUE, "0f6b"),
        ("package_post_url", OutputKind.LINK, MASKED),
    ]
    assert reading.id == 51201


@pytest.mark.parametrize("body", [STEP_JSON, STEP_XML])
def test_the_token_of_a_link_is_kept_from_the_snapshot_and_in_the_reading(body: object) -> None:
    reading = read_step(reply(body))
    assert "ATM3_inv" not in repr(reading)
    assert "c1" not in reading.snapshot.raw
    address = reading.found[1].address
    assert address is not None
    assert address.reveal() == FASP


def test_trap_4_the_id_of_the_run_is_the_one_that_counts() -> None:
    with pytest.raises(AskError, match="asked about 310 and told of 51201"):
        read_step(reply(STEP_JSON), 310)
    with pytest.raises(AskError, match="asked about 1 and told of 7100"):
        read_order(reply(ORDER_XML), 1)


def test_trap_7_one_output_and_none_are_lists_all_the_same() -> None:
    one = {**STEP_JSON, "outputs": {"output": {"name": "a", "type": "string", "value": "b"}}}
    assert [each.output.name for each in read_step(reply(one)).found] == ["a"]
    empty: tuple[object, ...] = (None, [], {}, "", {"output": None})
    for nothing in empty:
        assert read_step(reply({**STEP_JSON, "outputs": nothing})).found == ()
    xml = "<Work-step-status><work-step><status>Complete</status></work-step><outputs/></Work-step-status>"
    assert read_step(reply(xml)).found == ()


def test_a_trigger_step_without_a_status_waits() -> None:
    assert read_step(reply({"work_step": {"id": 1, "status": None}})).snapshot.state is JobState.WAITING
    xml = '<Work-step-status><work-step><status nil="true"/></work-step></Work-step-status>'
    assert read_step(reply(xml)).snapshot.state is JobState.WAITING


def test_a_percentage_is_progress() -> None:
    for told, progress in ((40, 0.4), ("99.5", 0.995), (None, None), ("x", None), (101, None), ("nan", None)):
        assert read_step(reply({"work_step": {"percent_complete": told}})).snapshot.progress == progress


# Work orders


def test_trap_3_a_work_order_from_xml_has_its_state_in_an_attribute() -> None:
    snapshot = order(ORDER_XML)
    assert (snapshot.state, snapshot.vendor_status) == (JobState.RUNNING, "In Progress")
    assert snapshot.title == "Ingest 07"
    assert (snapshot.submitted_at, snapshot.started_at, snapshot.finished_at) == (at(0), at(1), None)
    assert snapshot.stages == (Stage("Package clip"),)
    assert snapshot.stats == (Stat("steps", 1), Stat("details", "Executing Step: approve (51202)"))
    assert "<name>Ingest 07</name>" in snapshot.raw


@pytest.mark.parametrize(
    "status",
    [
        "In Progress",
        {"state": "In Progress"},
        {"state": "In Progress", "text": "x"},
        [{"text": "x"}, {"state": "In Progress"}],
    ],
)
def test_a_json_status_is_a_text_or_an_object(status: object) -> None:
    snapshot = order(order_json(status=status))
    assert (snapshot.state, snapshot.vendor_status) == (JobState.RUNNING, "In Progress")
    assert (snapshot.title, snapshot.submitted_at) == ("Ingest 07", at(0))


def test_steps_are_stages_with_their_times() -> None:
    steps = [{"workStepName": "a", "activation_date": "2026-02-03T10:00:02Z", "completion_date": None}, {"id": 7}]
    for told in (steps, {"work_step": steps}):
        assert order(order_json(work_steps=told)).stages == (Stage("a", at(2)), Stage("step 7"))
    assert order(order_json(work_steps={"work_step": {"name": "b"}})).stages == (Stage("b"),)


def test_of_two_status_elements_the_one_with_a_state_counts() -> None:
    xml = (
        '<work_order id=""><status>plain</status><status state="Canceling" attempt="1"/><work_steps>'
        '<work_step id="1"><name>a</name></work_step></work_steps></work_order>'
    )
    assert order(xml).state is JobState.CANCELLING


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("Complete", JobState.SUCCEEDED),
        ("Failed", JobState.FAILED),
        ("Error", JobState.FAILED),
        ("Canceled", JobState.CANCELLED),
        ("In Progress", JobState.RUNNING),
        ("Canceling", JobState.CANCELLING),
        ("Inactive", JobState.WAITING),
        ("Paused", JobState.WAITING),
        ("Completed", JobState.SUCCEEDED),  # trap 5
        ("Cancelled", JobState.CANCELLED),  # trap 5
        ("cancelling", JobState.CANCELLING),  # trap 5
        ("  in   PROGRESS\n", JobState.RUNNING),
        ("Activating", JobState.UNKNOWN),
        ("Stopped", JobState.UNKNOWN),
        ("", JobState.UNKNOWN),
        (None, JobState.UNKNOWN),
    ],
)
def test_trap_5_each_status_and_its_misspellings(word: str | None, state: JobState) -> None:
    assert state_of(word) is state
    assert order(order_json(status=word)).state is state


def test_an_unknown_status_is_shown_as_it_is_and_is_no_end() -> None:
    snapshot = order(order_json(status="Resting"))
    assert (snapshot.state.is_over, snapshot.vendor_status) == (False, "Resting")
    assert snapshot.notice == "a status that jobdeck does not know; it is asked on"


def test_trap_6_a_failed_step_does_not_fail_the_order() -> None:
    steps = [{"name": "check", "status": "Failed", "statusDetails": "no"}]
    snapshot = order(order_json(status="Complete", work_steps=steps))
    assert (snapshot.state, snapshot.notice) == (JobState.SUCCEEDED, None)
    steps = [{"name": "check", "status": "Complete"}]
    assert order(order_json(work_steps=steps)).state is JobState.RUNNING


@pytest.mark.parametrize("status", ["Failed", "Error"])
def test_a_failure_says_why(status: str) -> None:
    assert order(order_json(status=status, statusDetails="FASPEX refused")).notice == "FASPEX refused"


def test_waiting_for_a_person_is_a_notice() -> None:
    assert order(order_json(statusDetails="Awaiting user input: ok?")).notice == "Awaiting user input: ok?"
    steps = [{"name": "approve", "status": "In Progress", "statusDetails": "Awaiting user input"}]
    assert order(order_json(work_steps=steps)).notice == "approve: Awaiting user input"
    assert order(order_json(status="Complete", work_steps=steps)).notice is None
    xml = ORDER_XML.replace("Executing Step: approve (51202)", "Awaiting user input")
    assert order(xml).notice == "Awaiting user input"


def test_a_reset_order_has_no_end_time() -> None:
    snapshot = order(order_json(status="Inactive", completed_at="2026-02-03 10:00:09"))
    assert snapshot.finished_at is None
    assert order(order_json(status="Complete", completed_at="2026-02-03 10:00:09")).finished_at == at(9)


def test_trap_10_control_characters_become_visible() -> None:
    steps = [{"name": "b\x9b31m"}]
    snapshot = order(order_json(name="a\x1b[31m", statusDetails="c\x07", work_steps=steps))
    assert (snapshot.title, snapshot.stages[0].name) == ("a␛[31m", "b\ufffd31m")
    assert "\x1b" not in repr(snapshot)


# Answers that are no answers


@pytest.mark.parametrize(
    ("body", "status", "kind", "words"),
    [
        ("Couldn't find WorkOrder with ID=7\napp/x.rb:3", 404, ProblemKind.GONE, "Couldn't find WorkOrder with ID=7"),
        ("Couldn't find WorkOrder with ID=7\napp/x.rb:3", 500, ProblemKind.GONE, "(500): Couldn't find"),
        ({"error": "work order not found"}, 200, ProblemKind.GONE, "not found"),
        ({"error": {"description": "no such work order"}}, 400, ProblemKind.GONE, "no such"),
        ("", 404, ProblemKind.GONE, "does not know this job (404)"),
        ({}, 404, ProblemKind.GONE, "does not know this job (404)"),
        ({"error": "unknown work order"}, 404, ProblemKind.GONE, "unknown work order"),
        ({"error": "no license"}, 404, ProblemKind.BAD_REPLY, "nothing at this address (404): no license"),
        ("<html>404 Not Found</html>", 404, ProblemKind.BAD_REPLY, "nothing at this address (404)"),
        ("undefined method `x'\napp/y.rb:1:in `not found'", 500, ProblemKind.UNREACHABLE, "500: undefined method `x'"),
        ({"message": "boom\napp/z.rb"}, 500, ProblemKind.UNREACHABLE, "500: boom"),
        ({"errors": {"base": "bad"}}, 422, ProblemKind.BAD_REPLY, "422, which is not expected here: base: bad"),
        ({"errors": ["a", "b"]}, 422, ProblemKind.BAD_REPLY, "a, b"),
        (
            {"work_order": {"statusDetails": "no src"}, "missing_parameters": ["src"]},
            400,
            ProblemKind.BAD_REPLY,
            "no src",
        ),
        ({"missing_parameters": ["src"]}, 400, ProblemKind.BAD_REPLY, "missing parameters: ['src']"),
        ("<html>401</html>", 401, ProblemKind.AUTH, "refused the credentials (401)"),
        ("not found", 401, ProblemKind.AUTH, "(401)"),
        ("<html>403</html>", 403, ProblemKind.FORBIDDEN, "forbids"),
        ("", 429, ProblemKind.RATE_LIMITED, "fewer"),
        ("", 503, ProblemKind.UNREACHABLE, "503"),
        ("", 302, ProblemKind.BAD_REPLY, "elsewhere (302)"),
        ("", 200, ProblemKind.BAD_REPLY, "without a body"),
        ("  \n", 200, ProblemKind.BAD_REPLY, "without a body"),
        ("<!DOCTYPE html><html/>", 200, ProblemKind.BAD_REPLY, "web page"),
        ("<html><body>Sign in</body></html>", 200, ProblemKind.BAD_REPLY, "web page"),  # trap 11
        ("<login><user/></login>", 200, ProblemKind.BAD_REPLY, "no work_order"),
        (ORDER_XML[:200], 200, ProblemKind.BAD_REPLY, "neither JSON nor XML"),
        ("Complete", 200, ProblemKind.BAD_REPLY, "neither JSON nor XML"),
        ("{", 200, ProblemKind.BAD_REPLY, "not JSON"),
        ([{"work_order": {}}], 200, ProblemKind.BAD_REPLY, "not a JSON object"),
        ({"work_order": None}, 200, ProblemKind.BAD_REPLY, "no work_order"),
        ({"work_order": [1]}, 200, ProblemKind.BAD_REPLY, "no work_order"),
        ("<a>\udcff</a>".encode("utf-8", "surrogateescape"), 200, ProblemKind.BAD_REPLY, "neither"),
        ('<?xml version="1.0" encoding="nonsense"?><a/>', 200, ProblemKind.BAD_REPLY, "neither"),
    ],
)
def test_each_failure_has_its_kind_and_one_line(body: object, status: int, kind: ProblemKind, words: str) -> None:
    with pytest.raises(AskError) as caught:
        order(body, status)
    assert caught.value.kind is kind
    assert words in caught.value.message
    assert "app/" not in caught.value.message


def test_trap_11_a_page_that_parses_as_xml_is_known_by_its_type_and_by_its_root() -> None:
    with pytest.raises(AskError, match="web page"):
        order(ORDER_XML, content_type="text/html; charset=utf-8")
    with pytest.raises(AskError, match="no work_step"):
        read_step(reply(ORDER_XML))
    with pytest.raises(AskError, match="no work_order_output"):
        read_order_outputs(reply(ORDER_XML))
    with pytest.raises(AskError, match="no work order or step"):
        read_taken(reply("<welcome/>"))


def test_a_byte_order_mark_in_front_is_no_part_of_the_answer() -> None:
    for body in (json.dumps(order_json(status="Complete")), ORDER_XML):
        assert order(b"\xef\xbb\xbf" + body.encode()).state in (JobState.SUCCEEDED, JobState.RUNNING)


def test_json_under_a_wrong_type_is_read_by_its_root() -> None:
    assert order(json.dumps(order_json()), content_type="text/html").state is JobState.RUNNING


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa">]><work_order id="7100"><name>&a;</name></work_order>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd"><work_order id="7100"/>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><work_order>&a;</work_order>',
    ],
)
def test_trap_10_dtds_and_entities_are_refused(text: str) -> None:
    with pytest.raises(AskError, match="DTD or entities"):
        order(text)


def test_trap_10_size_and_depth_are_capped() -> None:
    with pytest.raises(AskError, match="too deeply"):
        order("<a>" * (DEEPEST + 1) + "</a>" * (DEEPEST + 1))
    deep = "<a>" * (DEEPEST - 1) + "</a>" * (DEEPEST - 1)
    assert order(f'<work_order id="7100">{deep}</work_order>').state is JobState.UNKNOWN
    with pytest.raises(AskError, match="too long"):
        order(f"<work_order>{' ' * LARGEST}</work_order>")


def test_deep_json_is_cut_and_not_followed() -> None:
    deep = json.loads("[" * 150 + "]" * 150)
    assert "…" in order(order_json(x=deep)).raw


# Outputs of a whole work order


def test_variables_of_a_work_order_in_several_shapes() -> None:
    found = outputs(
        "<variable><step_name>Package clip</step_name><name>a</name><type>string</type><value>1</value></variable>"
        '<variable name="b" type="string">2</variable><variable name="c" value="3"/>'
        "<group><variable><variable_name>d</variable_name><value nil='true'/></variable></group>"
        "<variable><value>nameless</value></variable><other><name>x</name></other>"
    )
    assert [(each.output.name, each.output.value) for each in found] == [
        ("a", "1"),
        ("b", "2"),
        ("c", "3"),
        ("d", None),
    ]


def test_the_same_variable_of_two_steps_has_two_names() -> None:
    variable = "<variable><step_name>{}</step_name><name>a</name><value>1</value></variable>"
    found = outputs(variable.format("x") + variable.format("y") + variable.format("x"))
    assert [each.output.name for each in found] == ["x: a", "y: a", "x: a (2)"]


def test_an_array_attribute_is_not_the_type_of_the_value() -> None:
    (found,) = outputs('<variable type="array" name="list"><value>["/a", "/b"]</value></variable>')
    assert (found.output.kind, found.output.value) == (OutputKind.VALUE, '["/a", "/b"]')


def test_outputs_may_come_as_json() -> None:
    body = {"work_order_output": {"variable": [{"name": "a", "step_name": "x", "type": "string", "value": "/m/a.mov"}]}}
    (found,) = read_order_outputs(reply(body))
    assert (found.output.name, found.output.kind) == ("a", OutputKind.PATH)
    with pytest.raises(AskError, match="no work_order_output"):
        read_order_outputs(reply({"error": "x"}))


@pytest.mark.parametrize("body", [order_json(), ORDER_XML, STEP_JSON, STEP_XML])
def test_a_taken_cancel_tells_of_the_order_or_the_step(body: object) -> None:
    read_taken(reply(body))


# Anything at all

NEAR_RUN = almost(
    "id", "name", "workStepName", "status", "statusDetails", "timestamps", "created_at", "completed_at", "work_steps"
)
NEAR = st.fixed_dictionaries(
    {},
    optional={
        "work_order": NEAR_RUN,
        "work_step": NEAR_RUN,
        "outputs": st.lists(almost("name", "type", "value"), max_size=3) | json_values,
        "work_order_output": json_values,
        "error": json_values,
    },
)
RUN_TAGS = ["work_order", "Work-step-status", "work-step", "work_steps", "work_step", "id", "status", "timestamps"]
OUTPUT_TAGS = ["work_order_output", "outputs", "output", "variable", "name", "type", "value"]
TAGS = st.sampled_from([*RUN_TAGS, *OUTPUT_TAGS, "created_at", "completed_at"])
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="<&>\"'"), max_size=9)


def element(tag: str, state: str, inner: list[str]) -> str:
    return f'<{tag} state="{state}" type="pwd">{"".join(inner)}</{tag}>'


XML = st.recursive(TEXTS, lambda inner: st.builds(element, TAGS, TEXTS, st.lists(inner, max_size=4)), max_leaves=15)


def read_by_all(body: object, status: int) -> None:
    answer = reply(body, status)
    for reader in (lambda: read_order(answer, 7100), lambda: read_step(answer), lambda: read_order_outputs(answer)):
        try:
            found = reader()
        except AskError:
            continue
        assert "\x1b" not in repr(found)
    try:
        read_taken(answer)
    except AskError:
        return


@settings(deadline=None)
@given(json_values | NEAR, st.sampled_from([200, 200, 200, 302, 404, 500]))
def test_any_json_is_read_or_refused(body: object, status: int) -> None:
    read_by_all(body if isinstance(body, dict | list) else json.dumps(body), status)


@settings(deadline=None)
@given(XML, st.sampled_from([200, 200, 200, 302, 404, 500]))
def test_any_xml_is_read_or_refused(body: str, status: int) -> None:
    read_by_all(body, status)


@settings(deadline=None)
@given(st.binary() | st.binary().map(lambda tail: b"<work_order>" + tail))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    read_by_all(body, 200)
