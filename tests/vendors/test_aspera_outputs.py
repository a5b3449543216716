"""Aspera: kinds of outputs, and that no token, cookie or password is shown (dossier section 8, traps 8, 9 and 12)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vendors.fakes import reply
from tests.vendors.strategies import json_values
from tui.model import Output, OutputKind
from tui.vendors.aspera.mask import mask_json, mask_link, mask_text
from tui.vendors.aspera.outputs import LONGEST, Variable, found_in
from tui.vendors.aspera.read import read_order_outputs, read_step

RUBY = '{\'Disk A\' => {"node"=>"a=>1", "free_kb"=>"90"}, \'nil\' => nil, :sym=>[1]}'


def output(value: object, kind: str = "string", name: str = "x") -> Output:
    return found_in([Variable(name, kind, value)])[0].output


@pytest.mark.parametrize(
    ("value", "kind", "shown"),
    [
        ("0f6b", OutputKind.VALUE, "0f6b"),
        ("", OutputKind.VALUE, ""),
        (None, OutputKind.VALUE, None),
        (7, OutputKind.VALUE, "7"),
        (1.5, OutputKind.VALUE, "1.5"),
        (True, OutputKind.VALUE, "true"),
        (["/a/b.mov", "ü"], OutputKind.VALUE, '["/a/b.mov", "ü"]'),
        ({"a": {"b": None}}, OutputKind.VALUE, '{"a": {"b": null}}'),
        (RUBY, OutputKind.VALUE, RUBY),  # trap 9: never evaluated, never rewritten
        ("one\ntwo", OutputKind.VALUE, "one\ntwo"),
        ("/stage/in/clip 07.mov", OutputKind.PATH, "/stage/in/clip 07.mov"),  # trap 12
        ("C:\\media\\a.mov", OutputKind.PATH, "C:\\media\\a.mov"),
        ("\\\\nas\\media\\a.mov", OutputKind.PATH, "\\\\nas\\media\\a.mov"),
        ("/", OutputKind.VALUE, "/"),
        ("/a\n/b", OutputKind.VALUE, "/a\n/b"),
        ("https://h.example/d/a.zip?sig=ABC", OutputKind.FILE, "https://h.example/d/a.zip?…"),
        (" HTTP://h.example/a ", OutputKind.FILE, "HTTP://h.example/a"),
        ("http://", OutputKind.VALUE, "http://"),
        ("https://h.example/two words", OutputKind.LINK, "https://h.example/two words"),
        ("fasp://u@h:33001/p?token=A", OutputKind.LINK, "fasp://u@h:33001/p?token=***"),
        ("FASPE://h/p?token=A", OutputKind.LINK, "FASPE://h/p?token=***"),
        ("faspe:h/p?token=A", OutputKind.LINK, "faspe:h/p?token=***"),
        ("sftp://u:pw@h/p", OutputKind.LINK, "sftp://u@h/p"),
        ("see fasp://u@h/a b?token=A&c=d", OutputKind.VALUE, "see fasp://u@h/a b?***"),
    ],
)
def test_each_value_has_its_kind(value: object, kind: OutputKind, shown: str | None) -> None:
    assert output(value) == Output("x", kind, value=shown)


@pytest.mark.parametrize(
    ("name", "kind"), [("x", "pwd"), ("x", " PWD "), ("db_password", "string"), ("accessToken", "string")]
)
@pytest.mark.parametrize("value", ["hunter2", "fasp://h/p?token=hunter2", ["hunter2"], "/hunter2"])
def test_a_password_is_never_shown_and_never_revealed(name: str, kind: str, value: object) -> None:
    (found,) = found_in([Variable(name, kind, value)])
    assert (found.output.kind, found.output.value, found.address) == (OutputKind.VALUE, "***", None)


@pytest.mark.parametrize(
    "body",
    [
        {"work_step": {"id": 1}, "inputs": [{"name": "a", "type": "pwd", "value": "hunter2"}], "outputs": []},
        {"work_step": {"id": 1, "password": "hunter2"}},
        {"work_step": {"id": 1, "login": {"apiKey": "hunter2"}}},
        {"work_step": {"id": 1}, "outputs": [{"name": "a", "type": "hash", "value": {"token": "hunter2"}}]},
        {"work_step": {"id": 1}, "outputs": [{"name": "a", "type": "hash", "value": "{'token' => \"hunter2\"}"}]},
        {"work_step": {"id": 1}, "outputs": [{"name": "a", "type": "string", "value": "faspe:h/p?x=hunter2"}]},
        "<Work-step-status><work-step><id>1</id></work-step><inputs><input><name>a</name><type>pwd</type>"
        "<value>hunter2</value></input></inputs></Work-step-status>",
        "<Work-step-status><work-step password='hunter2'><password><v>hunter2</v></password></work-step>"
        "</Work-step-status>",
        "<Work-step-status><work-step/><outputs><output name='a' type='pwd'>hunter2</output>"
        "<output name='b' type='pwd' value='hunter2'/></outputs></Work-step-status>",
        "<Work-step-status><work-step/><outputs><output><name>token</name><value>hunter2</value></output>"
        "<output><name>c</name><value><![CDATA[fasp://h/a b?token=hunter2]]></value></output></outputs>"
        "</Work-step-status>",
        "<Work-step-status><work-step><statusDetails>at fasp://h/a?k=hunter2</statusDetails></work-step>"
        "</Work-step-status>",
    ],
)
def test_no_secret_is_in_a_snapshot(body: object) -> None:
    reading = read_step(reply(body))
    assert reading.snapshot.raw
    assert "hunter2" not in repr(reading)


def test_no_secret_is_in_the_outputs_of_a_work_order() -> None:
    variable = "<variable><name>a</name><type>pwd</type><value>hunter2</value></variable>"
    assert "hunter2" not in repr(read_order_outputs(reply(f"<work_order_output>{variable}</work_order_output>")))


def test_trap_8_a_link_is_split_by_hand_and_kept_as_it_came() -> None:
    link = "fasp://faspex@fx.example:33001/Box - 0f6b/PKG+a?token=AT+M3/x==&cookie=c+1&bare"
    (found,) = found_in([Variable("x", "string", link)])
    assert found.output.value == "fasp://faspex@fx.example:33001/Box - 0f6b/PKG+a?token=***&cookie=***&***"
    assert found.address is not None
    assert found.address.reveal() == link


def test_a_link_without_a_query_is_shown_whole_but_for_a_password() -> None:
    assert mask_link("fasp://u:hunter2@h:33001/a b") == "fasp://u@h:33001/a b"
    assert mask_link("faspe:h/p#token=hunter2") == "faspe:h/p#token=***"


def test_a_value_in_ruby_or_json_text_loses_only_its_secrets() -> None:
    assert mask_text('{\'password\' => "two \\" words", "n"=>"1"}') == '{\'password\' => ***, "n"=>"1"}'
    assert mask_text('{"apiKey": "x", "n": 1}') == '{"apiKey": ***, "n": 1}'
    assert mask_text("{:cookie=>nil, 'k' => 'v'}") == "{:cookie=>***, 'k' => 'v'}"


def test_a_long_value_is_cut() -> None:
    shown = output("a" * (LONGEST + 5)).value
    assert shown is not None
    assert len(shown) == LONGEST


def test_trap_10_names_and_values_are_inert() -> None:
    found = output("a\x1b]52;c;x\x07", name="n\x1b")
    assert (found.name, found.value) == ("n␛", "a␛]52;c;x␇")


@settings(deadline=None)
@given(st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5), json_values | st.text()), max_size=5))
def test_names_are_unique_and_values_inert(told: list[tuple[str, str, object]]) -> None:
    found = found_in([Variable(name, kind, value) for name, kind, value in told])
    assert len({each.output.name for each in found}) == len(told)
    assert not any("\x1b" in (each.output.value or "") for each in found)


@settings(deadline=None)
@given(json_values)
def test_masking_keeps_the_shape(value: object) -> None:
    assert type(mask_json(value)) is type(value)
