"""Aspera: what names a work order or a step (CONTRACT section 2, dossier section 4)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.clock import START
from tui.errors import UsageError
from tui.model import Connection, Reference
from tui.vendors.aspera import VENDOR
from tui.vendors.aspera.ref import NamedStep, StepRun, Target, WorkOrder, target_of
from tui.vendors.contract import Pasted

BASE = "https://orchestrator.example/aspera/orchestrator"
CONNECTION = Connection("orchestrator", "aspera", BASE, {"username": "ops", "auth": "basic"})


def read(text: str) -> Reference | None:
    return VENDOR.read_ref(Pasted(text, START, url=text if "://" in text else None), CONNECTION)


@pytest.mark.parametrize(
    ("text", "id_", "target"),
    [
        (" 7100\n", "7100", WorkOrder(7100)),
        ("007100", "7100", WorkOrder(7100)),
        ("7100/Package clip", "7100/Package clip", NamedStep(7100, "Package clip")),
        ("7100/a/b", "7100/a/b", NamedStep(7100, "a/b")),
        ("7100/Größe prüfen", "7100/Größe prüfen", NamedStep(7100, "Größe prüfen")),
        ("7100/ 12 ", "7100/12", NamedStep(7100, "12")),
        ("step:51201", "step:51201", StepRun(51201)),
        ("Step: 51201", "step:51201", StepRun(51201)),
    ],
)
def test_an_id_is_read(text: str, id_: str, target: Target) -> None:
    ref = read(text)
    assert ref == Reference(id_)
    assert target_of(ref) == target


@pytest.mark.parametrize(
    ("path", "id_"),
    [
        ("/api/work_order_status/7100", "7100"),
        ("/api/work_order_status/7100.json", "7100"),
        ("/api/work_order_status/7100/?format=json&login=ops&password=hunter2", "7100"),
        ("/api/work_order_status?id=7100", "7100"),
        ("/api/work_order_output/7100?variable_name=clip", "7100"),
        ("/api/work_order_output/7100?step_name=Package+clip", "7100/Package clip"),
        ("/api/work_order_cancel/7100", "7100"),
        ("/api/work_order_reset/7100", "7100"),
        ("/api/work_step_status/work_order?work_order_id=7100&step_name=Package%20clip", "7100/Package clip"),
        ("/api/work_step_status/work_order.json?work_order_id=7100&step_name=Package+clip", "7100/Package clip"),
        ("/api/work_order?work_order_id=7100&step_name=approve&status_only=true", "7100/approve"),
        ("/api/work_step_status/51201", "step:51201"),
        ("/api/work_step_status/51201.txt?output_name=package_id", "step:51201"),
        ("/api/work_step_status?id=51201", "step:51201"),
        ("/api/work_step_cancel/51201", "step:51201"),
        ("/api/workstep_reset/51201", "step:51201"),
    ],
)
def test_an_api_url_is_read_and_its_credentials_are_not_kept(path: str, id_: str) -> None:
    assert read(BASE + path) == Reference(id_)


@pytest.mark.parametrize(
    "path",
    [
        "/api/initiate/44?external_parameters[src]=x",
        "/api/workflows_list",
        "/api/work_order_status/abc",
        "/api/work_order_status/",
        "/api/work_step_status/work_order?work_order_id=7100x&step_name=a",
        "/api/work_step_status/work_order?work_order_id=7100&step_name=a%00b",
        "/api/work_step_status/a%20b",
    ],
)
def test_an_api_url_that_names_neither_is_told(path: str) -> None:
    with pytest.raises(UsageError, match="names no work order") as caught:
        read(BASE + path)
    assert "step:ID" in caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "0f3c1c9e6a414f0f8f5f0c2f7d1e3a55",  # autodesk
        "3f2504e0-4f89-41d3-9a0c-0305e82c3301",  # octoplant
        "ch-0b1c2d/9c0f6d2b7a414f0f8f5f0c2f7d1e3a55",  # enos
        "https://developer.api.autodesk.com/da/us-east/v3/workitems/0f3c1c9e6a414f0f8f5f0c2f7d1e3a55",
        "https://ees.example/asyncStatus/77",
        "https://gateway.example/data-federation/v2.0/channels/read/ch-1/download/t1/status?orgId=o1",
        "https://localhost:64023/v1/order/7100",
        "٧١٠٠",
        "9" * 19,
        "-7",
        "7100/",
        "7100/\x1b[31m",
        "step:",
        "",
    ],
)
def test_what_other_vendors_name_is_not_ours(text: str) -> None:
    assert read(text) is None


def test_a_json_text_is_not_ours() -> None:
    assert VENDOR.read_ref(Pasted("{}", START, body="{}"), CONNECTION) is None


def test_a_foreign_id_is_refused() -> None:
    with pytest.raises(UsageError):
        target_of(Reference("ch-1/t1"))


@settings(deadline=None)
@given(st.text() | st.from_regex(r"\d{1,20}(/.{0,9})?|step:\d*"))
def test_what_was_read_names_the_same_again(text: str) -> None:
    ref = VENDOR.read_ref(Pasted(text, START), CONNECTION)
    assert ref is None or VENDOR.read_ref(Pasted(ref.id, START), CONNECTION) == ref
    assert ref is None or isinstance(target_of(ref), WorkOrder | NamedStep | StepRun)


@settings(deadline=None)
@given(st.text())
def test_any_url_is_read_or_refused(tail: str) -> None:
    try:
        ref = VENDOR.read_ref(Pasted("", START, url=f"{BASE}/api/work_step_status/{tail}"), CONNECTION)
    except UsageError:
        return
    assert ref is None or isinstance(target_of(ref), WorkOrder | NamedStep | StepRun)
