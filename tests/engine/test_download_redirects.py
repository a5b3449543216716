"""Redirects on the way to a file: followed by hand, few, and no header of the vendor's leaves its origin."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.engine.fault_cases import CONTENT, THING
from tests.engine.loopback_desk import VENDOR_KEY, LoopbackDesk
from tests.engine.misbehaving import Misbehaving, Script, Thing, Turn
from tui.model import Download, DownloadState, Output
from tui.vendors.contract import Link

SIGNED_IN = Link("", signed_in=True)
BARE = Link("")
OTHERS_FILE = Thing(b"of another host" * 1000, etag='"elsewhere"')


@pytest.fixture(params=[1, 4], ids=["single", "parallel"])
def connections(request: pytest.FixtureRequest) -> int:
    assert isinstance(request.param, int)
    return request.param


@pytest.fixture(params=[BARE, SIGNED_IN], ids=["bare", "signed in"])
def link(request: pytest.FixtureRequest) -> Link:
    assert isinstance(request.param, Link)
    return request.param


def to(location: str, status: int = 302) -> Turn:
    return Turn(status, b"moved", (("Location", location),))


def from_start(*turns: Turn) -> Script:
    """The first turn stands at the link's path; the others at /1, /2 and so on."""
    paths = ["/out.bin", *(f"/{number}" for number in range(1, len(turns)))]
    return Script(doors=tuple(zip(paths, turns, strict=True)))


async def fetched(home: Path, server: Misbehaving, link: Link, connections: int, **settings: Any) -> Download:
    desk = LoopbackDesk(home, server, link=link, connections=connections, **settings)
    await desk.open(Output("out.bin"))
    download = await desk.fetch()
    await desk.close()
    files = desk.files()
    if download.state is DownloadState.DONE:
        assert list(files) == ["out.bin"]
    else:
        assert "out.bin" not in files
        assert "; " in (download.message or "")
        assert "canary" not in (download.message or "")
    return download


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_followed(tmp_path: Path, link: Link, connections: int, status: int) -> None:
    with Misbehaving(THING, from_start(to("/there", status))) as server:
        download = await fetched(tmp_path, server, link, connections)
    assert download.state is DownloadState.DONE
    assert (tmp_path / "got" / "out.bin").read_bytes() == CONTENT


@pytest.mark.parametrize("location", ["there", "./there", "?x=1", "//{host}/there", "{origin}/there"])
async def test_a_redirect_may_be_relative(tmp_path: Path, location: str) -> None:
    with Misbehaving(THING) as server:
        host = server.origin.partition("//")[2]
        turns = (to(location.format(host=host, origin=server.origin)),)
        server.script = Script(turns)
        download = await fetched(tmp_path, server, BARE, 1)
    assert download.state is DownloadState.DONE


async def test_the_login_stays_at_its_origin(tmp_path: Path, connections: int) -> None:
    with Misbehaving(THING) as bucket, Misbehaving(OTHERS_FILE) as server:
        server.script = Script(doors=(("/out.bin", to("/again")), ("/again", to(f"{bucket.origin}/object"))))
        download = await fetched(tmp_path, server, SIGNED_IN, connections)
    assert download.state is DownloadState.DONE
    assert (tmp_path / "got" / "out.bin").read_bytes() == CONTENT
    assert {asked.headers.get("x-vendor-key") for asked in server.asked} == {VENDOR_KEY}
    for asked in bucket.asked:
        assert VENDOR_KEY not in asked.headers.values()
        assert not {"x-vendor-key", "authorization", "cookie", "referer"} & set(asked.headers)


async def test_the_login_does_not_come_back_from_another_host(tmp_path: Path) -> None:
    """A foreign host that sends us back chose the path: the login must not go there."""
    with Misbehaving(THING) as elsewhere, Misbehaving(THING) as server:
        server.script = Script(doors=(("/out.bin", to(f"{elsewhere.origin}/over")),))
        elsewhere.script = Script(doors=(("/over", to(f"{server.origin}/chosen-by-them")),))
        await fetched(tmp_path, server, SIGNED_IN, 1)
    chosen = [asked for asked in server.asked if asked.target == "/chosen-by-them"]
    assert not [asked for asked in chosen if VENDOR_KEY in asked.headers.values()]


@pytest.mark.parametrize(("hops", "state"), [(5, DownloadState.DONE), (6, DownloadState.FAILED)])
async def test_five_redirects_are_enough(tmp_path: Path, hops: int, state: DownloadState, link: Link) -> None:
    with Misbehaving(THING, from_start(*(to(f"/{hop + 1}") for hop in range(hops)))) as server:
        download = await fetched(tmp_path, server, link, 1)
    assert download.state is state


@pytest.mark.parametrize(
    "location",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="empty"),
        pytest.param("/out.bin", id="loop"),
        pytest.param("http://[", id="broken"),
        pytest.param("file:///etc/passwd", id="file"),
        pytest.param("ftp://127.0.0.1/x", id="ftp"),
        pytest.param("javascript:alert(1)", id="script"),
        pytest.param("http://user:canary@127.0.0.1:9/x", id="password"),
        pytest.param("http://127.0.0.1:99999/x", id="port"),
        pytest.param("/x\x01y", id="control"),
    ],
)
async def test_a_redirect_to_nowhere_fails(tmp_path: Path, location: str | None, link: Link) -> None:
    turn = Turn(302, b"moved", (("Location", location),))
    with Misbehaving(THING, Script(doors=(("/out.bin", turn),), rest=Turn(404))) as server:
        download = await fetched(tmp_path, server, link, 1)
    assert download.state is DownloadState.FAILED
    assert len(server.asked) <= 40


async def test_https_never_becomes_http(tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    for name in ("fine", "refused"):
        (tmp_path / name).mkdir()
    with Misbehaving(THING) as plain, Misbehaving(THING, tls=context) as server:
        fine = await fetched(tmp_path / "fine", server, BARE, 4, ca_file=ca_file)
        server.script = Script(doors=(("/out.bin", to(f"{plain.origin}/x")),))
        refused = await fetched(tmp_path / "refused", server, BARE, 4, ca_file=ca_file)
    assert fine.state is DownloadState.DONE
    assert refused.state is DownloadState.FAILED
    assert not plain.asked


async def test_a_redirect_in_the_middle_joins_only_the_same_object(tmp_path: Path, connections: int) -> None:
    """The bucket moved while the file came: its bytes may be another object's."""
    with Misbehaving(OTHERS_FILE) as elsewhere, Misbehaving(THING) as server:
        server.script = Script((Turn(cut_after=20_000),), rest=to(f"{elsewhere.origin}/object"))
        download = await fetched(tmp_path, server, BARE, connections)
    assert download.state is DownloadState.DONE
    assert (tmp_path / "got" / "out.bin").read_bytes() == OTHERS_FILE.content


async def test_a_short_life_is_no_secret(tmp_path: Path) -> None:
    """A redirect's own address is as secret as the link's."""
    with Misbehaving(THING) as bucket, Misbehaving(THING) as server:
        server.script = Script(doors=(("/out.bin", to(f"{bucket.origin}/x?X-Amz-Signature=canary-of-the-bucket")),))
        bucket.script = Script(rest=Turn(404))
        download = await fetched(tmp_path, server, BARE, 1)
    assert download.state is DownloadState.FAILED
    assert "bucket" not in (download.message or "")
