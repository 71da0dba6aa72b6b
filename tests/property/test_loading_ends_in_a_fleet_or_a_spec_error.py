"""Whatever is given, loading ends in a fleet or in located diagnostics."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelb_gen.build import build
from kubelb_gen.build.overlay import overlaid
from kubelb_gen.document import Source, Sources, parse, plain
from kubelb_gen.errors import SpecError
from kubelb_gen.report.text import draw_all
from tests.support.specs import service, sources

if TYPE_CHECKING:
    from kubelb_gen.diagnostics import Diagnostic

pytestmark = pytest.mark.property

FRAGMENTS = ["a", ":", " ", "\n", "- ", "[", "]", "{", "}", ",", '"', "'", "&a", "*a"]
FRAGMENTS += [
    "<<: ",
    "? ",
    "|",
    ">",
    "#",
    "%",
    "!",
    "\t",
    "\\",
    "---\n",
    "0x",
    "~",
    "é",
]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUES = st.recursive(
    SCALARS | st.sampled_from(["$x", "0.0.0.0/0", "default", "1.20", "other"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
(WHOLE,) = sources(
    service(
        tenant="gateways:\n  - {name: g, namespace: n, trustedProxies: {count: 1},"
        " backends: [{name: b, kind: other, port: 80, reads: {peer: true},"
        " route: {kind: HTTPRoute, name: r}}]}"
    )
    + "  suppress: [{rule: x, reason: y}]\n  defaults: {everyNode: true}\n"
).documents


def told(given: Sources) -> tuple[Diagnostic, ...]:
    """What is told about *given*, be it sound or not."""
    try:
        return build(given).warnings
    except SpecError as error:
        return error.diagnostics


def holders(data: Any) -> list[tuple[Any, Any]]:  # noqa: ANN401 - plain data
    """Every container of *data* with each of its keys."""
    members = data.items() if isinstance(data, dict) else enumerate(data)
    found = [(data, key) for key, _ in members]
    for holder, key in list(found):
        if isinstance(holder[key], dict | list):
            found += holders(holder[key])
    return found


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join) | st.text())
def test_any_text_is_read_or_told(text: str) -> None:
    parsed = parse(Source("f.yaml", text))

    assert parsed.documents or parsed.diagnostics
    for each in parsed.diagnostics:
        assert each.location or each.id == "no-spec"
    assert draw_all(parsed.diagnostics).isprintable() or parsed.diagnostics


@given(st.data())
def test_a_spec_with_one_value_changed_is_built_or_told(data: st.DataObject) -> None:
    changed = copy.deepcopy(WHOLE.data)
    holder, key = data.draw(st.sampled_from(holders(changed)))
    holder[key] = data.draw(VALUES)
    assert told(Sources([plain(changed)])) is not None


@given(st.data(), st.sampled_from(["ManagementSpec", "TenantSpec", "ManagementFacts"]))
def test_a_document_of_any_owner_is_built_or_told(
    data: st.DataObject, kind: str
) -> None:
    changed = copy.deepcopy(WHOLE.data) | {"kind": kind}
    for key in data.draw(st.sets(st.sampled_from(sorted(changed["spec"])))):
        del changed["spec"][key]
    assert told(Sources([plain(WHOLE.data, "a"), plain(changed, "b")])) is not None
    assert told(Sources([plain(changed)])) is not None


@given(st.data())
def test_an_overlay_of_anything_is_laid_or_told(data: st.DataObject) -> None:
    overlay = copy.deepcopy(WHOLE.data) | {"kind": "ClientIPOverlay"}
    for _ in range(data.draw(st.integers(0, 3))):
        places = holders(overlay)
        holder, key = data.draw(st.sampled_from(places)) if places else ({}, "")
        holder[key] = data.draw(VALUES)
    base = copy.deepcopy(WHOLE.data)
    if data.draw(st.booleans()):
        holder, key = data.draw(st.sampled_from(holders(base)))
        holder[key] = data.draw(VALUES)
    files = (Source("base.json", json.dumps(base, indent=1)),)
    above = (Source("overlay.json", json.dumps(overlay, indent=1)),)
    laid = Sources(map(parse, files), map(parse, above))

    for each in told(overlaid(laid) if laid.overlays else laid):
        assert each.location or each.id == "no-spec"


@given(st.data())
def test_a_spec_with_one_value_left_out_is_built_or_told(data: st.DataObject) -> None:
    changed = copy.deepcopy(WHOLE.data)
    holder, key = data.draw(st.sampled_from(holders(changed)))
    del holder[key]
    text = json.dumps(changed, indent=1)
    for each in told(Sources([parse(Source("f.json", text))])):
        assert each.location
