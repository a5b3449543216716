"""Credentials in a pasted text: which are found, and as which secret of a connection they can be kept."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clock import START
from tui.engine.pasting.credentials import credentials_in, is_of_another, kept_as
from tui.engine.pasting.paste import read_paste

URL = "https://orchestrator.example/aspera/orchestrator/api/work_order_status/7100"
BASIC = base64.b64encode(b"ops:hunter2:x").decode()
ASPERA = ("password", "api_key")
JAGGAER = ("access_token", "client_secret", "api_key")


def found(text: str, *names: str) -> dict[str, str]:
    return {name: secret.reveal() for name, secret in kept_as(credentials_in(text), names).items()}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"{URL}?login=ops&password=hunter2&format=json", {"password": "hunter2"}),
        (f"{URL}?login=ops&password=_P__a%2Bb%26c", {"password": "_P__a+b&c"}),
        (f"{URL}?login=ops;password=hunter2", {"password": "hunter2"}),
        (f"{URL}?login=ops&api_key=K-1", {"api_key": "K-1"}),
        (f"{URL}?apikey=K-1", {"api_key": "K-1"}),
        (f"{URL}?apiKey=K-1&PassWd=hunter2", {"api_key": "K-1", "password": "hunter2"}),
        ("https://ops:hun%40ter2@orchestrator.example/api/work_order_status/1", {"password": "hun@ter2"}),
        (f"curl -u ops:hunter2 {URL}", {"password": "hunter2"}),
        (f"curl --user=ops:hun:ter2 '{URL}'", {"password": "hun:ter2"}),
        (f"curl -H 'Authorization: Basic {BASIC}' {URL}", {"password": "hunter2:x"}),
        (f"$ curl -H 'X-API-Key: K-1' -uops:hunter2 \\\n '{URL}'", {"api_key": "K-1", "password": "hunter2"}),
        (f"curl -G {URL} -d login=ops --data-urlencode 'password=hunter2'", {"password": "hunter2"}),
        (f"curl '{URL}?login=ops&password=hunter2' 'https://b.example/?password=other'", {"password": "hunter2"}),
    ],
)
def test_what_an_aspera_connection_keeps(text: str, kept: dict[str, str]) -> None:
    assert found(text, *ASPERA) == kept


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ("-H 'authorization: bearer T-1'", {"access_token": "T-1"}),
        ("-H 'Authorization:  Bearer T-1' -H 'x-api-key: K-1'", {"access_token": "T-1", "api_key": "K-1"}),
        ("--oauth2-bearer T-1", {"access_token": "T-1"}),
        (f"-H 'Authorization: Basic {BASIC}'", {"client_secret": "hunter2:x"}),
    ],
)
def test_what_a_jaggaer_connection_keeps(options: str, kept: dict[str, str]) -> None:
    assert found(f"curl {options} https://ees.example/status/1", *JAGGAER) == kept


@pytest.mark.parametrize(
    "text",
    [
        "7100",
        "7100/Package clip",
        URL,
        f"{URL}?login=ops&password=",
        f"{URL}?step_name=password",
        "login=ops&password=hunter2",
        f"curl -H 'Accept: text/html' -d '{{\"password\": \"x\"}}' {URL}",
        f"curl -H 'Authorization:' -u ops {URL}",
        f"curl -H 'Authorization: Basic ????' {URL}",
        f"curl 'unclosed {URL}?password=x",
        "http://[bad?password=x",
    ],
)
def test_where_there_is_nothing_to_keep(text: str) -> None:
    assert found(text, *ASPERA) == {}


def test_what_passes_too_soon_is_cut_off_but_never_kept() -> None:
    text = f"curl -b 'session=1' -H 'Cookie: a=b' -H 'Authorization: Bearer T' '{URL}?X-Amz-Signature=s'"
    assert [one.name for one in credentials_in(text)] == ["cookie", "cookie", "bearer", "xamzsignature"]
    assert found(text, *ASPERA) == {}


@pytest.mark.parametrize(
    ("text", "another"),
    [
        (f"{URL}?login=bob&password=x", True),
        (f"{URL}?login=ops&password=x", False),
        (f"{URL}?api_key=x", False),
        (f"curl -u bob:x {URL}", True),
        (f"curl -H 'Authorization: Basic {BASIC}' {URL}", False),
    ],
)
def test_whose_they_are(text: str, *, another: bool) -> None:
    assert is_of_another(credentials_in(text), {"username": "ops"}) is another
    assert not is_of_another(credentials_in(text), {})


@given(st.text(alphabet=st.characters(codec="utf-8"), min_size=4, max_size=12))
def test_no_credential_is_seen_in_what_is_read_or_said(secret: str) -> None:
    coded = base64.b64encode(f"ops:{secret}".encode()).decode()
    text = f"curl -H 'Authorization: Basic {coded}' '{URL}?login=ops'"
    (credential,) = (one for one in credentials_in(text) if one.name == "basic")
    assert credential.secret.reveal() == secret
    assert coded not in repr(read_paste(text, START))
    assert "ops" not in repr(credential)
