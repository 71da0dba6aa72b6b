"""A text that is read the short way means the same to the reader of all YAML."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelb_gen.document.brackets import NotPlainYaml
from kubelb_gen.document.plainmarks import plain_marks
from kubelb_gen.document.plainyaml import read_plain
from kubelb_gen.document.yamltext import YamlReader
from tests.support.yaml_cases import cases

if TYPE_CHECKING:
    from kubelb_gen.document.positions import Marks

pytestmark = pytest.mark.property

ROOT = Path(__file__).resolve().parents[2]
PLAIN = (
    'a: b\nc:\n  - d: e\n    f: [g, "h"]\n  - i\nj: {k: l, m: n}\n',
    "a:\n- b: c\n  d:\n  - e\n- f\n",
    "a: \"b\"\nc: 'd' # e\nf: 1.5\n\n# g\nh:\n",
    "---\na: 1\n---\nb: 2\n",
    'k: {a: 1, b: [c, {d: ""}], "e": f}\n',
    "a: |\n  b: c\n\n    # d\n  e\nf:\n- g: |-\n    h\n   \n  i: |+\n    j\n\n  # k\n",
    "a: |\n  b\n---\nc:\n  d: |-\n    e\n\n\n---\nf: 1\n",
    "a: {\n  b: [c, d,\n     # e\n     {f: g}], # h\n\n  i:\n   j,\n}\nk:\n- [l,\n m]",
    "a:\n  - b: {c: d, e: [\n     f\n    ]} # h\n    i: [\n    ]\n  - {\n    j: k}\n",
    'a: "b\\"c\\n\\td\\\\"\ne: \'f\'\'g\'\nh: ["\\n", {"i\\"": j}]\n',
)
KUBECTL = """\
apiVersion: v1
items:
- apiVersion: v1
  kind: Service
  metadata:
    annotations:
      kubectl.kubernetes.io/last-applied-configuration: |
        {"apiVersion":"v1","kind":"Service","metadata":{"name":"shop: a # b"}}
      kubelb.k8c.io/proxy-protocol: v2
    creationTimestamp: "2026-11-01T08:00:00Z"
    name: shop
    uid: 3c1f9a52-7f1b-4ef4-9d6c-0d9f6c0b8f55
  spec:
    clusterIPs:
    - 10.96.0.14
    ports:
    - name: https
      port: 443
      targetPort: https
  status:
    loadBalancer: {}
- apiVersion: v1
  data:
    nginx.conf: |-
      # a
      server {
          listen 8080;  # b
      }
    of.tabs: "LONG"
    said: "it \\"says\\"\\n"
  kind: ConfigMap
  metadata:
    name: shop-nginx
kind: List
metadata:
  resourceVersion: ""
"""
FRAGMENTS = [
    *" \n:-#\"'[]{},&*!|>%@`~?.01eE+_<=a\t\r\\é\u2028\x85\ufeff\xa0",
    *("  ", "- ", ": ", " #", "\n ", "\n  ", "\n- ", "---", "\n---\n", "...", "<<: "),
    *("null", "true", "0o7", "0x1f", ".inf", "1e3", '""', "''", "{a: b}", "[a, b]"),
    *("null: b", "a: b\n", "\n\n", "&a ", "*a", "!t ", "|\n", " >\n", "::", "a:b"),
    *(",\n", "[\n", "\n]", "{\n", "\n}", ": {\n", ",\n  # x\n  ", ", # y\n   "),
    *(" |\n", " |-\n", " |+\n", "|2\n", "''", '\\"', "\\n", "\\x41", "   x\n"),
]


def taken(text: str) -> bool:
    """Whether *text* is read the short way; if so, it is as the other reader has it."""
    try:
        found = read_plain(text)
    except NotPlainYaml:
        return False
    reader = YamlReader("a.yaml", text)
    reader.read()

    assert [] == reader.diagnostics
    # The text of both tells 1 from True and from 1.0, which compare as equal.
    assert repr([data for data, _ in reader.roots]) == repr(found)
    for (_, marks), short in zip(reader.roots, plain_marks(text), strict=True):
        assert_same_places(marks, short)
    return True


def assert_same_places(marks: Marks | None, short: Marks | None) -> None:
    """Every value of *short* stands where the other reader saw it."""
    if marks is None or short is None:
        assert marks is short
        return
    assert marks.span == short.span
    for key, entry in marks.members.items():
        found = short.members.get(key)
        assert found is not None
        assert entry[:2] == found[:2]
        assert_same_places(entry.inside, found.inside)
    assert marks.members.keys() == short.members.keys()


@st.composite
def edited(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(PLAIN))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(start + 3, len(text))))
        text = text[:start] + draw(st.sampled_from(["", *FRAGMENTS])) + text[end:]
    return text


@given(edited())
def test_wherever_plain_yaml_is_edited(text: str) -> None:
    taken(text)


@pytest.mark.parametrize("text", PLAIN)
def test_what_specs_are_made_of_goes_the_short_way(text: str) -> None:
    assert taken(text)


def test_nearly_every_spec_of_ours_goes_the_short_way() -> None:
    specs = [
        *ROOT.glob("examples/*/spec.yaml"),
        *ROOT.glob("tests/golden/**/spec.yaml"),
    ]
    ways = [taken(each.read_text("utf-8")) for each in specs]

    assert len(ways) * 0.8 < sum(ways)


def test_nearly_every_object_that_we_render_goes_the_short_way() -> None:
    rendered = [*ROOT.glob("examples/*/rendered/**/*.yaml")]
    ways = [taken(each.read_text("utf-8")) for each in rendered]

    assert len(ways) * 0.95 < sum(ways)


def test_what_kubectl_prints_goes_the_short_way() -> None:
    assert taken(KUBECTL.replace("LONG", "\\tlisten 8080;\\n" * 1000))


@pytest.mark.parametrize("lead", ["", "k: 1\n", "k:\n"])
def test_every_case_of_the_yaml_test_suite(lead: str) -> None:
    ways = []
    for case in cases():
        indent = "  " if lead == "k:\n" else ""
        lines = case["yaml"].splitlines(keepends=True)
        ways.append(taken(lead + "".join(f"{indent}{line}" for line in lines)))

    assert sum(ways)
