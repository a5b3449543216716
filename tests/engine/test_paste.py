"""What people paste: URLs, JSON, whole curl commands as pages and browsers write them; credentials are cut off."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clock import START
from tui.engine.asking import outputs_named
from tui.engine.pasting.paste import read_paste, without_credentials
from tui.errors import UsageError
from tui.vendors.autodesk import VENDOR as AUTODESK
from tui.vendors.contract import Pasted

URL = "https://vendor.example/api/7100?x=1"


def read(text: str) -> Pasted:
    return read_paste(text, START)


@pytest.mark.parametrize(
    ("text", "pasted"),
    [
        (" 7100\n", Pasted("7100", START)),
        ("7100/Package clip", Pasted("7100/Package clip", START)),
        (f"  {URL} ", Pasted(URL, START, url=URL)),
        (' {"a": 1} ', Pasted('{"a": 1}', START, body='{"a": 1}')),
        ("[1]", Pasted("[1]", START, body="[1]")),
        ("curling", Pasted("curling", START)),
        ("text with :// in it", Pasted("text with :// in it", START)),
    ],
)
def test_plain_texts(text: str, pasted: Pasted) -> None:
    assert read(text) == pasted


@pytest.mark.parametrize(
    ("command", "url", "body"),
    [
        (f"curl {URL}", URL, None),
        (f"curl -sSL '{URL}'", URL, None),
        (f"$ curl --url {URL}", URL, None),
        (f"curl.exe --url={URL}", URL, None),
        (f"curl --location --request POST '{URL}' --header 'A: b' --data '{{\"a\": 1}}'", URL, '{"a": 1}'),
        (f"curl -XPOST -HAccept:x -uops:hunter2 -d'{{\"a\":1}}' {URL}", URL, '{"a":1}'),
        (
            f"curl '{URL}' \\\n  -H 'Authorization: Bearer hunter2' \\\r\n  --data-raw $'{{\"a\": 1}}' --compressed",
            URL,
            '{"a": 1}',
        ),
        (f"curl {URL} --json '{{}}'", URL, "{}"),
        (f"curl -F callback=https://evil.example/ --referer https://evil.example {URL}", URL, None),
        (f"curl --data-urlencode 'next=https://evil.example/' -x http://proxy:1 {URL}", URL, None),
        (f"curl {URL} https://second.example/", URL, None),
        (f"curl -o out.zip -w '%{{url}} ://' {URL}", URL, None),
        (f"curl --no-keepalive -k {URL}", URL, None),
    ],
)
def test_a_curl_command_gives_its_url_and_body(command: str, url: str, body: str | None) -> None:
    assert read(command) == Pasted(url, START, url=url, body=body)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "nothing to track"),
        (" \n\t", "nothing to track"),
        ("curl -X POST", "names no URL"),
        ("curl 'https://h", "cannot be read"),
        ("curl https://[hunter2/x", "not a usable URL"),
        ("https://ops:hunter2/x@h/y", "not a usable URL"),
        ("https://h:hunter2/", "not a usable URL"),
        ("https://hunter2\u2100@h/", "not a usable URL"),
        ("\udcff", "no UTF-8"),
    ],
)
def test_what_cannot_be_used_is_told_without_repeating_it(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        read(text)
    assert "hunter2" not in caught.value.message + caught.value.hint
    assert caught.value.hint


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://ops:pw@h:8443/p", "https://h:8443/p"),
        ("https://a@b@h/p", "https://h/p"),
        ("https://h/p?login=ops&password=pw&id=7", "https://h/p?id=7"),
        ("https://h/p?PassWord=pw&b=%2F+%20", "https://h/p?b=%2F+%20"),
        ("https://h/p?pass%77ord=pw", "https://h/p"),
        ("https://h/p?a=1;password=pw&b=2", "https://h/p?b=2"),
        ("https://h/p?api%5Fkey=pw&apikey=pw&x=1", "https://h/p?x=1"),
        ("https://h/k?X-Amz-Signature=pw&X-Amz-Credential=pw&X-Amz-Date=1", "https://h/k?X-Amz-Date=1"),
        ("https://h/p?access_token=pw&client_secret=pw&sig=pw", "https://h/p"),
        (
            "https://h/p?accessToken=pw&clientSecret=pw&Secret-Key=pw&X_Auth_Token=pw&pwd=pw&accessKey=a",
            "https://h/p?accessKey=a",
        ),
        ("https://h/p?orgId=o1#access_token=pw", "https://h/p?orgId=o1"),
        ("https://h/p?a=b=c&&d", "https://h/p?a=b=c&d"),
        ("https://h/p//q/%2E%2e?", "https://h/p//q/%2E%2e"),
    ],
)
def test_credentials_in_a_url_are_cut_off_and_nothing_else(url: str, kept: str) -> None:
    assert without_credentials(url) == kept
    assert without_credentials(kept) == kept


shell = st.text(alphabet="curl -dHXu'\"\\$ :/?&=#@[]{}\n\tpaswordh.é\udcff", max_size=60)


@given(st.text(st.characters(exclude_categories=()), max_size=60) | shell | shell.map(lambda text: f"curl {text}"))
def test_no_text_ends_in_another_error(text: str) -> None:
    try:
        pasted = read(text)
    except UsageError:
        return
    assert pasted.text == pasted.text.strip()


@given(st.text(alphabet="abcXYZ019+/=&?#@: '\"\\%", min_size=1, max_size=16))
def test_no_header_user_or_cookie_of_a_curl_command_is_kept(secret: str) -> None:
    secret = f"canary{secret}canary"
    quoted = "'" + secret.replace("'", "'\\''") + "'"
    options = f"-H 'Authorization: Bearer '{quoted} -u ops:{quoted} -b session={quoted} --oauth2-bearer {quoted}"
    for command in (f"curl {options} {URL}", f"curl {URL} {options}"):
        assert read(command) == Pasted(URL, START, url=URL)


def test_an_output_whose_name_is_no_text_is_refused() -> None:
    assert outputs_named(AUTODESK, ("bucket/ä",)) == ("bucket/ä",)
    with pytest.raises(UsageError, match="no UTF-8"):
        outputs_named(AUTODESK, ("bucket/ok", "bucket/\udcff"))
