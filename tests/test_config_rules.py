"""`[retention]` and `[callbacks]` of config.toml: what they take, and what they say of the rest."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tui.config import Callbacks, Retention, parse
from tui.errors import ConfigError
from tui.model import ConnectionHealth, Safe

FILE = Path("config.toml")


def test_by_default_jobs_rest_a_month_are_kept_for_ever_and_nobody_listens() -> None:
    read = parse("", FILE)
    assert read.retention == Retention(timedelta(days=30), None)
    assert read.callbacks == Callbacks(None, "")


@pytest.mark.parametrize(
    ("value", "span"),
    [
        ('"30d"', timedelta(days=30)),
        ('"12h"', timedelta(hours=12)),
        ('"90m"', timedelta(minutes=90)),
        ('"90s"', timedelta(seconds=90)),
        ('"1.5d"', timedelta(hours=36)),
        ('"2w"', timedelta(weeks=2)),
        ('"1y"', timedelta(days=365)),
        ('"never"', None),
        ('"0"', None),
        ("0", None),
    ],
)
def test_spans(value: str, span: timedelta | None) -> None:
    read = parse(f"[retention]\narchive_after = {value}\nforget_after = {value}", FILE)
    assert read.retention == Retention(span, span)


@pytest.mark.parametrize(
    "value",
    ['"30"', "30", '"0d"', '"-1d"', '"99999y"', '"0.1s"', f'"{"9" * 400}y"', '"d"', "true", "false", "[]", '""'],
)
def test_what_is_no_span_is_told_with_its_line(value: str) -> None:
    with pytest.raises(ConfigError, match=r"^config.toml:2 \[retention\]: archive_after must be"):
        parse(f"[retention]\narchive_after = {value}", FILE)


@pytest.mark.parametrize(
    ("listen", "there"), [("127.0.0.1:8765", ("127.0.0.1", 8765)), ("[::1]:1", ("::1", 1)), ("ops:0", ("ops", 0))]
)
def test_where_to_listen(listen: str, there: tuple[str, int]) -> None:
    read = parse(f'[callbacks]\nlisten = "{listen}"\npublic_url = "https://ops.example/hook/"', FILE)
    assert read.callbacks == Callbacks(there, "https://ops.example/hook")


def test_off_is_off() -> None:
    assert parse('[callbacks]\nlisten = "off"\npublic_url = "off"', FILE).callbacks == Callbacks()


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('listen = "8765"', "an address and a port"),
        ('listen = "127.0.0.1:99999"', "an address and a port"),
        ('listen = "127.0.0.1:1"', "needs public_url too"),
        ('public_url = "https://ops.example"', "needs listen too"),
        ('listen = "127.0.0.1:1"\npublic_url = "ops.example"', "a full address"),
        ('listen = "127.0.0.1:1"\npublic_url = "https://ops.example/?a=b"', "a full address"),
        ('listen = "127.0.0.1:1"\npublic_url = "https://u:p@ops.example/"', "a full address"),
        ('listen = "127.0.0.1:1"\npublic_url = "https://[::1"', "a full address"),
        ('lisen = "127.0.0.1:1"', 'did you mean "listen"'),
    ],
)
def test_what_cannot_work_is_told(lines: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        parse(f"[callbacks]\n{lines}", FILE)


def test_a_scheme_in_capitals_is_the_scheme() -> None:
    read = parse('[connections.sap]\nvendor = "jaggaer"\nbase_url = "HTTP://Ees.example/Path"\n', FILE)
    connection = read.connection("sap")
    assert connection.base_url == "http://Ees.example/Path"
    assert ConnectionHealth.at_first(connection, Safe("JAGGAER")).plain_http
