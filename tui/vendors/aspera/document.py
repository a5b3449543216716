"""Aspera: an answer as JSON object or XML tree, and what its error answers say (dossier sections 3 and 7).

The server answers XML unless asked otherwise, and not every call heeds the wish, so the body itself decides.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from typing import Any, cast
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from tui.errors import AskError
from tui.model import ProblemKind
from tui.untrusted_json import read_json
from tui.vendors._errors import check_saying, one_line, plain_sentence
from tui.vendors._read import Json, text_of
from tui.vendors.contract import Reply

LARGEST = 4_000_000
"""Bytes of XML that are read."""
DEEPEST = 40
"""Levels of XML elements; the vendor's own documents have six."""

_UNKNOWN = re.compile(
    r"(?i)could(?: not|n.?t) (?:be )?f(?:i|ou)nd|not[ _]?found|(?:does not|doesn.t) exist"
    r"|\b(?:no such|unknown) (?:id\b|work|step|order)|\b(?:no|invalid) work[ _-]?(?:order|step)"
)
_HTML_START = re.compile(rb"(?i)\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html|head|body)\b")
_BETWEEN_HINT = "look at base_url and at what stands between"
_UNKNOWN_HINT = "look at its id; a step is named by step:ID or WORKORDER/STEP NAME"
_ADDRESS_HINT = "look at base_url: it usually ends with /aspera/orchestrator"
_ERROR_FIELDS = ("error", "message", "failure", "error_description", "errors", "description", "internal_message")
_MOST_SAID = 10_000


def open_document(reply: Reply) -> Json | Element:
    """A 2xx answer as JSON object or XML root; the reader still has to find the root it expects.

    Raises AskError: the vendor's own refusal, or BAD_REPLY for web pages (trap 11), DTDs and broken texts.
    """
    body = check_answer(reply).body.removeprefix(BOM_UTF8).strip()
    if not body:
        raise AskError(ProblemKind.BAD_REPLY, f"the vendor answered {reply.status} without a body", hint=_BETWEEN_HINT)
    if body[:1] in b"{[":
        answer = reply.json()
        if not isinstance(answer, dict):
            raise AskError(ProblemKind.BAD_REPLY, "the answer is not a JSON object", hint=_BETWEEN_HINT)
        return answer
    if _is_page(reply):
        raise AskError(
            ProblemKind.BAD_REPLY,
            "a web page came in place of data",
            hint="a login page or a proxy may stand between; look at base_url and auth",
        )
    return _parse_xml(body)


def json_object_of(reply: Reply) -> Json:
    """A 2xx answer as JSON object; raises AskError(BAD_REPLY) for XML and all else."""
    document = open_document(reply)
    if isinstance(document, Element):
        raise AskError(
            ProblemKind.BAD_REPLY,
            "the vendor answered with XML where only JSON is known",
            hint='set format = "header" or "ext": another way to ask for JSON',
        )
    return document


def no_root(reply: Reply, wanted: str) -> AskError:
    """The error for a 2xx answer that lacks the expected root: the vendor's refusal in it, or BAD_REPLY."""
    said = said_by(reply)
    if _UNKNOWN.search(said):
        return AskError(ProblemKind.GONE, f"the vendor does not know this job: {said}", hint=_UNKNOWN_HINT)
    return AskError(
        ProblemKind.BAD_REPLY, f"the answer holds no {wanted}{': ' + said if said else ''}", hint=_BETWEEN_HINT
    )


def check_answer(reply: Reply) -> Reply:
    """Return a 2xx reply; raise AskError for all else, with the first line of what the vendor said.

    Since 4.1.6 the status code says little, so an unknown job is known by its words: a 404 without them is a wrong
    address (section 7).
    """
    if 200 <= reply.status < 300:
        return reply
    said = said_by(reply)
    if reply.status not in (401, 403, 429) and _UNKNOWN.search(said):
        raise AskError(
            ProblemKind.GONE, f"the vendor does not know this job ({reply.status}): {said}", hint=_UNKNOWN_HINT
        )
    words = f": {said}" if said else ""
    if reply.status in (404, 410):
        raise AskError(
            ProblemKind.BAD_REPLY, f"there is nothing at this address ({reply.status}){words}", hint=_ADDRESS_HINT
        )
    if 300 <= reply.status < 400:
        raise AskError(
            ProblemKind.BAD_REPLY,
            f"the vendor sends us elsewhere ({reply.status}), perhaps to a login page",
            hint=_ADDRESS_HINT,
        )
    return check_saying(reply, lambda _: said)


