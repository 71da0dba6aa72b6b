"""JSON: the same data and places as YAML, by the short way."""

from __future__ import annotations

import json

import pytest

from kubelb_gen.diagnostics import DataPath
from kubelb_gen.document import Source, Sources, parse, plain


def test_json_is_read_and_every_path_has_its_place() -> None:
    text = '{\n\t"a": [1, {"b": "x:y, \\"z\\""}],\r\n\t"c": {}\n}\n'
    parsed = parse(Source("f.json", text))
    found = Sources([parsed]).locate(DataPath("f.json", 0, ("a", 1, "b")))

    assert parsed.diagnostics == ()
    assert found is not None
    assert (2, 17, 12) == (found.line, found.column, found.width)
    assert '\t"a": [1, {"b": "x:y, \\"z\\""}],' == found.text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("duplicate-key", '{"a": 1, "a": 2}'),
        ("too-deep", '{"a": ' + "[" * 70 + "]" * 70 + "}"),
        ("too-deep", '{"a": ' + "[" * 90_000 + "]" * 90_000 + "}"),
        ("control-character", '{"a": "\\u0000"}'),
        ("control-character", '{"a": "\\u001B"}'),
        ("yaml-syntax", '{"a": 1'),
    ],
)
def test_what_json_may_not_hold_is_told_with_a_place(name: str, text: str) -> None:
    (found,) = parse(Source("f.json", text)).diagnostics

    assert name == found.id
    assert found.location is not None


@pytest.mark.parametrize("escaped", ["\\u000a", "\\u0009", "\\u00e9"])
def test_escapes_of_harmless_characters_pass(escaped: str) -> None:
    text = f'{{"a": "{escaped}"}}'

    assert [json.loads(text)] == [
        each.data for each in parse(Source("f.json", text)).documents
    ]


def test_flow_yaml_that_is_no_json_is_read_as_yaml() -> None:
    (document,) = parse(Source("f.yaml", "{a: no, b: [1,]}")).documents

    assert {"a": "no", "b": [1]} == document.data


def test_plain_data_has_paths_and_no_text() -> None:
    parsed = plain({"a": {"b": 1}})
    (document,) = parsed.documents

    assert Sources([parsed]).locate(document.at / "a" / "b") is None
    assert "a.b" == str(document.at / "a" / "b")


@pytest.mark.parametrize("data", [{"a": object()}, {"a": float("nan")}, [], "a", None])
def test_data_that_is_no_document_is_told(data: object) -> None:
    assert plain(data).diagnostics
