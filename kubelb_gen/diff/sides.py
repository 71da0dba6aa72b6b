"""What can be compared: fleets, what they render to, and rendered directories."""

from __future__ import annotations

import re
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

from kubelb_gen.artifacts import LOCK_NAME, Artifacts, Tree
from kubelb_gen.diff.changes import Side
from kubelb_gen.diff.narrow import narrowed
from kubelb_gen.errors import OutputError, RenderError
from kubelb_gen.model import Fleet
from kubelb_gen.plan.decide import make_plan
from kubelb_gen.render.tree import render_changed, render_plan
from kubelb_gen.trace.meaning import meaning

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from kubelb_gen.plan import Plan

State = Fleet | Artifacts | Tree

_PORT = re.compile(r"[^/:]+(?:/[^/:]+){2,3}:\d{1,5}/(?:TCP|UDP)")
_WORDS = ("path", "from", "verdict", "peer", "accepts")


def sides(old: State, new: State) -> tuple[Side, Side]:
    """Return *old* and *new* as sides; of two fleets, what may differ alone.

    A fleet that no wish is met for is rendered as well.  Raises `OutputError` where a
    lock is of a release that knew too little.
    """
    if isinstance(old, Fleet) and isinstance(new, Fleet):
        return _of_fleets(old, new)
    return _of(old), _of(new)


def _of_fleets(old: Fleet, new: Fleet) -> tuple[Side, Side]:
    small = narrowed(old, new)
    parts = make_plan(small[0]), make_plan(small[1])
    plans = (
        parts[0] if small[0] is old else make_plan(old),
        parts[1] if small[1] is new else make_plan(new),
    )
    missing = None
    try:
        files = render_changed(*plans)
    except RenderError as error:
        files, missing = ([], []), str(error)
    first, second = (
        Side(
            spec=plan.fleet.name,
            meaning=meaning(part),
            files={each.path: each.data for each in written},
            lock=partial(_lock, plan),
            whole=False,
            missing=missing,
            plan=plan,
        )
        for plan, part, written in zip(plans, parts, files, strict=True)
    )
    return first, second


def _of(state: State) -> Side:
    if isinstance(state, Tree):
        return _of_tree(state)
    return _of_artifacts(state) if isinstance(state, Artifacts) else _of_fleet(state)


def _of_fleet(fleet: Fleet) -> Side:
    plan = make_plan(fleet)
    try:
        side = _of_artifacts(render_plan(plan, meaning=meaning(plan)))
    except RenderError as error:
        side = Side(spec=fleet.name, meaning=meaning(plan), missing=str(error))
    return side._replace(plan=plan)


def _of_artifacts(artifacts: Artifacts) -> Side:
    return Side(
        spec=artifacts.spec,
        meaning=artifacts.meaning,
        files={path: each.data for path, each in artifacts.items()},
        lock=lambda: artifacts.lock.text().encode(),
    )


def _of_tree(tree: Tree) -> Side:
    lock = tree.lock
    if lock is None:
        return Side()
    return Side(
        spec=lock.spec,
        meaning=_checked(lock.meaning),
        files=tree.contents,
        from_lock=True,
        edited=tuple(_edited(tree)),
        lock=lambda: lock.text().encode(),
    )


def _edited(tree: Tree) -> Iterator[str]:
    """Yield our files that are not what was rendered: changed or gone."""
    for path, digest in tree.lock.hashes().items() if tree.lock else ():
        data = tree.contents.get(path)
        if data is None or sha256(data).hexdigest() != digest:
            yield path


def _lock(plan: Plan) -> bytes:
    return render_plan(plan, meaning=meaning(plan)).lock.text().encode()


def _checked(records: Iterable[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    listed = tuple(records)
    for each in listed:
        if not (
            all(isinstance(each.get(word), str) for word in _WORDS)
            and _PORT.fullmatch(each["path"])
            and isinstance(each.get("trust"), list)
            and {"identity", "carriedBy"} <= each.keys()
        ):
            message = (
                f"'{LOCK_NAME}' does not say what its paths mean, as one of an older "
                "kubelb-gen: render it anew"
            )
            raise OutputError(message)
    return listed
