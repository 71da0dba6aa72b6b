"""A spec under an overlay is the spec that somebody edits by hand."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kubelb_gen.api import from_data
from kubelb_gen.errors import SpecError
from kubelb_gen.plan.decide import make_plan
from kubelb_gen.render.tree import render_plan
from tests.support.owners import Data, split
from tests.support.random_specs import specs

pytestmark = pytest.mark.property

SETTINGS = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
# What items of a list are called by, so that an overlay can mean one.
NAMES = {
    "tenants": ("name",),
    "edges": ("name",),
    "services": ("namespace", "name"),
    "gateways": ("namespace", "name"),
    "ingresses": ("namespace", "name"),
    "backends": ("name",),
    "ports": ("name",),
}


def difference(old: Data, new: Data) -> Data:
    """The overlay that makes *new* of *old*, by the rules of the documentation."""
    made: Data = {key: None for key in old if key not in new}
    for key, value in new.items():
        if key in old and old[key] == value:
            continue
        if isinstance(value, dict) and isinstance(old.get(key), dict):
            made[key] = difference(old[key], value)
        elif key in NAMES and key in old:
            made[key] = [
                {name: after[name] for name in NAMES[key]} | difference(before, after)
                for before, after in zip(old[key], value, strict=True)
                if before != after
            ]
        else:
            made[key] = value
    return made


@st.composite
def edited(draw: st.DrawFn, data: Any) -> Any:  # noqa: ANN401  any part of a spec
    """Draw *data* with fields changed or left out, but no item of a named list.

    What holds such a list stays too: an overlay cannot bring it back.
    """
    if isinstance(data, dict):
        made = {}
        for key, value in data.items():
            if key in ("name", "namespace", "apiVersion", "kind"):
                made[key] = value
            elif key in NAMES:
                made[key] = [draw(edited(each)) for each in value]
            elif key == "management" or draw(st.integers(0, 9)):
                made[key] = draw(edited(value))
        return made
    return draw(st.sampled_from([data, data, data, _another(data)]))


def _another(data: object) -> object:
    match data:
        case bool():
            return not data
        case int():
            return data + 1
        case "10.3.0.0/16" | "10.2.0.0/16":
            return "10.7.0.0/16"
        case "Local":
            return "Cluster"
        case list():
            return [_another(each) for each in data]
    return data


def outcome(*documents: Data, overlays: tuple[Data, ...] = ()) -> object:
    """The files, or what is wrong, and what is the matter with which field."""
    try:
        fleet = from_data(*documents, overlays=overlays)
    except SpecError as error:
        return sorted((each.id, each.message) for each in error.diagnostics)
    rendered = render_plan(make_plan(fleet))
    return {path: each.text for path, each in rendered.items()}


def overlay(old: Data, new: Data) -> Data:
    spec = difference(old["spec"], new["spec"])
    return {**old, "kind": "ClientIPOverlay", "spec": spec}


@given(specs().flatmap(lambda old: st.tuples(st.just(old), edited(old["spec"]))))
@SETTINGS
def test_an_overlay_is_the_edit_by_hand(pair: tuple[Data, Data]) -> None:
    old, spec = pair
    new = {**old, "spec": spec}
    before = deepcopy(old)

    assert outcome(new) == outcome(old, overlays=(overlay(old, new),))
    assert before == old


@given(
    specs().flatmap(
        lambda old: st.tuples(st.just(old), edited(old["spec"]), edited(old["spec"]))
    )
)
@SETTINGS
def test_overlays_are_laid_one_on_another(triple: tuple[Data, Data, Data]) -> None:
    first, second, third = (
        {**triple[0], "spec": each} for each in (triple[0]["spec"], *triple[1:])
    )

    assert outcome(third) == outcome(
        first, overlays=(overlay(first, second), overlay(second, third))
    )


@given(specs().flatmap(lambda old: st.tuples(st.just(old), edited(old["spec"]))))
@SETTINGS
def test_an_overlay_finds_its_owner_among_several(pair: tuple[Data, Data]) -> None:
    old, spec = pair
    new = {**old, "spec": spec}
    managements, owned = split([old], management_decides=False)
    parts = [*managements, *(each for several in owned.values() for each in several)]

    whole = outcome(new)
    found = outcome(*reversed(parts), overlays=(overlay(old, new),))

    # Without `management` or `kubelb`, the words are others.
    assert isinstance(whole, dict) == isinstance(found, dict)
    assert not isinstance(whole, dict) or whole == found
