"""A document of ours as YAML says what it is made of."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelb_gen.document import Source, parse
from kubelb_gen.render.block import block
from tests.support.yaml_readers import read_11

LETTERS = st.characters(exclude_categories=["Cs", "Cc", "Cn", "Zl", "Zp", "Cf", "Co"])
TEXTS = st.text(LETTERS) | st.sampled_from(["no", "1.20", "", "~", "- a", "a: b", "#"])
SCALARS = TEXTS | st.booleans() | st.integers() | st.none()
DATA = st.dictionaries(
    TEXTS,
    st.recursive(
        SCALARS | st.lists(SCALARS, max_size=3),
        lambda inner: (
            st.dictionaries(TEXTS, inner, max_size=3)
            | st.lists(st.dictionaries(TEXTS, inner, max_size=3), max_size=3)
        ),
        max_leaves=8,
    ),
    min_size=1,
    max_size=4,
)


@pytest.mark.property
@given(DATA)
def test_what_is_written_is_read_again(data: dict[str, Any]) -> None:
    text = block(data, rows=True)

    assert [data] == read_11(text)
    assert [data] == [each.data for each in parse(Source("a", text)).documents]


def test_it_is_laid_out_as_a_person_would() -> None:
    data = {
        "kind": "A",
        "spec": {
            "ranges": ["10.0.0.0/8", "::/64"],
            "edges": [{"name": "eg", "others": {"wantClient": True}}, {"name": "b"}],
            "none": {},
        },
    }

    assert """\
kind: A
spec:
  ranges: ["10.0.0.0/8", "::/64"]
  edges:
    - name: eg
      others:
        wantClient: true
    - name: b
  none: {}
""" == block(data, rows=True)
