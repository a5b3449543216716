"""ZIP archives, whole and spoilt, for the rooms that read them."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Mapping


def make_zip(
    members: Mapping[str, bytes] | None = None, *, packed: int = zipfile.ZIP_DEFLATED, comment: bytes = b""
) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packed) as archive:
        for name, content in (members or {"a.txt": b"hello " * 500, "deep/b.bin": noise(3000)}).items():
            archive.writestr(zipfile.ZipInfo(name), content, packed)
        archive.comment = comment
    return buffer.getvalue()


def noise(count: int) -> bytes:
    """Bytes that cannot be packed, the same each time."""
    return random.Random(count).randbytes(count)
