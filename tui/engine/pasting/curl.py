"""A pasted curl command, as pages, colleagues and browsers write it, taken apart into its options."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator

from tui.errors import UsageError

_CURL = re.compile(r"(?:\$\s+)?curl(?:\.exe)?\s", re.IGNORECASE)
_FLAGS = frozenset(
    {"--compressed", "--fail", "--fail-with-body", "--get", "--globoff", "--head", "--http1.1", "--http2", "--include"}
    | {"--insecure", "--ipv4", "--ipv6", "--location", "--location-trusted", "--no-buffer", "--no-progress-meter"}
    | {"--path-as-is", "--progress-bar", "--remote-header-name", "--remote-name", "--show-error", "--silent"}
    | {"--ssl-reqd", "--tlsv1.2", "--tlsv1.3", "--verbose", "--basic", "--digest", "--anyauth", "--negotiate", "--ntlm"}
)
"""Long options of curl that take no value; every other one does."""
DATA_OPTIONS = frozenset({"-d", "--data", "--data-raw", "--data-binary", "--data-ascii"})
"""Options whose value is a body, or a form, as it stands."""
_SHORT_FLAGS = frozenset("#0123465afgGijkIJlLnNOpqRsSvZ")
"""Short options of curl that take no value; what follows any other letter is its value."""


def curl_options(text: str) -> tuple[tuple[str, str], ...] | None:
    """The command's options with their values; what stands alone has the option "". None for what is no curl command.

    Raises UsageError for one whose quotes do not close.
    """
    prompt = _CURL.match(text)
    if prompt is None:
        return None
    try:
        words = shlex.split(re.sub(r"\\\r?\n", " ", text[prompt.end() :]))
    except ValueError as error:
        raise UsageError(f"the curl command cannot be read: {error}", hint="paste it whole, with its quotes") from error
    return tuple(_options(words))


def _options(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    rest = iter(words)
    for word in rest:
        if word.startswith("--"):
            option, equals, value = word.partition("=")
            takes_next = not equals and option not in _FLAGS and not option.startswith("--no-")
            yield option, next(rest, "") if takes_next else value
        elif word.startswith("-") and len(word) > 1:
            letters = word[1:].lstrip("".join(_SHORT_FLAGS))
            if letters:
                yield f"-{letters[0]}", letters[1:] or next(rest, "")
        else:
            yield "", word
