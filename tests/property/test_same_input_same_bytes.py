"""The same spec gives the same bytes: again, elsewhere, and on another Python."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from hypothesis import strategies as st
from ruamel.yaml import YAML

import kubelb_gen
from tests.support import interpreters
from tests.support.command_line import clean_environment

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.property

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SPECS = {
    path.name: path / "specs" if (path / "specs").is_dir() else path / "spec.yaml"
    for path in sorted(EXAMPLES.iterdir())
    if path.is_dir()
}
PYTHONS = interpreters.other_pythons()


def _texts(artifacts: Mapping[str, Any]) -> dict[str, str]:
    return {path: each.text for path, each in artifacts.items()}


def _documents(spec: Path) -> list[Any]:
    files = sorted(spec.glob("*.yaml")) if spec.is_dir() else [spec]
    return [YAML(typ="safe", pure=True).load(path) for path in files]


@pytest.mark.parametrize("name", SPECS)
def test_twice_in_one_process(name: str) -> None:
    fleet = kubelb_gen.load(SPECS[name])
    first = kubelb_gen.render(fleet)
    second = kubelb_gen.render(kubelb_gen.load(SPECS[name]))

    assert first
    assert list(_texts(first).items()) == list(_texts(second).items())
    assert first.lock.text() == second.lock.text()


def test_under_another_hash_seed() -> None:
    code = (
        "import sys, kubelb_gen\n"
        "for spec in sys.argv[1:]:\n"
        "    artifacts = kubelb_gen.render(kubelb_gen.load(spec))\n"
        "    print(artifacts.lock.text(), list(artifacts))\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code, *map(str, SPECS.values())],
            capture_output=True,
            env=clean_environment({"PYTHONHASHSEED": seed}),
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }

    assert 1 == len(outputs)


@pytest.mark.parametrize("name", SPECS)
def test_the_place_of_the_spec_does_not_show(name: str, tmp_path: Path) -> None:
    spec = SPECS[name]
    moved = tmp_path / "elsewhere.yaml"
    files = sorted(spec.glob("*.yaml")) if spec.is_dir() else [spec]
    moved.write_text("---\n".join(path.read_text("utf-8") for path in files), "utf-8")
    from_there = kubelb_gen.render(kubelb_gen.load(moved))
    from_here = kubelb_gen.render(kubelb_gen.load(spec))

    assert _texts(from_here) == _texts(from_there)
    assert from_here.lock.text() == from_there.lock.text()


@pytest.mark.parametrize("name", SPECS)
@hypothesis.given(seed=st.integers(0, 2**32))
@hypothesis.settings(max_examples=5)
def test_the_order_of_keys_and_of_files_does_not_show(name: str, seed: int) -> None:
    documents = _documents(SPECS[name])
    shuffled = [_shuffled(each, random.Random(seed)) for each in documents]  # noqa: S311
    random.Random(seed).shuffle(shuffled)  # noqa: S311  no secret
    mixed = kubelb_gen.render(kubelb_gen.from_data(*shuffled))
    plain = kubelb_gen.render(kubelb_gen.load(SPECS[name]))

    assert _texts(plain) == _texts(mixed)
    assert plain.lock.text() == mixed.lock.text()


def _shuffled(value: Any, chance: random.Random) -> Any:  # noqa: ANN401  any data
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: _shuffled(value[key], chance) for key in keys}
    if isinstance(value, list):
        return [_shuffled(each, chance) for each in value]
    return value


@pytest.mark.skipif(not PYTHONS, reason=f"there is no Python but {sys.version[:6]}")
@pytest.mark.parametrize("version", PYTHONS or ["another"])
def test_on_another_python(version: str, tmp_path: Path) -> None:
    program = interpreters.installed(PYTHONS[version], interpreters.wheel())
    for name, spec in SPECS.items():
        done = subprocess.run(
            [program, "render", spec, "-o", tmp_path / name],
            capture_output=True,
            text=True,
            env=interpreters.clean(),
            check=False,
        )
        written = {
            path.relative_to(tmp_path / name).as_posix(): path.read_bytes()
            for path in (tmp_path / name).rglob("*")
            if path.is_file()
        }
        artifacts = kubelb_gen.render(kubelb_gen.load(spec))
        here = {path: text.encode() for path, text in _texts(artifacts).items()}

        assert 0 == done.returncode, done.stderr
        assert (
            here | {"kubelb-gen.lock.json": artifacts.lock.text().encode()} == written
        )
