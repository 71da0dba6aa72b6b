"""What the KRM function answers is what was reviewed, and has the published shape."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest

from tests.support.functions import answer, read

if TYPE_CHECKING:
    from tests.support.golden import Golden

CASES = Path(__file__).parent / "krm"


@pytest.fixture(scope="session")
def shape(repository: Path) -> jsonschema.Draft202012Validator:
    text = (repository / "schemas" / "resource-list-v1.json").read_text("utf-8")
    schema = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("name", sorted(path.name for path in CASES.iterdir()))
def test_a_list_is_answered_as_reviewed(
    name: str, golden: Golden, shape: jsonschema.Draft202012Validator
) -> None:
    given = (CASES / name / "input.yaml").read_text("utf-8")
    done = answer(given)

    golden.compare_text(done.text, CASES / name / "output.yaml")
    shape.validate(read(done.text))
    assert done.text == answer(done.text).text
