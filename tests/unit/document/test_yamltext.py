"""Hostile and odd YAML: values, positions, one clear problem each, and no hang."""

from __future__ import annotations

import time

import pytest

from kubelb_gen.diagnostics import DataPath, Diagnostic
from kubelb_gen.document import Source, Sources, parse


def documents(text: str) -> list[object]:
    parsed = parse(Source("f.yaml", text))
    assert parsed.diagnostics == ()
    return [each.data for each in parsed.documents]


def problem(text: str) -> Diagnostic:
    (only,) = parse(Source("f.yaml", text)).diagnostics
    return only


def place(text: str, *keys: str | int, on_key: bool = False) -> tuple[int, int, int]:
    found = Sources([parse(Source("f.yaml", text))]).locate(
        DataPath("f.yaml", 0, keys), on_key=on_key
    )
    assert found is not None
    return found.line, found.column, found.width


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("no", "no"),
        ("on", "on"),
        ("y", "y"),
        (True, "true"),
        (None, "~"),
        (None, ""),
        (1.2, "1.20"),
        ("1.20", '"1.20"'),
        ("2024-01-01", "2024-01-01"),
        (10, "010"),
        (8, "0o10"),
        (16, "0x10"),
        ("1_000", "1_000"),
        (1000.0, "1e3"),
        ("12:30:45", "12:30:45"),
        ("<<", '"<<"'),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_plain_scalars_mean_what_yaml_1_2_says(value: object, text: str) -> None:
    assert [{"a": value}] == documents(f"a: {text}\n")


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    assert [{"a": 1}] == documents("\ufeffa: 1\n")
    assert (1, 4, 1) == place("\ufeffa: 1\n", "a")


def test_empty_documents_between_others_count_for_nothing() -> None:
    assert [{"a": 1}, {"b": 2}] == documents("---\n---\na: 1\n---\nb: 2\n...\n---\n")


def test_aliases_and_merges_are_followed_and_own_keys_win() -> None:
    text = "x: &x {p: 1, q: 2}\ny: {<<: *x, q: 3}\nz: *x\nm: {<<: [*x, {r: 4}]}\n"

    assert [
        {
            "x": {"p": 1, "q": 2},
            "y": {"q": 3, "p": 1},
            "z": {"p": 1, "q": 2},
            "m": {"p": 1, "q": 2, "r": 4},
        }
    ] == documents(text)
    assert (1, 11, 1) == place(text, "y", "p")


def test_every_path_has_a_place_for_its_key_and_its_value() -> None:
    text = 'spec:\n  ports:\n    - {port: 5000, name: "main"}\n    - name: b\n'

    assert (3, 14, 4) == place(text, "spec", "ports", 0, "port")
    assert (3, 8, 4) == place(text, "spec", "ports", 0, "port", on_key=True)
    assert (3, 26, 6) == place(text, "spec", "ports", 0, "name")
    assert (3, 7, 26) == place(text, "spec", "ports", 0)
    assert (4, 7, 4) == place(text, "spec", "ports", 1)


def test_a_path_that_leads_nowhere_points_at_the_last_thing_on_its_way() -> None:
    assert (1, 4, 6) == place("a: {b: 1}\n", "a", "missing")


@pytest.mark.parametrize(
    ("name", "where", "text"),
    [
        ("duplicate-key", (3, 1), "a: 1\nb: 1\na: 2\n"),
        ("endless-alias", (1, 8), "a: &x [*x]\n"),
        ("unknown-anchor", (1, 4), "a: *x\n"),
        ("too-deep", (1, 65), "[" * 1000),
        ("too-deep", (1, 129), "- " * 1000),
        ("tag-refused", (1, 4), "a: !!str x\n"),
        ("tag-refused", (1, 4), "a: !secret x\n"),
        ("tag-refused", (1, 4), "a: !!map {b: 1}\n"),
        ("key-not-text", (1, 1), "1: x\n"),
        ("key-not-text", (1, 1), "true: x\n"),
        ("key-not-text", (1, 3), "? [a]\n: b\n"),
        ("merge-not-mapping", (1, 5), "<<: 3\n"),
        ("control-character", (1, 4), "a: \x00\n"),
        ("control-character", (2, 4), "a: b\nc: \x1b[0m\n"),
        ("control-character", (1, 4), 'a: "\\0"\n'),
        ("control-character", (1, 7), '{"a": "\\ud800"}'),
        ("yaml-version", (2, 1), "%YAML 1.1\n---\na: 1\n"),
        ("yaml-syntax", (2, 2), "a: [1,\nb"),
        ("yaml-syntax", (2, 1), "a:\n\t- b\n"),
        ("yaml-syntax", (1, 5), "a: b: c\n"),
        ("yaml-syntax", (1, 7), 'a: "\\xZZ"\n'),
        ("wrong-type", (1, 1), "- a\n"),
        ("wrong-type", (2, 1), "# note\nword\n"),
    ],
)
def test_a_problem_has_its_id_and_its_place(
    name: str, where: tuple[int, int], text: str
) -> None:
    found = problem(text)

    assert found.location is not None
    assert (name, where) == (found.id, (found.location.line, found.location.column))


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "~\n"])
def test_a_file_without_a_document_is_told(text: str) -> None:
    assert problem(text).message == "'f.yaml' holds no document"


def test_every_duplicate_is_told_with_the_first_place() -> None:
    found = parse(Source("f.yaml", "a: 1\nb: 2\na: 3\na: 4\nb: 5\n")).diagnostics

    assert [(3, "first on line 1"), (4, "first on line 1"), (5, "first on line 2")] == [
        (each.location.line if each.location else 0, each.label) for each in found
    ]


def test_what_stands_before_a_syntax_error_is_kept() -> None:
    parsed = parse(Source("f.yaml", "a: 1\n---\nb: [\n"))

    assert [{"a": 1}] == [each.data for each in parsed.documents]
    assert ["yaml-syntax"] == [each.id for each in parsed.diagnostics]


def test_an_emoji_escaped_as_json_does_is_one_character() -> None:
    assert [{"a": "\U0001f600"}] == documents('a: "\\ud83d\\ude00"\n')


BOMB = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30)
)
MERGE_BOMB = "a0: &a0 {x: 1}\n" + "".join(
    f"a{n}: &a{n} {{<<: [{','.join([f'*a{n - 1}'] * 9)}], k{n}: 1}}\n"
    for n in range(1, 30)
)


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        MERGE_BOMB,
        "[" * 200_000,
        "{" * 200_000,
        "- " * 200_000,
        "? " * 100_000,
        '{"a":' * 50_000,
        "a: '" + "'" * 300_000,
        "a: " + "& " * 100_000,
        "!" * 100_000,
        "a: |" + "9" * 100_000,
        "%YAML 1." + "9" * 10_000 + "\n---\na: 1\n",
    ],
    ids=lambda text: text[:12],
)
def test_hostile_text_is_refused_in_bounded_time(text: str) -> None:
    begin = time.monotonic()

    found = parse(Source("f.yaml", text)).diagnostics

    assert found
    assert time.monotonic() - begin < 10
