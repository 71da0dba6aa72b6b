"""The cases of the YAML test suite: what the short way takes, it reads as they say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kubelb_gen.document.brackets import NotPlainYaml
from kubelb_gen.document.plainyaml import read_plain
from tests.support.yaml_cases import cases

pytestmark = pytest.mark.property


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
