"""Both readers have to agree, also about types that compare as equal."""

from __future__ import annotations

import pytest

from tests.support.yaml_readers import read_alike, read_one


def test_quoted_text_means_the_same_to_both() -> None:
    expected = [{"a": "no", "b": [1, True]}, {"c": None}]

    assert expected == read_alike('a: "no"\nb: [1, true]\n---\nc: null\n')


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a: no", id="a boolean in 1.1 alone"),
        pytest.param("a: 0o17", id="an octal in 1.2 alone"),
        pytest.param("a: 017", id="an octal in 1.1 alone"),
        pytest.param("a: 1:30", id="a sexagesimal in 1.1 alone"),
        pytest.param("on: 1", id="a boolean key in 1.1 alone"),
    ],
)
def test_what_they_read_differently_is_refused(text: str) -> None:
    with pytest.raises(AssertionError):
        read_alike(text)


def test_one_document_is_one() -> None:
    assert read_one("a: 1") == {"a": 1}
    with pytest.raises(ValueError, match="too many"):
        read_one("a: 1\n---\nb: 1\n")
