"""What is accepted without jsonschema is what jsonschema accepts."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelb_gen.document import Source, parse
from kubelb_gen.schema import FILES, SPEC, _validator, schema_of
from kubelb_gen.schema.accepting import acceptor

pytestmark = pytest.mark.property

ROOT = Path(__file__).resolve().parents[2]
SPECS = [
    document.data
    for path in sorted(ROOT.glob("examples/*/*.yaml"))
    for document in parse(Source(path.name, path.read_text("utf-8"))).documents
    if document.data.get("kind") == SPEC
]
ACCEPTS = {kind: acceptor(schema_of(kind)) for kind in FILES}
WORDS = [
    *("nginx", "haproxy", "other", "envoy", "http", "stream", "v1", "v2", "none"),
    *("required", "ignored", "10.0.0.0/8", "$set", "a\n", "A", "", "-a", "x" * 64),
    *("native", "tunnel", "1.20", "127.0.0.1:80", "/p", "unknown", "IPv4", "é"),
]
VALUES = (
    st.sampled_from(WORDS)
    | st.sampled_from([None, True, False, 0, 1, 80, 65536, -1, 1.0, 1.5, 1e3])
    | st.sampled_from([[], {}, [1], ["a", "a"], [None], {"a": 1}, [{}], ["IPv4"] * 2])
).map(copy.deepcopy)


def containers(node: object) -> list[Any]:
    found = [node] if isinstance(node, (dict, list)) and node else []
    inner = node.values() if isinstance(node, dict) else node
    assert isinstance(inner, Iterable)
    return found + [
        each
        for one in inner
        if isinstance(one, (dict, list))
        for each in containers(one)
    ]


@st.composite
def edited(draw: st.DrawFn) -> dict[str, Any]:
    data: dict[str, Any] = copy.deepcopy(draw(st.sampled_from(SPECS)))
    for _ in range(draw(st.integers(1, 2))):
        inside = draw(st.sampled_from(containers(data)))
        keys = list(inside) if isinstance(inside, dict) else range(len(inside))
        key = draw(st.sampled_from(keys))
        match draw(st.integers(0, 3)):
            case 0:
                del inside[key]
            case 1 if isinstance(inside, dict):
                other = draw(st.sampled_from(containers(data)))
                names = [each for each in other if isinstance(each, str)]
                inside[draw(st.sampled_from([*names, "emit", "mode", "reads"]))] = draw(
                    VALUES
                )
            case _:
                inside[key] = draw(VALUES)
    return data


@given(edited(), st.sampled_from(sorted(FILES)))
def test_of_every_kind_of_document(data: dict[str, Any], kind: str) -> None:
    # The other kinds have the same fields under the same names.
    data["kind"] = kind

    assert not ACCEPTS[kind](data) or _validator(kind).is_valid(data)


@given(edited())
def test_in_doubt_there_is_none_about_specs(data: dict[str, Any]) -> None:
    assert ACCEPTS[SPEC](data) == _validator(SPEC).is_valid(data)


def test_every_example_is_accepted() -> None:
    assert SPECS
    assert all(ACCEPTS[SPEC](each) for each in SPECS)
