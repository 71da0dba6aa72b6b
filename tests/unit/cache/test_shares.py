"""What is kept of a leaf comes back as it was, or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelb_gen.cache.log import Frame
from kubelb_gen.cache.pieces import Pieces, pieces_of
from kubelb_gen.cache.shares import (
    Share,
    rows_frame,
    rows_of,
    share_of,
    texts_frame,
    texts_of,
    told,
    words_of,
)
from kubelb_gen.render.envoy_bootstrap import Fragment

# As names and files: all that UTF-8 can hold.
anything = st.text(st.characters(codec="utf-8"), max_size=9)
words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=9)
rows = st.lists(st.tuples(*[anything] * 5), max_size=3)
lists = st.none() | st.dictionaries(anything, anything, max_size=2)
fragments = st.lists(
    st.tuples(
        anything,
        st.builds(
            Fragment, anything, st.integers(1, 65535), st.booleans(), anything, anything
        ),
    ),
    max_size=3,
)


@st.composite
def shares(draw: st.DrawFn) -> Share:
    names = draw(st.lists(anything, unique=True, max_size=3))
    return Share(
        context=draw(anything),
        speaks={name: draw(st.booleans()) for name in names},
        under={name: draw(lists) for name in names},
        needs={name: draw(lists) for name in names},
        claims=draw(st.lists(anything, max_size=3)),
        evidence=draw(st.lists(anything, max_size=3)),
        files=draw(rows),
        meaning=draw(
            st.lists(
                st.tuples(st.tuples(anything, st.booleans(), anything), anything),
                max_size=3,
            )
        ),
        pieces=pieces_of(draw(fragments)),
    )


def plain(value: Any) -> Any:  # noqa: ANN401  as JSON has it
    """The same with lists for tuples, and bytes for what is seen of them."""
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    return bytes(value) if isinstance(value, memoryview) else value


@given(shares())
def test_a_share_comes_back(share: Share) -> None:
    found = share_of(share.frame())

    assert found is not None
    assert plain(share) == plain(found)
    assert [*share.pieces.fragments()] == [*found.pieces.fragments()]


@given(st.lists(anything))
def test_texts_come_back(texts: list[str]) -> None:
    assert texts == texts_of(texts_frame(texts))


@given(rows)
def test_rows_come_back(given: list[Any]) -> None:
    assert given == rows_of(rows_frame(given))


@given(st.lists(st.lists(words, min_size=1, max_size=3).map(tuple)))
def test_claims_and_evidence_come_back(given: list[tuple[str, ...]]) -> None:
    assert given == [*words_of(told(given))]


@given(fragments, fragments)
def test_other_fragments_have_another_digest(one: Any, other: Any) -> None:  # noqa: ANN401
    assert (one == other) == (pieces_of(one).digest == pieces_of(other).digest)


ODD = [b"", b"null", b"7", b"[]", b"[1,2]", b"{}", b"\xff", b"[" * 9999, b'"text"']


@pytest.mark.parametrize("head", ODD)
def test_what_is_no_share_is_none(head: bytes) -> None:
    assert share_of(Frame(head, b"x")) is None


@pytest.mark.parametrize("head", [b"", b"null", b"7", b'["a"]', b"\xff", b"[" * 9999])
def test_what_are_no_texts_are_none(head: bytes) -> None:
    assert texts_of(Frame(head, b"x")) is None
    assert rows_of(Frame(head, b"")) is None


EMPTY = Share("", {"a": True}, {"a": None}, {"a": None}, [], [], [], [], pieces_of(()))


@pytest.mark.parametrize(
    "other",
    [
        EMPTY._replace(under={}),
        EMPTY._replace(needs={"b": None}),
        EMPTY._replace(claims={}),  # type: ignore[arg-type]
        EMPTY._replace(context=None),  # type: ignore[arg-type]
    ],
)
def test_what_contradicts_itself_is_no_share(other: Share) -> None:
    assert share_of(EMPTY.frame()) is not None
    assert share_of(other.frame()) is None


def test_pieces_are_taken_apart_by_letters_and_not_by_bytes() -> None:
    one = ("t", Fragment("a", 1, False, "ü", "ß"))
    two = ("t", Fragment("b", 2, True, "", "é\n"))
    rows, text, digest = pieces_of([one, two])

    assert [one, two] == [*Pieces(rows, text, digest).fragments()]
