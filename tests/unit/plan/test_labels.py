"""Labels: identifiers that several programs accept, unique in the estate."""

from __future__ import annotations

import re
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from kubelb_gen.plan import names

_NAME = st.from_regex(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?", fullmatch=True)
_PARTS = st.lists(_NAME, min_size=1, max_size=5).map(tuple)


@given(_PARTS)
def test_nginx_can_hash_a_variable_with_a_suffix(parts: tuple[str, ...]) -> None:
    """NGINX 1.31 refuses names of 47 characters; `_peer` is our longest suffix."""
    assert re.fullmatch(r"kubelb_[A-Za-z0-9_]+", names.label(*parts))
    assert 46 >= len(names.label(*parts) + "_peer")


@given(_PARTS, _PARTS)
def test_different_names_have_different_labels(
    one: tuple[str, ...], other: tuple[str, ...]
) -> None:
    assert (one == other) == (names.label(*one) == names.label(*other))


def test_a_dash_is_not_a_boundary() -> None:
    alike = (
        ("a-b", "c"),
        ("a", "b-c"),
        ("a-b-c",),
        ("a", "b", "c"),
        ("a--b", "c"),
        ("a", "b--c"),
        ("a-", "b-c"),
        ("a_b", "c"),
        ("a.b", "c"),
    )

    for one, other in combinations(alike, 2):
        assert names.label(*one) != names.label(*other)


@given(_PARTS, _PARTS)
def test_no_label_is_what_haproxy_s_probe_of_another_is_called(
    one: tuple[str, ...], other: tuple[str, ...]
) -> None:
    assert names.label(*one) + "_probe" != names.label(*other)
    assert names.label("a", "http") + "_probe" != names.label("a", "http-probe")
