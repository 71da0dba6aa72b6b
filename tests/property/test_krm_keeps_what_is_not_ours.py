"""The KRM function: whatever the items are, they come back, and again the same."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.support import specs
from tests.support.functions import answer, items, resource_list

pytestmark = pytest.mark.property

SPEC = specs.service()
TEXTS = st.text(
    st.characters(
        exclude_categories=["Cc", "Cs", "Co", "Cn"],
        exclude_characters="\ufeff\u2028\u2029",
    ),
    max_size=12,
) | st.sampled_from(["no", "*a", "&a", "- x", "a\n\n", "# c", "1e3", "a: b", "\n  x\n"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)
    ),
    max_leaves=8,
)
OBJECTS = st.builds(
    lambda name, rest: {
        "apiVersion": "example.com/v1",
        "kind": "Thing",
        "metadata": {"name": name},
        "spec": rest,
    },
    TEXTS,
    VALUES,
)
STYLES = st.sampled_from([None, True, False])


@given(st.lists(st.tuples(OBJECTS, STYLES, st.integers(20, 100)), max_size=4))
def test_items_come_back_as_they_were(
    made: list[tuple[dict[str, Any], bool | None, int]],
) -> None:
    texts = [
        yaml.safe_dump(data, default_flow_style=style, width=width, allow_unicode=True)
        for data, style, width in made
    ]
    done = answer(resource_list(*texts, config=SPEC))

    assert () == done.errors
    assert [data for data, _, _ in made] == items(done.text)[:-2]
    assert done.text == answer(done.text).text
