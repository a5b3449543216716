"""`jobdeck track` of a text with credentials: cut off, told, and nowhere on the disk."""

from __future__ import annotations

from tests.cli.conftest import Command, World


def test_they_are_cut_off_and_the_command_that_keeps_them_is_named(connected: Command, world: World) -> None:
    site = world.description["aspera"]
    url = f"{site.base_url}/api/work_order_status/{site.cast['done']}?login=ops&password=hunter2-canary"
    ended = connected.end("track", url)
    assert (ended.code, ended.out) == (0, f"aspera:{site.cast['done']}\n")
    assert ended.err.splitlines() == [
        "jobdeck: credentials in it are cut off and not stored",
        "  to keep them in the keyring, run: jobdeck secret set aspera password",
    ]
    written = b"".join(path.read_bytes() for path in connected.state.rglob("*") if path.is_file())
    assert site.cast["done"].encode() in written
    assert b"hunter2-canary" not in written
    bearer = connected.end("track", f"curl -H 'Authorization: Bearer hunter2-canary' {url.partition('?')[0]}")
    assert bearer.err == "jobdeck: credentials in it are cut off and not stored: aspera keeps no such secret\n"
    assert "hunter2-canary" not in bearer.out
