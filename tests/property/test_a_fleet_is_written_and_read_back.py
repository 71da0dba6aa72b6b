"""What is written of a fleet loads to that fleet."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import assume, given, settings

import kubelb_gen
from kubelb_gen.errors import SpecError
from kubelb_gen.unparse import as_documents
from tests.support.random_specs import Spec, specs

pytestmark = pytest.mark.property

_EXAMPLES = Path(__file__).parents[2] / "examples"
EXAMPLES = [
    *sorted(_EXAMPLES.glob("*/spec.yaml")),
    *sorted(_EXAMPLES.glob("*/specs")),
    # Facts, and what the gateways of others make of an edge.
    *sorted(_EXAMPLES.glob("split-owners/team-*")),
]


@settings(max_examples=60)
@given(specs())
def test_load_after_dump_is_identity(spec: Spec) -> None:
    try:
        fleet = kubelb_gen.from_data(spec)
    except SpecError:
        assume(False)
        raise

    assert fleet == kubelb_gen.from_data(*as_documents(fleet))


@pytest.mark.parametrize(
    "path", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_an_example_is_written_and_read_back(path: Path) -> None:
    fleet = kubelb_gen.load(path)

    assert fleet == kubelb_gen.from_data(*as_documents(fleet))
