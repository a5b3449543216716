from __future__ import annotations

import pytest

from tui.emulators.ranges import Slice, slice_for

ETAG = '"abc"'
WHOLE = Slice(200, 0, 100)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, WHOLE),
        ({"Range": "bytes=0-0"}, Slice(206, 0, 1)),
        ({"Range": "bytes=10-19"}, Slice(206, 10, 20)),
        ({"Range": "bytes=90-"}, Slice(206, 90, 100)),
        ({"Range": "bytes=90-500"}, Slice(206, 90, 100)),
        ({"Range": "bytes=-5"}, Slice(206, 95, 100)),
        ({"Range": "bytes=-500"}, Slice(206, 0, 100)),
        ({"Range": "bytes=100-"}, Slice(416)),
        ({"Range": "bytes=-0"}, Slice(416)),
        ({"Range": "bytes=0-1,5-6"}, WHOLE),
        ({"Range": "bytes=9-3"}, WHOLE),
        ({"Range": "bytes=-"}, WHOLE),
        ({"Range": "chunks=1-2"}, WHOLE),
        ({"Range": "bytes=5-", "If-Range": ETAG}, Slice(206, 5, 100)),
        ({"Range": "bytes=5-", "If-Range": '"old"'}, WHOLE),
        ({"Range": "bytes=5-", "If-Match": ETAG}, Slice(206, 5, 100)),
        ({"Range": "bytes=5-", "If-Match": '"old"'}, Slice(412)),
        ({"If-Match": "*"}, WHOLE),
        ({"If-None-Match": '"x", "abc"'}, Slice(304)),
        ({"If-None-Match": '"x"'}, WHOLE),
    ],
)
def test_slices(headers: dict[str, str], expected: Slice) -> None:
    assert slice_for(headers, 100, ETAG) == expected
