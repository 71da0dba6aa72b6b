"""Paths that are looked at all at once are refused as if each were looked at."""

from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kubelb_gen.artifacts import LOCK_NAME, naming
from kubelb_gen.errors import RenderError

pytestmark = pytest.mark.property

ODD = st.sampled_from([".a", "", "..", LOCK_NAME, LOCK_NAME.title(), "é", "a\nb"])
PLAIN = st.sampled_from(["a", "A", "b", "c", "c.yaml"])


def paths_of(names: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    path = st.lists(names, min_size=1, max_size=3).map("/".join)
    return st.lists(path, max_size=4)


@given(
    paths=paths_of(PLAIN) | paths_of(PLAIN | ODD) | st.lists(st.text(max_size=4)),
)
@example(paths=[LOCK_NAME.title()])
@example(paths=["a", "A"])
@example(paths=["a", "a"])
@example(paths=["a", "A/b"])
@example(paths=["a/c/d", "A/b"])
@example(paths=["a/c/d", "b/e/f", "A/c/e"])
@example(paths=["/".join("a" * 12), "b"])
@example(paths=["/".join("a" * 33)])
@example(paths=["a\n"])
@example(paths=["\na"])
@example(paths=["a\u212a", "ak"])
def test_the_quick_look_and_the_long_look_agree(paths: list[str]) -> None:
    paths.sort()
    quick = said(paths)
    one_by_one = [naming.are_paths([path]) for path in paths]
    together = naming.are_paths(paths)
    with patch.object(naming, "_are_plain", lambda _: False):
        assert said(paths) == quick
        assert [naming.are_paths([path]) for path in paths] == one_by_one
        assert naming.are_paths(paths) == together == all(one_by_one)


def said(paths: list[str]) -> str:
    try:
        naming.refuse_collisions(paths)
    except RenderError as error:
        return str(error)
    return ""
