"""The steps from one fleet to another, each of them a spec of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubelb_gen.api.judging import check, require_sound
from kubelb_gen.api.loading import built, from_data, read_state, sources_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kubelb_gen.api.loading import State
    from kubelb_gen.diff import Changes
    from kubelb_gen.model import Fleet
    from kubelb_gen.rollout import Rollout

_BETWEEN = "a state between, of kubelb-gen rollout"


def steps(old: State, new: State, changes: Changes) -> Rollout | None:
    """Return the steps of *changes* that are not safe to merge at once.

    None where there are none to tell: all of it is safe, a side is no spec, or the
    rules find an error in *new*.
    """
    from kubelb_gen.diff.narrow import narrowed
    from kubelb_gen.errors import KubelbGenError
    from kubelb_gen.model import Fleet

    if not (changes.unsafe and isinstance(old, Fleet) and isinstance(new, Fleet)):
        return None
    try:
        return rollout(*narrowed(old, new))
    except KubelbGenError:
        return None


def rollout(old: Fleet | str | Path, new: Fleet | str | Path) -> Rollout:
    """Return the steps from *old* to *new* that break no connection, or fewest.

    A side is a fleet, or the path of a spec.  Each step's spec renders: what its rules
    say against a state between is suppressed in it, with that reason.  Raises as `load`
    does for a path, `UsageError` where a side is no spec, and `SpecError` where a rule
    finds an error in *new*; *old* is what runs, however bad.
    """
    from kubelb_gen.rollout import roll_out

    first, last = _fleet(old), _fleet(new)
    require_sound(last)
    own = _own_text(last)

    def write(fleet: Fleet) -> tuple[str, Fleet]:
        # What the user wrote is what the user wants to see at the end.
        return (own, last) if own and fleet is last else between(fleet)

    return roll_out(first, last, write)


def _fleet(side: State | str | Path) -> Fleet:
    from kubelb_gen.errors import UsageError
    from kubelb_gen.model import Fleet

    found = read_state(side)
    if isinstance(found, Fleet):
        return found
    shown = type(side).__name__ if found is side else f"'{side}'"
    raise UsageError(f"{shown} is no spec: a rollout starts at specs")


def between(fleet: Fleet) -> tuple[str, Fleet]:
    """Return the spec of a state between two, maybe in documents, and its fleet."""
    from kubelb_gen.render.block import block
    from kubelb_gen.unparse import accepting, as_documents

    documents: Sequence[dict[str, Any]] = as_documents(fleet)
    written = from_data(*documents)
    errors = check(written).errors
    if errors:
        documents = accepting(sources_of(written).documents, errors, _BETWEEN)
        written = from_data(*documents)
        require_sound(written)
    text = _amended(fleet, documents[0], written) if len(documents) == 1 else None
    return text or "---\n".join(map(block, documents)), written


def _amended(fleet: Fleet, data: dict[str, Any], written: Fleet) -> str | None:
    """Return *data* in the words of the spec that *fleet* was made of.

    None where that is more than one document, or would not load to *written*.
    """
    from kubelb_gen.document import Source, Sources, parse
    from kubelb_gen.document.editing import edited
    from kubelb_gen.errors import SpecError
    from kubelb_gen.unparse import amend, as_documents

    own = _own_text(fleet)
    if own is None:
        return None
    before, *_ = as_documents(built(sources_of(fleet)))
    text = edited(own, lambda given: amend(given, before, data))
    try:
        same = text and built(Sources([parse(Source("spec.yaml", text))])) == written
    except SpecError:
        return None
    return text if same else None


def _own_text(fleet: Fleet) -> str | None:
    """Return the text of *fleet*, where it is one document and nothing besides."""
    sources = sources_of(fleet) if fleet.places is not None else None
    if sources is None or len(sources.parsed) != 1 or sources.overlays:
        return None
    return sources.parsed[0].source.text if len(sources.documents) == 1 else None
