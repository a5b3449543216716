"""The third kind of EnOS login: a token that the vendor's Python SDK makes by itself (dossier enos.md, 1.3)."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

_PADDING = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)  # noqa: S303  # the SDK's own choice
_FIELDS = 5


class RsaDoor:
    """Reads the SDK's tokens with a key of its own; a test puts `public_key` in place of the one in the SDK."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)

    @property
    def public_key(self) -> str:
        """As the SDK holds it: DER in base64."""
        kind = serialization.PublicFormat.SubjectPublicKeyInfo
        return b64encode(self._key.public_key().public_bytes(serialization.Encoding.DER, kind)).decode()

    def admits(self, token: str, app_key: str, app_secret: str) -> bool:
        """Whether the token names this application; its times are not in it, so they cannot be checked."""
        try:
            fields = self._key.decrypt(b64decode(token, validate=True), _PADDING).decode().split("$")
        except ValueError:
            return False
        if len(fields) != _FIELDS:
            return False
        given, due = f"{fields[1]}${fields[2]}", f"{app_key}${app_secret}"
        return hmac.compare_digest(given.encode(), due.encode())