def open_job(reply: Reply) -> Json | Element:
    """`open_document` for the answer to a question about one job: a 404 that says nothing means the job.

    Raises AskError: GONE for that one too.
    """
    if reply.status in (404, 410) and reply.body.strip() in (b"", b"{}", b"null"):
        raise AskError(
            ProblemKind.GONE,
            f"the vendor does not know this job ({reply.status})",
            hint=f"{_UNKNOWN_HINT}; if that is right, {_ADDRESS_HINT}",
        )
    return open_document(reply)


def said_by(reply: Reply) -> str:
    """The first line of an error answer, without the stack trace below it; "" for web pages and where none is."""
    if reply.body[:_MOST_SAID].lstrip()[:1] not in (b"{", b"["):
        return "" if _is_page(reply) else plain_sentence(reply)
    try:
        answer = read_json(reply.body)
    except ValueError:
        return ""
    return _first_line(_error_text(answer))


def name_of(element: Element) -> str:
    """An element's name without namespace, lower-case, with underscores: `workOrder-id` is `workorder_id`."""
    return element.tag.rpartition("}")[2].replace("-", "_").lower()


def child_of(element: Element, *names: str) -> Element | None:
    """The first child with one of the names (as `name_of` gives them), in the order of the names."""
    for name in names:
        for child in element:
            if name_of(child) == name:
                return child
    return None


def words_of(element: Element | None) -> str | None:
    """An element's own text, trimmed; None when there is no element or no text (`nil="true"` has none)."""
    return None if element is None else (element.text or "").strip() or None


def words_in(element: Element, *names: str) -> str | None:
    """The text of the first child with one of the names that has a text."""
    for name in names:
        for child in element:
            words = words_of(child) if name_of(child) == name else None
            if words:
                return words
    return None


def _is_page(reply: Reply) -> bool:
    kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind in ("text/html", "application/xhtml+xml") or bool(_HTML_START.match(reply.body[:1000]))


def _error_text(answer: object) -> str:
    if not isinstance(answer, dict):
        return ""
    for name in _ERROR_FIELDS:
        value = answer.get(name)
        if isinstance(value, dict):
            words = _error_text(value) or ", ".join(f"{key}: {text_of(each)}" for key, each in value.items())
        elif isinstance(value, list):
            words = ", ".join(text_of(each) or "" for each in value)
        else:
            words = text_of(value) or ""
        if words:
            return words
    order = answer.get("work_order")
    details = text_of(order.get("statusDetails")) if isinstance(order, dict) else None
    missing = answer.get("missing_parameters")
    return details or (f"missing parameters: {missing}" if missing else "")


def _first_line(text: str) -> str:
    lines = text[:_MOST_SAID].strip().splitlines()
    return one_line(lines[0]) if lines else ""


class _Builder(TreeBuilder):
    """A tree that refuses to grow too deep."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def start(self, tag: Any, attrs: Any, /) -> Element:  # the stubs disagree on these from version to version
        self._depth += 1
        if self._depth > DEEPEST:
            raise AskError(ProblemKind.BAD_REPLY, "the vendor's XML is nested too deeply", hint=_BETWEEN_HINT)
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


def _parse_xml(body: bytes) -> Element:
    if len(body) > LARGEST:
        raise AskError(ProblemKind.BAD_REPLY, "the vendor's XML is too long", hint=_BETWEEN_HINT)
    parser = DefusedXMLParser(target=_Builder(), forbid_dtd=True, forbid_entities=True, forbid_external=True)
    try:
        parser.feed(body)
        return cast("Element", parser.close())
    except DefusedXmlException as error:
        raise AskError(
            ProblemKind.BAD_REPLY, "the vendor's XML declares a DTD or entities, which is refused", hint=_BETWEEN_HINT
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        raise AskError(
            ProblemKind.BAD_REPLY, "the vendor's answer is neither JSON nor XML", hint=_BETWEEN_HINT
        ) from error
