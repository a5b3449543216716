"""What the OAuth-like logins of several vendors share: reading the token answer, and secrets that fit a header."""

from __future__ import annotations

import base64

from tui.errors import AskError, CredentialsError
from tui.model import ProblemKind, Secret
from tui.vendors._errors import check_saying
from tui.vendors._login import Token
from tui.vendors._read import object_of, whole_of
from tui.vendors.contract import Reply, Secrets

_REFUSALS = (400, 401, 403)


def read_bearer(reply: Reply, said: str, *, hint: str) -> Token:
    """The token in the answer of a token service (RFC 6749, 5.1).

    `said` is the vendor's error sentence, `hint` what to look at when it refuses. Raises AskError: AUTH for a
    refused login; never GONE, since a missing token service says nothing of a job.
    """
    if reply.status in _REFUSALS:
        words = f": {said}" if said else ""
        raise AskError(ProblemKind.AUTH, f"the login was refused ({reply.status}){words}", hint=hint)
    if reply.status in (404, 405, 410):
        raise AskError(
            ProblemKind.BAD_REPLY, f"there is no token service there ({reply.status})", hint="look at the address"
        )
    answer = object_of(check_saying(reply, lambda _: said))
    token = answer.get("access_token")
    if not isinstance(token, str) or not fits_header(token):
        raise AskError(
            ProblemKind.BAD_REPLY, "the token service's answer holds no usable access_token", hint="look at the address"
        )
    seconds = whole_of(answer.get("expires_in"))
    return Token(Secret(token), float(seconds) if seconds else None)


def fits_header(text: str) -> bool:
    """Whether the text can be sent as a header's value: printable ASCII without blanks."""
    return bool(text) and text.isascii() and text.isprintable() and " " not in text


def header_secret(secrets: Secrets, name: str) -> Secret:
    """A secret that is sent in a header as it is. Raises CredentialsError when it is missing or cannot be."""
    secret = secrets.need(name)
    if not fits_header(secret.reveal()):
        raise CredentialsError(
            f"{secrets.connection}: the {name} holds blanks or characters that no header can carry",
            hint=f"store it again: jobdeck secret set {secrets.connection} {name}",
        )
    return secret


def basic(client_id: str, secret: Secret) -> str:
    """The value of a Basic Authorization header (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{client_id}:{secret.reveal()}".encode("utf-8", "surrogateescape")).decode()
