"""Names of hosts, as a user writes them into the config."""

from __future__ import annotations

import pytest

from tui.address import host_of, origin, place, same_origin


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("Storage.Example", "storage.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("10.0.0.5", "10.0.0.5"),
        ("::1", "::1"),
        ("[fd00::5]", "fd00::5"),
        ("", None),
        ("https://storage.example", None),
        ("storage.example:9000", None),
        ("storage.example:", None),
        ("storage.example/", None),
        ("storage.example/bucket", None),
        ("storage.example?x", None),
        ("storage.example?", None),
        ("storage.example#x", None),
        ("storage.example#", None),
        ("ops@storage.example", None),
        ("*.example", None),
        ("storage example", None),
        ("[fd00", None),
    ],
)
def test_a_host_is_a_name_or_an_address_and_nothing_more(text: str, host: str | None) -> None:
    assert host_of(text) == host


def test_one_server_is_one_however_it_is_written() -> None:
    assert origin("https://Plant.example:443/api") == origin("HTTPS://plant.example") != origin("http://plant.example")
    assert same_origin("https://plant.example:443", "https://PLANT.example/x")
    assert place("https://plant.example:443/api/") == place("https://PLANT.example/api")
    assert place("https://plant.example/one") != place("https://plant.example/two")


@pytest.mark.parametrize("nowhere", ["https://10.0.0.300", "https://☃.example", "https://[::g]"])
def test_an_address_that_leads_nowhere_is_like_itself_alone(nowhere: str) -> None:
    assert origin(nowhere) == origin(nowhere) != origin("https://10.0.0.30")
    assert place(nowhere) == place(nowhere) != place("https://10.0.0.30")
    assert not same_origin(nowhere, nowhere)
