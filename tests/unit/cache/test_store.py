"""A store gives back what was kept, together with its texts, and what is used stays."""

from __future__ import annotations

import os
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from kubelb_gen.cache import place
from kubelb_gen.cache.pieces import pieces_of
from kubelb_gen.cache.shares import Share
from kubelb_gen.cache.store import LostError, Store

if TYPE_CHECKING:
    from pathlib import Path

ONE, TWO, THREE = ("1" * 64, "2" * 64, "3" * 64)
Made = tuple[Share, list[str]]


@pytest.fixture(autouse=True)
def _away_from_other_caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "elsewhere"))


def made(*texts: str) -> Made:
    files = [("a", "b", "c", "d", sha256(each.encode()).hexdigest()) for each in texts]
    share = Share("", {}, {}, {}, [], [], files, [], pieces_of(()))
    return share, [*texts]


def store(folder: Path) -> Store:
    return Store(str(folder / "shares"), str(folder / "texts"))


def knows(folder: Path, digest: str, texts: list[str]) -> bool:
    at = store(folder)
    share = at.share(digest)
    return share is not None and at.texts(digest, share) == texts


def test_what_was_kept_is_known(tmp_path: Path) -> None:
    store(tmp_path).keep({ONE: made("x\n", "ü"), TWO: made()}, {THREE: []}, [])

    assert knows(tmp_path, ONE, ["x\n", "ü"])
    assert knows(tmp_path, TWO, [])
    assert [] == store(tmp_path).rows(THREE)
    assert store(tmp_path).share(THREE) is None
    assert store(tmp_path).rows("4" * 64) is None


def test_what_is_kept_later_stands_beside_it(tmp_path: Path) -> None:
    store(tmp_path).keep({ONE: made("x" * 99)}, {}, [])
    store(tmp_path).keep({TWO: made("y")}, {}, [ONE])

    assert knows(tmp_path, ONE, ["x" * 99])
    assert knows(tmp_path, TWO, ["y"])


def test_what_is_used_no_more_goes_in_time(tmp_path: Path) -> None:
    for number in range(9):
        store(tmp_path).keep({f"{number}" * 64: made("x" * 999)}, {}, [ONE])

    assert knows(tmp_path, ONE, ["x" * 999])
    assert knows(tmp_path, "8" * 64, ["x" * 999])
    assert (tmp_path / "texts").stat().st_size < 6 * 999


def test_with_nothing_to_keep_nothing_is_written(tmp_path: Path) -> None:
    store(tmp_path).keep({}, {}, [])
    assert [] == [*tmp_path.iterdir()]
    store(tmp_path).keep({ONE: made(*["x"] * 9)}, {}, [])
    before = [(each.name, each.stat().st_mtime_ns) for each in tmp_path.iterdir()]
    store(tmp_path).keep({}, {}, [ONE])
    assert before == [
        (each.name, each.stat().st_mtime_ns) for each in tmp_path.iterdir()
    ]


@pytest.mark.parametrize("texts", [["y"], ["x", "x"], []])
def test_a_text_that_is_another_is_lost_with_all_the_rest(
    tmp_path: Path, texts: list[str]
) -> None:
    share, _ = made("x")
    store(tmp_path).keep({ONE: (share, texts), TWO: made("z")}, {}, [])
    at = store(tmp_path)
    with pytest.raises(LostError):
        at.texts(ONE, share)

    assert at.share(TWO) is None
    assert store(tmp_path).share(TWO) is None


def test_what_is_forgotten_is_not_known_where_it_cannot_be_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(tmp_path).keep({ONE: made("x")}, {}, [])

    def refuse(path: str) -> None:
        raise PermissionError(path)

    monkeypatch.setattr(os, "unlink", refuse)
    at = store(tmp_path)
    assert at.share(ONE) is not None
    at.forget()
    assert at.share(ONE) is None


def test_another_program_knows_nothing_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(tmp_path).keep({ONE: made("x")}, {}, [])
    monkeypatch.setattr(place, "program", lambda: "another")
    assert store(tmp_path).share(ONE) is None
    store(tmp_path).keep({TWO: made("y")}, {}, [])
    assert knows(tmp_path, TWO, ["y"])
    monkeypatch.undo()
    assert store(tmp_path).share(TWO) is None
