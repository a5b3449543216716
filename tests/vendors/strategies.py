"""What strangers may answer: any JSON, and JSON that looks almost right."""

from __future__ import annotations

from hypothesis import strategies as st

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


def almost(*names: str) -> st.SearchStrategy[dict[str, object]]:
    """Objects with these keys, any of which may be missing, and anything at all behind them."""
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, json_values))
