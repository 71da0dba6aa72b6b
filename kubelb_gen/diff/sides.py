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
from kubelb_gen.render.engine import lay_out
from kubelb_gen.render.tree import render_changed, render_plan
from kubelb_gen.trace.meaning import meaning

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from kubelb_gen.plan import Plan
    from kubelb_gen.render.own.templates import OwnTemplates

State = Fleet | Artifacts | Tree

_PORT = re.compile(r"[^/:]+(?:/[^/:]+){2,3}:\d{1,5}/(?:TCP|UDP)")
_WORDS = ("path", "from", "verdict", "peer", "accepts")


def sides(
    old: State,
    new: State,
    own: tuple[OwnTemplates | None, OwnTemplates | None] = (None, None),
) -> tuple[Side, Side]:
    """Return *old* and *new* as sides; of two fleets, what may differ alone.

    A fleet that no wish is met for is rendered as well, with the user's *own* templates
    where there are some.  Raises `OutputError` where a lock is of a release that knew
    too little, `TemplateError` where a template fails.
    """
    alike = _texts(own[0]) == _texts(own[1])
    if alike and isinstance(old, Fleet) and isinstance(new, Fleet):
        return _of_fleets(old, new, own[0])
    return _of(old, own[0]), _of(new, own[1])


def _texts(own: OwnTemplates | None) -> Mapping[str, str]:
    return {} if own is None else own.texts


def _of_fleets(old: Fleet, new: Fleet, own: OwnTemplates | None) -> tuple[Side, Side]:
    small = narrowed(old, new)
    parts = make_plan(small[0]), make_plan(small[1])
    plans = (
        parts[0] if small[0] is old else make_plan(old),
        parts[1] if small[1] is new else make_plan(new),
    )
    missing = None
    try:
        files = render_changed(*plans, lay_out if own is None else own.lay_out)
    except RenderError as error:
        files, missing = ([], []), str(error)
    if own is not None:
        own.refuse_problems()
    first, second = (
        Side(
            spec=plan.fleet.name,
            meaning=meaning(part),
            files={each.path: each.data for each in written},
            lock=partial(_lock, plan, own),
            whole=False,
            missing=missing,
            plan=plan,
        )
        for plan, part, written in zip(plans, parts, files, strict=True)
    )
    return first, second


def _of(state: State, own: OwnTemplates | None) -> Side:
    if isinstance(state, Tree):
        return _of_tree(state)
    if isinstance(state, Artifacts):
        return _of_artifacts(state)
    return _of_fleet(state, own)


def _of_fleet(fleet: Fleet, own: OwnTemplates | None) -> Side:
    plan = make_plan(fleet)
    try:
        side = _of_artifacts(_rendered(plan, own))
    except RenderError as error:
        side = Side(spec=fleet.name, meaning=meaning(plan), missing=str(error))
    return side._replace(plan=plan)


def _of_artifacts(artifacts: Artifacts) -> Side:
    return Side(
        spec=artifacts.spec,
        meaning=artifacts.meaning,
        files={path: each.data for path, each in artifacts.items()},
        lock=partial(_lock_of, artifacts),
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
        lock=lock.data,
    )


def _edited(tree: Tree) -> Iterator[str]:
    """Yield our files that are not what was rendered: changed or gone."""
    for path, digest in tree.lock.hashes().items() if tree.lock else ():
        data = tree.contents.get(path)
        if data is None or sha256(data).hexdigest() != digest:
            yield path


def _rendered(plan: Plan, own: OwnTemplates | None) -> Artifacts:
    if own is None:
        return render_plan(plan, meaning=meaning(plan))
    files = render_plan(plan, meaning=meaning(plan), write=own.lay_out)
    own.refuse_problems()
    return files


def _lock(plan: Plan, own: OwnTemplates | None) -> bytes:
    return _lock_of(_rendered(plan, own))


def _lock_of(artifacts: Artifacts) -> bytes:
    return artifacts.lock.data()


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
