"""What a field is called whose value is a secret: one list, for all who hide, refuse or cut off such values.

A pasted address alone loses more: all that signs somebody in, also a user's name (`engine.pasting.paste`).

A name that ends with one of these words is such a name, whatever stands before: `db_password`, `X-Api-Key`. How much of
a text counts as a name is for each of them to say.
"""

from __future__ import annotations

ENDINGS = (
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "secret_key",
    "api_key",
    "token",
    "cookie",
    "authorization",
    "signature",
    "x_amz_credential",
)
"""In small letters; `_` stands for `_`, `-` or nothing."""

ENDING = f"(?:{'|'.join(word.replace('_', '[_-]?') for word in ENDINGS)})"
"""The same as an expression, which is to be read without regard to case."""

HINTS = tuple(dict.fromkeys(max(reversed(word.split("_")), key=len) for word in ENDINGS))
"""One piece of each name, without separators: a text that holds none of the pieces names no secret."""
