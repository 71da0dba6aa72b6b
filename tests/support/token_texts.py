"""Texts that a target grammar has to write as they are, or to refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st

from kubelb_gen.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Each example starts a program.
few = settings(max_examples=5)


def texts(traps: Sequence[str]) -> st.SearchStrategy[list[str]]:
    """Draw texts of any kind, and some of *traps*."""
    one = st.one_of(st.text(min_size=1, max_size=40), st.sampled_from(traps))
    return st.lists(one, max_size=30)


def kept(texts: list[str], write: Callable[[object], str]) -> dict[str, str]:
    """The tokens of those *texts* that *write* does not refuse."""
    tokens = {}
    for text in texts:
        try:
            tokens[text] = write(text)
        except RenderError:
            continue
    return tokens
