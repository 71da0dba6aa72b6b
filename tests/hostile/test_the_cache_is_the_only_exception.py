"""`render` writes below the output folder, and below the cache's, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kubelb_gen.cli import boundary
from tests.hostile.guard import watched
from tests.support.leaves import fleet, texts

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.property

SECONDS = 30
# So many that its tree has five hundred files, and is remembered.
MANY = 100


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a fleet of many files, in which the program runs."""
    (tmp_path / "fleet").mkdir()
    for each in texts(fleet(MANY)):
        (tmp_path / "fleet" / each.name).write_text(each.text, "utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    # It is made before, as most are: what is above it is not ours.
    (tmp_path / "caches").mkdir()
    monkeypatch.chdir(tmp_path)
    # What is imported late may be compiled to bytes, elsewhere.
    assert boundary.run(["render", "fleet", "-o", "warmed", "-q"]) == 0
    return tmp_path


def test_what_is_kept_lies_in_its_own_folder(place: Path) -> None:
    out, kept = str(place / "out"), str(place / "caches" / "kubelb-gen")
    number = place / "fleet" / "s050.json"
    for _ in range(2):
        with watched(out, SECONDS, kept):
            assert boundary.run(["render", "fleet", "-o", out, "-q"]) == 0
        number.write_text(number.read_text("utf-8").replace("30050", "31050"), "utf-8")
    with watched(out, SECONDS, kept):
        assert boundary.run(["render", "fleet", "-o", out, "-q"]) == 0


def test_without_a_cache_the_output_folder_is_all(place: Path) -> None:
    out = str(place / "out")
    for more in ([], ["--check"]):
        with watched(out, SECONDS):
            code = boundary.run(["render", "fleet", "-o", out, "--no-cache", *more])
        assert code == 0


def test_the_guard_sees_what_is_kept(
    place: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = str(place / "out")
    with watched(out, SECONDS):
        code = boundary.run(["render", "fleet", "-o", out, "-q"])

    assert code == 70
    assert "Trespass" in capfd.readouterr().err


def test_of_specs_that_are_refused_nothing_is_kept(place: Path) -> None:
    def kept() -> dict[str, bytes]:
        files = (place / "caches").rglob("*.*")
        return {str(each): each.read_bytes() for each in files}

    before = kept()
    taken = place / "fleet" / "again.json"
    taken.write_text((place / "fleet" / "s050.json").read_text("utf-8"), "utf-8")
    with watched(str(place / "out"), SECONDS, str(place / "caches" / "kubelb-gen")):
        assert boundary.run(["render", "fleet", "-o", "out", "-q"]) == 3
    assert not (place / "out").exists()
    assert before == kept()
