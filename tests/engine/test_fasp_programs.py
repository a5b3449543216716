"""`fasp:` links and the vendor's own programs, played by real ones on a PATH: the token is in the environment alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tui.engine.hand_over import command_line, fetcher_of, hand_over
from tui.errors import DownloadError
from tui.model import Secret
from tui.vendors.aspera import VENDOR, Orchestrator

TOKEN = "ATM3_canary+a/b=="
LINK = Secret(f"fasp://faspex@fx.example:33001/Box - 0f6b/PKG - it's?token={TOKEN}&cookie=c-canary")
RECORD = f"""#!{sys.executable}
import json, os, pathlib, sys
listed = [word.partition("=")[2] for word in sys.argv if word.startswith("--file-list=")]
texts = [pathlib.Path(path).read_text() for path in listed]
pathlib.Path(os.environ["HOME"], "seen").write_text(json.dumps([sys.argv, dict(os.environ), texts]))
"""


def install(folder: Path, name: str, more: str = "") -> dict[str, str]:
    path = folder / "bin" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(RECORD + more)
    path.chmod(0o755)
    return {"PATH": str(path.parent), "HOME": str(folder), "JOBDECK_SECRET_ORC_PASSWORD": "own-canary"}


def seen(folder: Path) -> tuple[list[str], dict[str, str], list[str]]:
    argv, environ, texts = json.loads((folder / "seen").read_text())
    return argv, environ, texts


async def test_ascli_finds_the_token_in_its_environment(tmp_path: Path) -> None:
    environ = install(tmp_path, "ascli")
    install(tmp_path, "ascp")
    assert fetcher_of(VENDOR, environ) == "ascli"
    assert await hand_over(VENDOR, LINK, "package", tmp_path / "to", environ) == f"ascli fetched it into {tmp_path}/to"
    argv, given, _ = seen(tmp_path)
    assert argv[1:] == [
        "server",
        "--url=ssh://fx.example:33001",
        "--username=faspex",
        "--ts=@json:@env:TS",
        "download",
        "/Box - 0f6b/PKG - it's",
        f"--to-folder={tmp_path}/to",
    ]
    assert json.loads(given["TS"]) == {"token": TOKEN, "cookie": "c-canary"}
    assert "canary" not in " ".join(argv)
    assert "JOBDECK_SECRET_ORC_PASSWORD" not in given


async def test_ascp_finds_it_too_and_the_path_in_a_list(tmp_path: Path) -> None:
    environ = install(tmp_path, "ascp")
    (tmp_path / "bin" / "aspera_tokenauth_id_rsa").write_text("key")
    vendor = Orchestrator(key_places=(tmp_path / "bin",))
    assert fetcher_of(vendor, environ) == "ascp"
    assert (await hand_over(vendor, LINK, "package", tmp_path / "to", environ)).startswith("ascp fetched it")
    argv, given, texts = seen(tmp_path)
    assert (given["ASPERA_SCP_TOKEN"], given["ASPERA_SCP_COOKIE"]) == (TOKEN, "c-canary")
    assert texts == ["/Box - 0f6b/PKG - it's\n"]
    assert "canary" not in " ".join(argv)
    assert list((tmp_path / "to").iterdir()) == []


async def test_without_the_token_key_the_link_is_saved_and_the_reason_told(tmp_path: Path) -> None:
    environ = install(tmp_path, "ascp")
    said = await hand_over(Orchestrator(key_places=()), LINK, "package", tmp_path, environ)
    assert said.startswith("ascp needs the key aspera_tokenauth_id_rsa")
    assert (tmp_path / "package.link").stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "seen").exists()


LOCKED = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"


@pytest.mark.parametrize(("given", "runs"), [({"ASPERA_SCP_PASS": "key-canary"}, True), ({}, False)])
async def test_a_locked_key_needs_the_users_own_passphrase(
    tmp_path: Path, given: dict[str, str], *, runs: bool
) -> None:
    environ = install(tmp_path, "ascp") | given
    (tmp_path / "aspera_tokenauth_id_rsa").write_text(LOCKED)
    said = await hand_over(Orchestrator(key_places=(tmp_path,)), LINK, "package", tmp_path, environ)
    if runs:
        assert said == f"ascp fetched it into {tmp_path}"
        assert seen(tmp_path)[1]["ASPERA_SCP_PASS"] == "key-canary"
    else:
        link = tmp_path / "package.link"
        assert said == f"ascp needs ASPERA_SCP_PASS in the environment: the link is in {link}"
        assert not (tmp_path / "seen").exists()


async def test_what_a_program_says_of_the_token_is_not_told_on(tmp_path: Path) -> None:
    says = "\nsys.stderr.write('bad: ' + json.loads(os.environ['TS'])['token']); sys.exit(3)"
    environ = install(tmp_path, "ascli", says)
    with pytest.raises(DownloadError, match="ascli ended with 3") as caught:
        await hand_over(VENDOR, LINK, "package", tmp_path, environ)
    assert caught.value.hint == "bad: ***"


def test_the_copied_command_does_in_a_shell_what_a_run_does(tmp_path: Path) -> None:
    environ = install(tmp_path, "ascli")
    copied = command_line(VENDOR, LINK, tmp_path / "a 'b'")
    assert copied.what == "the ascli command"
    assert "canary" not in repr(copied)
    line = copied.text.reveal()
    assert line.startswith(" TS=")
    subprocess.run(["/bin/sh", "-c", line], env=environ, check=True)
    argv, given, _ = seen(tmp_path)
    assert argv[-2:] == ["/Box - 0f6b/PKG - it's", f"--to-folder={tmp_path}/a 'b'"]
    assert json.loads(given["TS"])["token"] == TOKEN
    assert "canary" not in " ".join(argv)


def test_of_a_link_without_a_token_the_link_itself_is_copied() -> None:
    link = Secret("fasp://faspex@fx.example/PKG")
    copied = command_line(VENDOR, link, Path("/d"))
    assert (copied.what, copied.text) == ("the link", link)
