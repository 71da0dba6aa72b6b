"""A golden comparison fails for each way in which files can differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.golden import Golden

if TYPE_CHECKING:
    from pathlib import Path

REVIEWED = {"a.yaml": "x: 1\n", "deep/er/b.yaml": "y: 2\n"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Golden(update=True).compare_tree(REVIEWED, tmp_path)
    return tmp_path


def test_what_was_written_compares_as_equal(folder: Path) -> None:
    Golden(update=False).compare_tree(REVIEWED, folder)


@pytest.mark.parametrize(
    ("actual", "complaint"),
    [
        pytest.param({**REVIEWED, "c": ""}, "c: is new", id="a new file"),
        pytest.param({"a.yaml": "x: 1\n"}, "b.yaml: is not rendered", id="a lost one"),
        pytest.param({**REVIEWED, "a.yaml": "x: 3\n"}, r"\+x: 3", id="other text"),
        pytest.param({**REVIEWED, "a.yaml": "x: 1"}, "no newline", id="no newline"),
        pytest.param({**REVIEWED, "a.yaml": "x: 1\r\n"}, "a.yaml", id="line end"),
    ],
)
def test_a_difference_is_told(
    folder: Path, actual: dict[str, str], complaint: str
) -> None:
    with pytest.raises(AssertionError, match=complaint):
        Golden(update=False).compare_tree(actual, folder)


def test_an_update_removes_what_is_stale(folder: Path) -> None:
    Golden(update=True).compare_tree({"a.yaml": "x: 1\n"}, folder)

    assert [folder / "a.yaml"] == list(folder.rglob("*"))


def test_a_single_text_is_compared_byte_by_byte(tmp_path: Path) -> None:
    path = tmp_path / "new" / "trace.txt"
    Golden(update=True).compare_text("a\r\n", path)

    Golden(update=False).compare_text("a\r\n", path)
    with pytest.raises(AssertionError, match=r"trace\.txt"):
        Golden(update=False).compare_text("a\n", path)
