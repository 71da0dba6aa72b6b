"""JSON that is printed has the shape that its schema tells."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import pytest

from kubelb_gen.cli.boundary import run

if TYPE_CHECKING:
    from pathlib import Path

SOUND = "examples/l4-udp/spec.yaml"
REFUSED = "examples/l4-udp/refused.yaml"


@pytest.fixture
def findings(repository: Path) -> jsonschema.Draft202012Validator:
    text = (repository / "schemas" / "findings-v1.json").read_text("utf-8")
    schema = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize(
    ("spec", "code", "ids"),
    [(SOUND, 0, []), (REFUSED, 1, ["client-ip-lost"])],
)
def test_findings_about_a_spec_have_the_published_shape(
    spec: str,
    code: int,
    ids: list[str],
    repository: Path,
    findings: jsonschema.Draft202012Validator,
    capsys: pytest.CaptureFixture[str],
) -> None:
    status = run(["validate", "--format", "json", str(repository / spec)])
    printed = json.loads(capsys.readouterr().out)
    findings.validate(printed)

    assert code == status
    assert ids == [each["id"] for each in printed["findings"]]


@pytest.mark.parametrize("text", ["a: [", "", "kind: ClientIPSpec\n", "\x00", "- 1\n"])
def test_problems_of_what_is_no_spec_have_the_published_shape(
    text: str,
    tmp_path: Path,
    findings: jsonschema.Draft202012Validator,
    capsys: pytest.CaptureFixture[str],
) -> None:
    spec = tmp_path / "spec.yaml"
    spec.write_text(text, "utf-8")
    status = run(["validate", "--format", "json", str(spec)])
    printed = json.loads(capsys.readouterr().out)
    findings.validate(printed)

    assert status == 3
    assert printed["findings"]


def test_a_shape_that_was_not_published_is_refused(
    findings: jsonschema.Draft202012Validator,
) -> None:
    assert not findings.is_valid({"version": 2, "findings": []})
    assert not findings.is_valid({"version": 1, "findings": [{"id": "a"}]})


def test_the_first_spec_is_sound_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "spec.yaml"
    assert run(["init", str(spec)]) == 0

    assert run(["validate", "--strict", str(spec)]) == 0
    assert capsys.readouterr().out == ""
