"""httpx's errors in our words: what kind of trouble it is and what to do, without a URL or a header's value."""

from __future__ import annotations

import os
import socket
import ssl

import httpx

from tui.engine.few_files import no_more_files
from tui.engine.wire.changing import changes_something
from tui.engine.wire.spare_lines import wants_files
from tui.errors import AskError
from tui.model import ProblemKind
from tui.open_files import causes
from tui.redact import redact

CONNECT_SECONDS = 5.0
"""How long connecting may take."""
_LINE_HINT = "look at base_url and at the network: is a VPN or a proxy needed?"
_SLOW_HINT = "the vendor is slow or hangs: wait a little; a larger timeout waits longer"
_BROKEN_HINT = "wait a little; if it lasts, look at base_url and at what stands between"
_NO_HTTP_HINT = "look at base_url: is it http or https, and is this the vendor's port?"
_CA_HINT = "save the server's certificate, or its authority's, as a PEM file and name it with ca_file"
_NAME_HINT = "set tls_server_name to a name that the certificate lists, or use that name in base_url"
_TLS_HINTS = {
    9: "the certificate is not valid yet: look at this machine's clock",
    10: "the certificate has run out: have it renewed, or look at this machine's clock",
    **dict.fromkeys((18, 19, 20, 21), _CA_HINT),
    **dict.fromkeys((62, 64), _NAME_HINT),
}
"""By OpenSSL's verify code (X509_V_ERR_…)."""
_OURS = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)
"""What was wrong with the request, not with the line."""
_BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, *_OURS)
"""What happens before the first byte of a request leaves: no line, no TLS, no tunnel through the proxy, no words."""


class NoHttpError(httpx.RemoteProtocolError):
    """The answer is not HTTP; the error's text holds none of its bytes."""


class in_our_words:  # noqa: N801  # used as a `with` statement, reads as a phrase
    """Turns httpx's errors into AskErrors; no URL of theirs comes along.

    An error that is not about `request` itself is about one of its login's. A request that changes something and whose
    answer cannot be read may have been obeyed: that is UNREACHABLE, as if no answer had come.
    """

    def __init__(self, timeout: float, request: httpx.Request | None = None) -> None:
        self._timeout = timeout
        self._request = request

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, httpx.HTTPError | httpx.InvalidURL | httpx.StreamError | ValueError):
            told = _translate(error, self._timeout)
            told.not_sent = isinstance(error, _BEFORE_SENDING) or self._is_of_login(error)
            raise self._judged(told) from None
        if isinstance(error, AskError) and self._judged(error) is not error:
            raise self._judged(error) from None

    def _judged(self, told: AskError) -> AskError:
        is_unread = told.kind is ProblemKind.BAD_REPLY and not told.not_sent
        if not is_unread or self._request is None or not changes_something(self._request):
            return told
        return AskError(ProblemKind.UNREACHABLE, told.message, hint=told.hint)

    def _is_of_login(self, error: BaseException) -> bool:
        if self._request is None or not isinstance(error, httpx.RequestError):
            return False
        try:
            return error.request is not self._request
        except RuntimeError:  # no request is named
            return False


def _translate(error: Exception, timeout: float) -> AskError:
    if isinstance(error, httpx.ConnectTimeout):
        return AskError(ProblemKind.UNREACHABLE, f"no connection in {CONNECT_SECONDS:g} s", hint=_LINE_HINT)
    if isinstance(error, httpx.TimeoutException):
        return AskError(ProblemKind.UNREACHABLE, f"no answer in {timeout:g} s", hint=_SLOW_HINT)
    if tls := _tls_cause(error):
        return _tls_error(tls)
    if isinstance(error, httpx.ConnectError):
        return _cannot_connect(error)
    if isinstance(error, httpx.TransportError) and not isinstance(error, _OURS):
        return _broken_line(error)
    # The text is left out: it may show a header's value.
    return AskError(ProblemKind.BAD_REPLY, f"the exchange failed: {type(error).__name__}", hint="look at base_url")


def _broken_line(error: httpx.TransportError) -> AskError:
    if isinstance(error, NoHttpError):
        return AskError(ProblemKind.BAD_REPLY, str(error), hint=_NO_HTTP_HINT)
    said = _system_words(error) or redact(str(error)).rstrip(".") or type(error).__name__
    return AskError(ProblemKind.UNREACHABLE, f"the connection broke: {said}", hint=_BROKEN_HINT)


def _cannot_connect(error: httpx.ConnectError) -> AskError:
    if wants_files(error):
        return no_more_files()
    said = _system_words(error) or redact(str(error)) or "the server hung up"
    return AskError(ProblemKind.UNREACHABLE, f"cannot connect: {said}", hint=_LINE_HINT)


def _system_words(error: BaseException) -> str | None:
    """What the system calls it: "Connection refused", without a number and without an address."""
    for one in causes(error):
        if isinstance(one, socket.gaierror):
            return one.strerror
        if isinstance(one, OSError) and one.errno:
            return os.strerror(one.errno)
    return None


def _tls_error(error: ssl.SSLError) -> AskError:
    """What is wrong with the server's certificate, and which setting mends it (octoplant dossier, section 1)."""
    if not isinstance(error, ssl.SSLCertVerificationError):
        reason = (error.reason or "handshake").replace("_", " ").lower()
        return AskError(ProblemKind.TLS, f"TLS failed: {reason}", hint="look at base_url: is it https at that port?")
    hint = _TLS_HINTS.get(error.verify_code, "the certificate needs mending; ask who runs the server")
    return AskError(ProblemKind.TLS, f"TLS failed: {error.verify_message.rstrip('.')}", hint=hint)


def _tls_cause(error: BaseException) -> ssl.SSLError | None:
    return next((one for one in causes(error) if isinstance(one, ssl.SSLError)), None)
