"""Where the cache lies, for whom, and for which program."""

from __future__ import annotations

import os
import pwd
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kubelb_gen.cache import place

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = 24 * 3600


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.fixture
def _fresh() -> Iterator[None]:
    place.program.cache_clear()
    yield
    place.program.cache_clear()


def test_it_is_where_xdg_says(base: Path) -> None:
    logs = place.fleet_logs(["specs"])
    assert logs is not None
    shares, texts = map(Path, logs)

    assert base / "cache" / "kubelb-gen" / "fleets" == shares.parent == texts.parent
    assert 0o700 == shares.parent.stat().st_mode & 0o777
    assert 0o700 == shares.parent.parent.stat().st_mode & 0o777
    memory = place.tree_memory("out")
    assert memory is not None
    assert base / "cache" / "kubelb-gen" / "trees" == Path(memory).parent


@pytest.mark.parametrize("given", ["", "relative", "./here", "~/there"])
def test_without_a_path_it_is_in_the_home(
    base: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", given)
    monkeypatch.chdir(base)
    logs = place.fleet_logs(["specs"])
    assert logs is not None

    assert base / "home" / ".cache" / "kubelb-gen" / "fleets" == Path(logs[0]).parent
    assert ["home"] == [each.name for each in base.iterdir()]


def test_who_has_no_home_has_no_cache(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(user: int) -> None:
        raise KeyError(user)

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    monkeypatch.chdir(base)
    assert place.fleet_logs(["specs"]) is None
    assert place.tree_memory("out") is None
    place.sweep()
    monkeypatch.setenv("HOME", "relative")
    assert place.fleet_logs(["specs"]) is None
    assert [] == [*base.iterdir()]


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o720, 0o702])
def test_a_folder_that_others_write_to_is_none(base: Path, mode: int) -> None:
    (base / "cache" / "kubelb-gen").mkdir(parents=True)
    (base / "cache" / "kubelb-gen").chmod(mode)
    assert place.fleet_logs(["specs"]) is None
    (base / "cache" / "kubelb-gen").chmod(0o755)
    (base / "cache" / "kubelb-gen" / "fleets").mkdir()
    (base / "cache" / "kubelb-gen" / "fleets").chmod(mode)
    assert place.fleet_logs(["specs"]) is None


def test_a_fleet_is_known_by_where_its_specs_really_are(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (base / "a").mkdir()
    (base / "b").symlink_to("a")
    monkeypatch.chdir(base)
    known = place.fleet_logs(["a"])

    assert known == place.fleet_logs(["b"]) == place.fleet_logs([str(base / "a")])
    others = [["a", "b"], ["c"], ["a/b"], []]
    assert known not in [place.fleet_logs(each) for each in others]
    assert place.tree_memory("a") == place.tree_memory("b") != place.tree_memory("c")


def test_what_nobody_used_for_a_month_goes(base: Path) -> None:
    logs, memory = place.fleet_logs(["a"]), place.tree_memory("a")
    assert logs is not None
    assert memory is not None
    new, *old = map(Path, (*logs, memory))
    # A run that was killed leaves the drafts of both.
    old += [new.with_name(f"{new.name}.0a1b"), old[1].with_name(f".{old[1].name}.0a1b")]
    stay = [new.with_name("notes.txt"), new.with_name("f" * 32), base / "victim"]
    then = time.time() - 31 * DAY
    for each in (new, *old, *stay):
        each.write_text("")
        if each is not new:
            os.utime(each, (then, then))
    link = new.with_name(f"{'f' * 32}.texts")
    link.symlink_to(base / "victim")
    place.sweep()

    assert not any(each.exists() for each in old)
    assert all(each.exists() for each in (new, link, *stay))


def test_in_a_folder_that_is_gone_there_is_no_cache(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = base / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    assert place.tree_memory("out") is None
    assert place.fleet_logs(["specs"]) is None
    assert place.fleet_logs([str(base)]) is not None


def package(folder: Path, text: str = "a = 1\n") -> Path:
    """Lay a program out, and return where a module of its cache would be."""
    below = folder / "kubelb_gen" / "cache"
    below.mkdir(parents=True)
    (below / "place.py").write_text(text)
    (folder / "templates").mkdir()
    (folder / "templates" / "a.j2").write_text("a")
    return below / "place.py"


def record(folder: Path, line: str = "kubelb_gen/cache/place.py,sha256=abc,6") -> None:
    about = folder / "kubelb_gen-1.0.dist-info"
    about.mkdir(exist_ok=True)
    (about / "RECORD").write_text(f"{line}\nkubelb_gen-1.0.dist-info/RECORD,,\n")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, _fresh: None) -> Told:
    return Told(monkeypatch)


class Told:
    """What tells a program that is laid out in a folder from others."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch

    def __call__(self, module: Path) -> str:
        root = module.parents[2]
        self._patch.setattr(place, "__file__", str(module))
        self._patch.setattr(place, "template_root", lambda: root / "templates")
        place.program.cache_clear()
        return place.program()


def test_a_checkout_is_another_program_after_each_edit(
    told: Told, tmp_path: Path
) -> None:
    module = package(tmp_path)
    first = told(module)
    assert first == told(module)
    os.utime(module, ns=(1, 1))
    edited = told(module)
    assert first != edited
    os.utime(tmp_path / "templates" / "a.j2", ns=(1, 1))
    assert told(module) not in {first, edited}


def test_what_python_compiles_makes_no_other_program(
    told: Told, tmp_path: Path
) -> None:
    module = package(tmp_path)
    first = told(module)
    (module.parent / "__pycache__").mkdir()
    (module.parent / "__pycache__" / "place.pyc").write_text("")

    assert first == told(module)


def test_a_wheel_is_the_same_wherever_it_is_installed(
    told: Told, tmp_path: Path
) -> None:
    modules = []
    for name in ("here", "there"):
        modules.append(package(tmp_path / name))
        record(tmp_path / name)
    os.utime(modules[1], ns=(1, 1))
    first = told(modules[0])
    assert first == told(modules[1])
    # With other hashes it is another one, also where the sizes are the same.
    record(tmp_path / "there", "kubelb_gen/cache/place.py,sha256=def,6")
    assert first != told(modules[1])
    # What was edited where it is installed mostly has another size.
    record(tmp_path / "there")
    modules[1].write_text("a = 12\n")
    assert first != told(modules[1])


def test_another_python_is_another_program(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = package(tmp_path)
    first = told(module)
    monkeypatch.setattr(sys, "version", "3.99")

    assert first != told(module)
