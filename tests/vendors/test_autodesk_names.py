"""What names a WorkItem and its outputs (autodesk dossier, sections 3.2, 3.4 and 4)."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clock import START
from tui.errors import UsageError
from tui.model import Connection, Reference
from tui.vendors.autodesk.names import output_names, read_outputs, read_ref
from tui.vendors.contract import Pasted

ID = "0f3c9a1b2d4e4f60a1b2c3d4e5f60718"
HOST = "https://developer.api.autodesk.com"
APS = Connection("aps-prod", "autodesk", HOST, {"client_id": "cid", "region": "us-east"})
SUBMIT = {
    "activityId": "acme.ExportFbx+prod",
    "arguments": {
        "InputMax": {"url": "urn:adsk.objects:os.object:acme-in/scene.max"},
        "Head": {"verb": "head", "url": "urn:adsk.objects:os.object:acme-in/other.max"},
        "OutputFbx": {"verb": "put", "url": "urn:adsk.objects:os.object:acme-out/a dir/out.zip"},
        "Log": {"verb": "PUT", "url": f"{HOST}/oss/v2/buckets/acme-out/objects/a%20dir%2Flog.txt"},
        "Elsewhere": {"verb": "put", "url": "https://store.example/put-here"},
        "Quality": {"value": "high"},
        "Name": "text",
        "onComplete": {"verb": "post", "url": f"{HOST}/oss/v2/buckets/acme-out/objects/no"},
    },
}


def ref_of(text: str = "", *, url: str | None = None, body: object = None) -> Reference | None:
    written = body if body is None or isinstance(body, str) else json.dumps(body)
    return read_ref(Pasted(text or url or "", START, url=url, body=written), APS)


@pytest.mark.parametrize("text", [ID, f" {ID}\n", ID.upper()])
def test_an_id_is_32_hexadecimal_digits(text: str) -> None:
    assert ref_of(text) == Reference(ID)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ID[:-1],
        ID + "0",
        "0c5b9c1e-77aa-4f0e-9a53-3f1d2b6c8e10",
        "1234",
        "1234/Package clip",
        "step:17",
        "channel/task",
        "g" * 32,
    ],
)
def test_texts_of_other_vendors_are_left_alone(text: str) -> None:
    assert ref_of(text) is None


@pytest.mark.parametrize("slashes", ["/", "//"])
def test_a_workitem_url_names_it(slashes: str) -> None:
    assert ref_of(url=f"{HOST}{slashes}da/us-east/v3/workitems/{ID}") == Reference(ID)


@pytest.mark.parametrize("path", ["/asyncStatus/abc", "/v1/order/x", "", "/da/us-east/v3/activities/x"])
def test_other_urls_are_left_alone(path: str) -> None:
    assert ref_of(url=HOST + path) is None


def test_a_workitem_of_another_region_is_refused() -> None:
    with pytest.raises(UsageError, match="us-west"):
        ref_of(url=f"{HOST}/da/us-west/v3/workitems/{ID}")


def test_a_url_with_a_wrong_id_is_refused() -> None:
    with pytest.raises(UsageError, match="not the id"):
        ref_of(url=f"{HOST}/da/us-east/v3/workitems/status")


def test_a_submit_body_gives_the_outputs_that_are_written_and_no_callback() -> None:
    expected = Reference(ID, outputs=("acme-out/a dir/out.zip", "acme-out/a dir/log.txt"))
    assert ref_of(body={**SUBMIT, "id": ID}) == expected
    assert ref_of(url=f"{HOST}/da/us-east/v3/workitems", body={**SUBMIT, "id": ID}) == expected
    assert ref_of(url=f"{HOST}/da/us-east/v3/workitems/{ID}", body=SUBMIT) == expected


def test_the_reply_of_a_submit_names_its_workitem() -> None:
    assert ref_of(body={"status": "pending", "stats": {"timeQueued": "x"}, "id": ID}) == Reference(ID)


def test_a_submit_without_an_id_is_told_to_be_one() -> None:
    with pytest.raises(UsageError, match="starts a WorkItem"):
        ref_of(body=SUBMIT)
    with pytest.raises(UsageError, match="starts a WorkItem"):
        ref_of(url=f"{HOST}/da/us-east/v3/workitems")


@pytest.mark.parametrize("body", [{}, {"status": "processing"}, {"name": "x", "done": False}, [ID], "{broken"])
def test_bodies_of_other_vendors_are_left_alone(body: object) -> None:
    assert ref_of(body=body) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("acme-results/out.zip", "acme-results/out.zip"),
        ("acme-results/a dir/out.zip", "acme-results/a dir/out.zip"),
        (" urn:adsk.objects:os.object:acme-results/a/b.zip ", "acme-results/a/b.zip"),
        (f"{HOST}/oss/v2/buckets/acme-results/objects/a%20dir%2Fr.zip", "acme-results/a dir/r.zip"),
        (f"{HOST}//oss/v2/buckets/acme-results/objects/r.zip/signeds3download?x=1", "acme-results/r.zip"),
        (f"{HOST}/oss/v2/buckets/acme-results/objects/r.zip/details", "acme-results/r.zip"),
    ],
)
def test_an_output_is_read_in_each_of_its_forms(text: str, expected: str) -> None:
    assert read_outputs(text) == (expected,)


def test_a_submit_body_names_all_its_outputs() -> None:
    assert read_outputs(json.dumps(SUBMIT)) == ("acme-out/a dir/out.zip", "acme-out/a dir/log.txt")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "out.zip",
        "Bucket Name/out.zip",
        "ab/out.zip",
        "acme-results/",
        "acme-results/..",
        "acme-results/.",
        "urn:adsk.objects:os.object:acme-results",
        "urn:adsk.wipprod:fs.file:vf.abc",
        "https://store.example/acme-results/out.zip",
        f"{HOST}/oss/v2/buckets/acme-results/objects/dir/out.zip",
        "{}",
    ],
)
def test_a_text_that_names_no_object_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        read_outputs(text)


def test_two_keys_that_end_alike_get_names_of_their_own() -> None:
    keys = ("b-1/a/out.zip", "b-1/b/out.zip", "b-1/out (1).zip", "b-1/LICENSE", "b-2/LICENSE", "b-1/a/out.zip")
    assert output_names(keys) == {
        "out.zip": "b-1/a/out.zip",
        "out (1).zip": "b-1/b/out.zip",
        "out (1) (1).zip": "b-1/out (1).zip",
        "LICENSE": "b-1/LICENSE",
        "LICENSE (1)": "b-2/LICENSE",
    }


def test_names_stay_when_outputs_are_added() -> None:
    few = output_names(("bucket/a/x", "bucket/b/x"))
    more = output_names(("bucket/a/x", "bucket/b/x", "bucket/c/x"))
    assert dict(list(more.items())[:2]) == few


@given(st.lists(st.text(min_size=1).map(lambda key: f"bucket/{key}")))
def test_every_output_keeps_a_name(keys: list[str]) -> None:
    assert list(output_names(tuple(keys)).values()) == list(dict.fromkeys(keys))


@given(st.text(), st.none() | st.text(), st.none() | st.text())
def test_no_pasted_text_breaks_the_reader(text: str, url: str | None, body: str | None) -> None:
    with contextlib.suppress(UsageError):
        read_ref(Pasted(text, START, url=url, body=body), APS)
    with contextlib.suppress(UsageError):
        read_outputs(text)
