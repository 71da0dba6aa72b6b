"""Law: a text written through a YAML filter comes back equal, to every reader.

Annotations hold what their owners like, and configurations go whole into ConfigMaps.
"""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kubelb_gen.errors import RenderError
from kubelb_gen.render.grammar import yaml_block, yaml_quoted, yaml_scalar
from kubelb_gen.render.service import drafts
from tests.support.objects import object_of, plan, service
from tests.support.yaml_readers import read_one

pytestmark = pytest.mark.property

# What YAML 1.1 and 1.2, or a Jinja template, could take for something else.
_TRAPS = (
    *("", "no", "Off", "y", "N", "~", "null", "NULL", "True", "=", "<<", "-", "?", ":"),
    *("1e3", "0x1F", "0o17", "017", "1_000", "1:30", "190:20:30", ".inf", ".NaN", "+1"),
    *(
        "2026-01-01",
        "10.0.0.0/8",
        "v2",
        "a: b",
        "a #b",
        "#",
        "%",
        "@a",
        "`",
        "&a",
        "*a",
    ),
    *("[a]", "{a: 1}", "{{ 7 * 7 }}", "{% raw %}", "{# #}", "!!int 1", "|", ">", "---"),
    *(
        "'",
        '"',
        "\\",
        "\\n",
        'say "no"; #',
        "a\n",
        "\na",
        "a\r\nb",
        "\t",
        " a ",
        "a\tb",
    ),
    *("\x85", "a\x85b", "\xa0", "\u2028", "\u2029", "\ufeff", "\x00", "\x1b", "\x7f"),
    *("é", "日本", "🚀", "\U0001fffe", "\ufffe", "\ue000", "e\u0301", "\u202e"),
)

texts = st.text() | st.sampled_from(_TRAPS)
printable = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]))
lines = st.lists(printable | st.sampled_from(("", "  a", "\ta", "# a", "a ", "---")))
configurations = lines.map(lambda each: "".join(f"{line}\n" for line in each)) | texts


@given(texts)
def test_scalar_comes_back_as_the_same_text(text: str) -> None:
    assert {"a": text} == read_one(f"a: {yaml_scalar(text)}\n")


@pytest.mark.parametrize("word", ["y", "n", "Y", "N", "yes", "No", "ON", "off"])
def test_word_that_some_reader_takes_for_a_boolean_is_quoted(word: str) -> None:
    # PyYAML takes a bare `y` for text; Envoy and go-yaml take it for true.
    assert f'"{word}"' == yaml_scalar(word)


@given(texts)
def test_quoted_text_comes_back_and_stands_on_one_line(text: str) -> None:
    written = yaml_quoted(text)

    assert len(written.splitlines()) == 1
    assert {"a": text} == read_one(f"a: {written}\n")


@given(texts.filter(lambda each: len(each) < 100))
def test_key_comes_back_as_the_same_text(text: str) -> None:
    assert {text: 1} == read_one(f"{yaml_scalar(text)}: 1\n")


@given(texts)
def test_comment_ends_with_its_line_whatever_text_it_holds(text: str) -> None:
    assert {"a": 1} == read_one(f"# {yaml_scalar(text)}\na: 1\n")


@given(configurations, st.sampled_from((2, 4, 8)))
@example("\n", 4)
@example("\n\n", 4)
@example("\n  a\n", 4)
@example("  \na\n", 4)
@example("a\n  \n", 4)
@example("a\n\n\n", 4)
@example("a\n\tb\n", 4)
@example("\ta\n", 4)
@example("a", 4)
def test_block_comes_back_as_the_same_text(text: str, indent: int) -> None:
    pad = " " * (indent - 2)
    nested = "".join(f"{' ' * level}k:\n" for level in range(0, indent - 2, 2))

    read = read_one(f"{nested}{pad}a: {yaml_block(text, indent)}\n{pad}b: 1\n")
    for _ in range(0, indent - 2, 2):
        read = read["k"]

    assert {"a": text, "b": 1} == read


def test_configuration_stays_readable_as_a_literal_block() -> None:
    text = "# NGINX\n\nserver {\n    listen 80;\n}\n"

    assert yaml_block(text, 2).startswith(
        "|\n  # NGINX\n\n  server {\n      listen 80;"
    )


@given(st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False))
@example(1e16)
@example(1e-7)
@example(float("inf"))
@example(float("-inf"))
def test_number_keeps_its_value_and_its_type(value: float | bool | None) -> None:
    read = read_one(f"a: {yaml_scalar(value)}\n")["a"]

    assert (type(value), value) == (type(read), read)


def test_lone_surrogate_is_refused_for_it_is_not_utf_8() -> None:
    for write in (yaml_scalar, yaml_quoted):
        with pytest.raises(RenderError, match="surrogate"):
            write("a\ud800")
    with pytest.raises(RenderError, match="surrogate"):
        yaml_block("a\ud800\n", 2)


@given(
    st.dictionaries(texts.filter(lambda each: len(each) < 100), texts),
    st.dictionaries(texts.filter(lambda each: len(each) < 100), texts),
)
def test_labels_and_annotations_come_back_from_a_service(
    labels: dict[str, str], annotations: dict[str, str]
) -> None:
    decided = service(
        labels=labels, selector=labels, decided={"annotations": annotations}
    )

    (draft,) = drafts(plan(decided))

    read = object_of(draft)
    assert labels == read["metadata"].get("labels", {})
    assert labels == read["spec"].get("selector", {})
    assert annotations == read["metadata"].get("annotations", {})
