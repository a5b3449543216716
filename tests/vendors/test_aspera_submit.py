"""Aspera: starting work orders, exactly once (dossier sections 4 and 7, trap 1)."""

from __future__ import annotations

import json

import httpx
import pytest

from tests.vendors.fakes import FakeSession, secrets_of
from tui.errors import AskError, UsageError
from tui.model import Connection, ProblemKind, Reference
from tui.vendors.aspera import VENDOR
from tui.vendors.contract import Order, Submits

BASE = "https://orchestrator.example/aspera/orchestrator"
INPUTS = '{"src": "/in/a b.mov", "n": 3, "x": true}'
BODY = f'{{"workflow_id": "5", "external_parameters": {INPUTS}, "priority": 3, "name": "N"}}'
STARTED = {"work_order": {"id": 7100, "status": "Inactive"}}

Answer = httpx.Response | Exception


def session_of(answer: Answer, **options: str) -> FakeSession:
    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/api/login"):
            return httpx.Response(200, json={"token": "T"})
        if isinstance(answer, Exception):
            raise answer
        return answer

    connection = Connection("orc", "aspera", BASE, {"username": "ops", "auth": "basic", **options})
    return FakeSession(VENDOR, connection, secrets_of("orc", password="p"), handle)


async def test_it_is_one_post() -> None:
    assert isinstance(VENDOR, Submits)
    session = session_of(httpx.Response(200, json=STARTED))
    assert await VENDOR.submit(session, Order(BODY)) == Reference("7100")
    (request,) = session.sent
    assert (request.method, request.url.path) == ("POST", "/aspera/orchestrator/api/initiate")
    assert dict(request.url.params) == {"work_order[name]": "N", "work_order[priority]": "3", "format": "json"}
    inputs = {"src": "/in/a b.mov", "n": 3, "x": True}
    assert json.loads(request.content) == {"workflow_id": 5, "external_parameters": inputs}


async def test_it_is_one_get_where_the_connection_says_so() -> None:
    session = session_of(httpx.Response(200, json=STARTED), initiate="get", format="ext")
    assert await VENDOR.submit(session, Order(BODY)) == Reference("7100")
    (request,) = session.sent
    assert (request.method, request.url.path) == ("GET", "/aspera/orchestrator/api/initiate/5.json")
    assert dict(request.url.params) == {
        "external_parameters[src]": "/in/a b.mov",
        "external_parameters[n]": "3",
        "external_parameters[x]": "true",
        "work_order[name]": "N",
        "work_order[priority]": "3",
    }


async def test_the_answer_may_be_xml() -> None:
    answer = httpx.Response(200, text='<work_order id="7100"><status state="Inactive"/></work_order>')
    assert await VENDOR.submit(session_of(answer), Order('{"workflow_id": 5}')) == Reference("7100")


@pytest.mark.parametrize(
    ("body", "place", "said"),
    [
        ("", None, "not JSON"),
        ("[]", None, "not a JSON object"),
        ("{}", None, "workflow_id is missing"),
        ('{"workflow_id": "x"}', None, "workflow_id must be the workflow's number"),
        ('{"workflow_id": 0}', None, "workflow_id must be the workflow's number"),
        ('{"workflow_id": true}', None, "workflow_id must be the workflow's number"),
        ('{"workflow_id": 5, "external_parameter": {}}', None, 'did you mean "external_parameters"'),
        ('{"workflow_id": 5, "synchronous": true}', None, "synchronous is not known"),
        ('{"workflow_id": 5, "external_parameters": []}', None, "external_parameters must be an object"),
        ('{"workflow_id": 5, "external_parameters": {"a": null}}', None, "external_parameters.a is null"),
        ('{"workflow_id": 5, "external_parameters": {"\'a\'": 1}}', None, "no name of an input"),
        ('{"workflow_id": 5, "priority": 4}', None, "priority must be 1, 2 or 3"),
        ('{"workflow_id": 5}', "44", "one place for orders"),
    ],
)
def test_a_wrong_body_is_told_before_anything_is_sent(body: str, place: str | None, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        VENDOR.read_order(Order(body, place))
    assert said in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("auth", ["basic", "token", "query"])
@pytest.mark.parametrize("form", ["post", "get"])
@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (
            httpx.Response(400, json={"work_order": {"statusDetails": "no"}, "missing_parameters": ["src", "b"]}),
            ProblemKind.BAD_REPLY,
            'the workflow needs these inputs: src, b; add {"external_parameters": {"src": "…", "b": "…"}}',
        ),
        (
            httpx.Response(500, json={"missing_parameters": ["src"]}),
            ProblemKind.BAD_REPLY,
            'the workflow needs these inputs: src; add {"external_parameters": {"src": "…"}}',
        ),
        (
            httpx.Response(500, text="ActiveRecord::RecordNotFound: Couldn't find Workflow with 'id'=5\napp/x.rb:1"),
            ProblemKind.BAD_REPLY,
            "the server does not know this workflow (500): ActiveRecord::RecordNotFound: Couldn't find Workflow with "
            "'id'=5; look at workflow_id; the workflow must be published",
        ),
        (
            httpx.Response(200, json={"error": "workflow is not published"}),
            ProblemKind.BAD_REPLY,
            "the answer holds no work order: workflow is not published; look at base_url and at what stands between",
        ),
        (
            httpx.Response(401, html="<html>401</html>"),
            ProblemKind.AUTH,
            "the vendor refused the credentials (401); check the secret",
        ),
        (
            httpx.Response(403, text="Operator group needed"),
            ProblemKind.FORBIDDEN,
            "the vendor forbids this (403): Operator group needed; check the account's rights",
        ),
        (
            httpx.Response(302, headers={"location": "/login"}),
            ProblemKind.BAD_REPLY,
            "the vendor sends us elsewhere (302), perhaps to a login page; look at base_url: it usually ends with "
            "/aspera/orchestrator",
        ),
        # From here on nobody knows whether the work order was started.
        (
            httpx.Response(500, text="undefined method `x'\napp/y.rb:1"),
            ProblemKind.UNREACHABLE,
            "the vendor answered 500: undefined method `x'; the vendor has trouble; wait a little",
        ),
        (
            httpx.Response(200),
            ProblemKind.UNREACHABLE,
            "the vendor answered 200 without a body; look at base_url and at what stands between",
        ),
        (
            httpx.Response(200, html="<html>Sign in</html>"),
            ProblemKind.UNREACHABLE,
            "a web page came in place of data; a login page or a proxy may stand between; look at base_url and auth",
        ),
        (
            httpx.Response(200, text="<work_order id='71"),
            ProblemKind.UNREACHABLE,
            "the vendor's answer is neither JSON nor XML; look at base_url and at what stands between",
        ),
        (
            httpx.Response(200, json={"work_order": {"status": "Inactive"}}),
            ProblemKind.UNREACHABLE,
            "the server took the order and names no work order; look at the workflow's work orders (discover) before "
            "you send it again",
        ),
        (httpx.ReadTimeout("late"), ProblemKind.UNREACHABLE, "the vendor cannot be reached; "),
    ],
)
async def test_trap_1_a_start_is_sent_once_whatever_the_answer(
    auth: str, form: str, answer: Answer, kind: ProblemKind, said: str
) -> None:
    session = session_of(answer, auth=auth, initiate=form)
    with pytest.raises(AskError) as caught:
        await VENDOR.submit(session, Order('{"workflow_id": 5}'))
    error = caught.value
    assert (error.kind, f"{error.message}; {error.hint}") == (kind, said)
    assert len([request for request in session.sent if "/initiate" in request.url.path]) == 1
