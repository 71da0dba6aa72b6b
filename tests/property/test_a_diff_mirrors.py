"""Laws of a diff: nothing between equals, and the same both ways round."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import kubelb_gen
from kubelb_gen.diff import Changes
from kubelb_gen.diff.hunks import hunks
from kubelb_gen.diff.sides import sides
from kubelb_gen.diff.values import field_changes
from kubelb_gen.errors import SpecError
from tests.support.patches import applied
from tests.support.random_specs import gateways, services, specs

if TYPE_CHECKING:
    from kubelb_gen.diff import PathChange
    from kubelb_gen.model import Fleet

pytestmark = pytest.mark.property

# A pair takes a quarter of a second: both are rendered, and walked in all ways.
MOST_PAIRS = 50
_SIGNS = {" ": " ", "+": "-", "-": "+"}
NAMES = st.sampled_from(["a", "b", "c"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.text("ab\n", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["k", "ports", "filters"]), inner, max_size=3)
        | st.lists(st.fixed_dictionaries({"name": NAMES, "v": inner}), max_size=3)
    ),
    max_leaves=8,
)
TEXTS = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "\n"]), max_size=12).map("".join)


@st.composite
def fleets(draw: st.DrawFn) -> Fleet:
    """Draw a fleet of one tenant."""
    return kubelb_gen.from_data(draw(specs().filter(_is_sound)))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Fleet, Fleet]:
    """Draw two fleets: of one estate, as a change leaves it, or of two."""
    old = draw(specs())
    old["spec"]["tenants"][0]["services"].append(draw(services()) | {"name": "kept"})
    new = copy.deepcopy(old)
    tenant = new["spec"]["tenants"][0]
    match draw(st.sampled_from(["service", "gateway", "estate", "gone", "frame"])):
        case "service":
            tenant["services"][0] = draw(services())
        case "gateway":
            tenant["gateways"] = [draw(gateways())]
        case "frame":
            new["spec"]["management"] = draw(specs())["spec"]["management"]
        case "gone":
            del tenant["services"][0], tenant["gateways"]
        case _:
            new = draw(specs())
    # What contradicts itself is no side of a diff.
    assume(_is_sound(old))
    assume(_is_sound(new))
    return kubelb_gen.from_data(old), kubelb_gen.from_data(new)


def _is_sound(spec: dict[str, Any]) -> bool:
    try:
        kubelb_gen.from_data(spec)
    except SpecError:
        return False
    return True


@given(fleets())
def test_nothing_differs_from_itself(fleet: Fleet) -> None:
    changes = kubelb_gen.diff(fleet, fleet)

    assert not changes
    assert ((), (), None) == (changes.paths, changes.files, changes.lock)


@given(pairs())
@settings(max_examples=MOST_PAIRS)
def test_the_other_way_round_is_the_mirror_image(pair: tuple[Fleet, Fleet]) -> None:
    old, new = pair
    there, back = kubelb_gen.diff(old, new), kubelb_gen.diff(new, old)

    assert bool(there) == bool(back)
    assert there.files == tuple(each.mirrored() for each in back.files)
    assert [_told(each) for each in there.paths] == [
        _mirrored(each) for each in back.paths
    ]


@given(pairs())
@settings(max_examples=MOST_PAIRS)
def test_two_fleets_differ_as_what_they_render_to(pair: tuple[Fleet, Fleet]) -> None:
    """Which leaves nothing out, where the fleets are compared in parts."""
    old, new = pair
    parts = kubelb_gen.diff(old, new)
    whole = Changes(*(sides(each, _NOBODY)[0] for each in (old, new)))

    assert whole.paths == parts.paths
    assert whole.files == parts.files
    assert whole.lock == parts.lock


@given(VALUES, VALUES)
def test_fields_mirror_and_no_difference_is_missed(old: Any, new: Any) -> None:  # noqa: ANN401
    there, back = field_changes(old, new), field_changes(new, old)

    assert sorted(there, key=repr) == sorted((f.mirrored() for f in back), key=repr)
    assert () == field_changes(old, old)


@given(TEXTS, TEXTS)
def test_lines_mirror_and_lead_from_one_text_to_the_other(old: str, new: str) -> None:
    there, back = hunks(old, new), hunks(new, old)

    assert new == applied(old, there)
    assert old == applied(new, back)
    assert [sorted(each.lines) for each in there] == [
        sorted(_SIGNS[line[0]] + line[1:] for line in each.lines) for each in back
    ]


def _told(change: PathChange) -> tuple[object, ...]:
    moving = change.transition
    states = {(each.merged, each.outcome[:3]) for each in moving.halfway}
    ends = (moving.old, moving.new, moving.grown, moving.shrunk)
    return (moving.path, moving.source, ends, change.counts, *_between(change, states))


def _mirrored(change: PathChange) -> tuple[object, ...]:
    moving = change.transition
    parts = frozenset[str]().union(*(each.merged for each in moving.halfway))
    states = {(parts - each.merged, each.outcome[:3]) for each in moving.halfway}
    ends = (moving.new, moving.old, moving.shrunk, moving.grown)
    return (moving.path, moving.source, ends, change.counts, *_between(change, states))


def _between(change: PathChange, states: object) -> tuple[object, ...]:
    plain = [(side or {}).get("plain") for side in (change.old, change.new)]
    # Nobody calls a plain listener before it is there; while it goes, they still do.
    return () if plain[0] != plain[1] else (states, change.unsafe)


_NOBODY = kubelb_gen.Artifacts([], spec="nobody")
