"""Artifacts, their lock and their streams, as values."""

import hashlib
import json
import pickle
from collections.abc import Hashable
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from kubelb_gen.artifacts import (
    Artifact,
    Artifacts,
    Records,
    block_of,
    files_json,
    parse_lock,
    yaml_stream,
)
from kubelb_gen.artifacts.lock import lock_of
from kubelb_gen.errors import OutputError, RenderError
from tests.support.trees import tree


def test_artifacts_are_sorted_by_path_whatever_order_they_came_in() -> None:
    files = {"b.yaml": "1", "a/z.yaml": "2", "a.yaml": "3"}
    backwards = dict(reversed(files.items()))

    assert list(tree(files)) == ["a.yaml", "a/z.yaml", "b.yaml"]
    assert tree(files).lock.text() == tree(backwards).lock.text()


def test_the_lock_has_one_line_for_each_file() -> None:
    artifacts = Artifacts(
        [Artifact(path="b", kind="nginx", role="file", cluster="c", text="é\n")],
        spec='a"c',
        meaning=[{"path": "x", "verdict": "preserved"}],
    )
    sha256 = hashlib.sha256("é\n".encode()).hexdigest()

    assert artifacts.lock.text() == (
        "{\n"
        '  "version": 1,\n'
        '  "spec": "a\\"c",\n'
        '  "files": [\n'
        f'    {{"path": "b", "kind": "nginx", "sha256": "{sha256}"}}\n'
        "  ],\n"
        '  "meaning": [\n'
        '    {"path": "x", "verdict": "preserved"}\n'
        "  ]\n"
        "}\n"
    )
    assert parse_lock(artifacts.lock.text().encode()) == artifacts.lock


RECORDS: list[dict[str, object]] = [
    {"path": "é/b:80/TCP", "trust": ["10.0.0.0/8"], "identity": None, "plain": True},
    {"path": "a/b:80/TCP", "networks": {"client": []}, "peer": '\u2028\\"'},
]


def test_a_lock_of_blocks_is_that_of_the_records_they_were_made_of() -> None:
    blocks = Records([block_of([]), block_of(RECORDS[:1]), block_of(RECORDS[1:])])
    plain, ready = (
        Artifacts([], spec="acme", meaning=each) for each in (RECORDS, blocks)
    )

    assert plain.lock.data() == ready.lock.data()
    assert plain.lock == ready.lock
    assert parse_lock(ready.lock.data()).meaning == tuple(RECORDS)


def test_blocks_are_read_as_the_records_they_were_made_of() -> None:
    records = Records([block_of(RECORDS)])

    assert records == tuple(RECORDS)
    assert records == pickle.loads(pickle.dumps(records))  # noqa: S301  ours
    assert [dict(each) for each in records] == RECORDS
    assert records[1:] == tuple(RECORDS[1:])
    assert len(records) == len(RECORDS)


def test_records_are_equal_in_any_blocks_and_have_no_hash() -> None:
    one, two = (
        Records([block_of(RECORDS)]),
        Records(map(block_of, [RECORDS[:1], RECORDS[1:]])),
    )

    assert one == two
    assert not isinstance(one, Hashable)


def test_the_lines_of_a_lock_are_as_json_has_them() -> None:
    odd = Artifact(path='a"é', kind="\\", role="file", cluster="c", text="")
    lock = Artifacts([], spec="acme", meaning=RECORDS).lock
    text = replace(lock, files=lock_of([odd], "acme", ()).files).text()

    for listed in ("files", "meaning"):
        for each in json.loads(text)[listed]:
            assert f"\n    {json.dumps(each, ensure_ascii=False)}" in text


def test_an_empty_lock_has_empty_lists() -> None:
    lock = json.loads(tree({}).lock.text())

    assert lock == {"version": 1, "spec": "acme", "files": [], "meaning": []}


ENTRY = {"path": "a", "kind": "k", "sha256": "0" * 64}
LOCK = {"version": 1, "spec": "acme", "files": [ENTRY], "meaning": []}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 2}, "newer"),
        ({"version": "1"}, "lacks"),
        ({"spec": 3}, "lacks"),
        ({"files": [ENTRY, ENTRY]}, "twice"),
        ({"files": [ENTRY | {"sha256": "0" * 63}]}, "no SHA-256"),
        ({"files": ["a"]}, "lacks path"),
        ({"meaning": [1]}, "no mapping"),
    ],
)
def test_a_lock_of_another_shape_is_refused(
    change: dict[str, object], message: str
) -> None:
    with pytest.raises(OutputError, match=message):
        parse_lock(json.dumps(LOCK | change).encode())


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"[]", b"{", b"[" * 100_000], ids=lambda data: repr(data[:3])
)
def test_what_is_no_lock_at_all_is_refused(data: bytes) -> None:
    with pytest.raises(OutputError, match="is no lock of kubelb-gen"):
        parse_lock(data)


@pytest.mark.parametrize(
    "paths",
    [
        ["a.yaml", "a.yaml"],
        ["a.yaml", "A.yaml"],
        ["a/x.yaml", "A/y.yaml"],
        ["a", "a/b"],
        ["a", "a-c", "a/b"],
        ["a", "A/b"],
        ["caf\u00e9", "cafe\u0301"],
    ],
)
def test_paths_that_some_file_system_cannot_tell_apart_are_refused(
    paths: list[str],
) -> None:
    with pytest.raises(RenderError, match=r"two artifacts|would be one name"):
        Artifacts(
            (
                Artifact(path=path, kind="k", role="file", cluster="c", text="")
                for path in paths
            ),
            spec="acme",
        )


@pytest.mark.parametrize("path", ["/a", "../a", "a/.git/b", "a\u2028b", ".kubelb-gen"])
def test_a_path_that_leads_elsewhere_names_no_artifact(path: str) -> None:
    with pytest.raises(RenderError, match="cannot name a file"):
        tree({path: ""})


def test_a_text_that_is_no_unicode_is_refused() -> None:
    with pytest.raises(RenderError, match=r"'a\.yaml' cannot be written as UTF-8"):
        tree({"a.yaml": "\ud800"}).lock.text()


def test_the_yaml_stream_holds_each_document_under_its_source() -> None:
    stream = yaml_stream(tree({"a.yaml": "a: 1", "b/c.yaml": "b: 2\n"}).values())

    assert stream == "---\n# Source: a.yaml\na: 1\n---\n# Source: b/c.yaml\nb: 2\n"
    assert list(YAML(typ="safe").load_all(stream)) == [{"a": 1}, {"b": 2}]


def test_the_json_keeps_its_schema(repository: Path) -> None:
    schema = json.loads((repository / "schemas/render-v1.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    document = json.loads(files_json(tree({"a/b.yaml": "é: 1\n"}).values()))
    jsonschema.validate(document, schema)

    assert document == {"version": 1, "files": {"a/b.yaml": "é: 1\n"}}
    for wrong in (
        {"version": 2},
        {"files": {"a": 1}},
        {"files": {"../a": ""}},
        {"x": 1},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(document | wrong, schema)
