"""Which bytes are there, who gets which piece: against a set of single bytes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.engine.fetching.progress import Piece, PieceSizes, Progress
from tui.engine.fetching.spans import Span, Spans

BYTES = st.tuples(st.integers(0, 60), st.integers(0, 60))


@given(st.lists(BYTES, max_size=12), st.integers(0, 70))
def test_spans_are_a_set_of_bytes(added: list[tuple[int, int]], end: int) -> None:
    spans, truth = Spans(added), {byte for first, last in added for byte in range(first, last)}
    assert spans.size == len(truth)
    assert {byte for span in spans for byte in range(*span)} == truth
    assert all(one.end < two.first for one, two in zip(list(spans), list(spans)[1:], strict=False))
    assert spans.prefix == next(byte for byte in range(100) if byte not in truth)
    assert {byte for gap in spans.gaps(end) for byte in range(*gap)} == set(range(end)) - truth


@given(
    st.lists(BYTES, max_size=4),
    st.integers(1, 60),
    st.integers(1, 5),
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), max_size=60),
)
def test_no_byte_is_given_to_two_and_none_is_forgotten(
    there: list[tuple[int, int]], total: int, workers: int, steps: list[tuple[int, int]]
) -> None:
    """Workers take pieces, write some of them, and give up anywhere; in the end everything is there once."""
    before = [(min(first, total), min(last, total)) for first, last in there]
    progress, cut = Progress(before, total), PieceSizes(most=16, least=3).cut(workers)
    written = {byte for first, last in before for byte in range(first, last)}
    at_it: list[Piece] = []
    for who, count in [*steps, *([(0, 60)] * 100)]:
        if len(at_it) < workers and (piece := progress.take(cut)):
            assert piece.end is not None
            assert not written & set(range(piece.first, piece.end))
            assert not any(one.first < piece.end and piece.first < (one.end or 0) for one in at_it)
            at_it.append(piece)
        if who < len(at_it):
            piece = at_it.pop(who)
            end = min(piece.at + count, piece.end or 0)
            written |= set(range(piece.at, end))
            piece.at = end
            assert progress.size == len(written)
            progress.give_back(piece)
        assert progress.size == len(written)
    assert progress.is_complete
    assert progress.there() == (Span(0, total),)


def test_pieces_shrink_towards_the_end() -> None:
    progress, sizes = Progress(total=100 * 1024**2), []
    cut = PieceSizes().cut(4)
    while piece := progress.take(cut):
        sizes.append((piece.end or 0) - piece.first)
    assert sizes[0] == 8 * 1024**2
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-2] == 1024**2


def test_without_a_total_there_is_one_piece_for_all() -> None:
    progress = Progress([(0, 10), (20, 30)])
    piece = progress.take(PieceSizes().cut(4))
    assert piece is not None
    assert (piece.first, piece.end) == (10, None)
    assert progress.take(PieceSizes().cut(4)) is None
    assert not progress.is_complete
