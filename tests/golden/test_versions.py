"""What a version of the spec renders stays, whatever versions come after it.

`<version>/specs` holds specs that were frozen when that version was the newest, and
`<version>/rendered.json` the hash of every file that they render to.  A later version
may not change one of them.  CONTRIBUTING.md says when a hash may change.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import kubelb_gen

if TYPE_CHECKING:
    from tests.support.golden import Golden

HERE = Path(__file__).parent
SCHEMAS = HERE.parents[1] / "schemas"
VERSIONS = sorted(path.parent.name for path in HERE.glob("v*/specs"))
SPECS = sorted(path.relative_to(HERE).as_posix() for path in HERE.glob("v*/specs/*"))


@pytest.mark.parametrize("version", VERSIONS)
def test_a_version_renders_what_it_rendered(version: str, golden: Golden) -> None:
    hashes = {
        path.stem: {
            name: hashlib.sha256(each.data).hexdigest()[:16]
            for name, each in kubelb_gen.render(kubelb_gen.load(path)).items()
        }
        for path in sorted((HERE / version / "specs").iterdir())
    }

    golden.compare_text(
        json.dumps(hashes, indent=1) + "\n", HERE / version / "rendered.json"
    )


def test_every_version_of_the_spec_is_pinned() -> None:
    known = {path.stem.removeprefix("spec-") for path in SCHEMAS.glob("spec-*.json")}

    assert known == set(VERSIONS)


@pytest.mark.parametrize("spec", SPECS)
def test_a_frozen_spec_stays_of_its_version(spec: str) -> None:
    version = spec.split("/", maxsplit=1)[0]
    path = HERE / spec
    for file in path.iterdir() if path.is_dir() else [path]:
        assert f"apiVersion: kubelb-gen/{version}\n" in file.read_text("utf-8")


def test_every_example_is_frozen_for_the_newest_version(examples: Path) -> None:
    frozen = {path.stem for path in (HERE / VERSIONS[-1] / "specs").iterdir()}
    shown = {path.name for path in examples.iterdir() if path.is_dir()}

    assert not shown - frozen, "copy the spec there, then make golden"
