"""The reference page of templates: what each makes, and what it is given."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import kubelb_gen
from kubelb_gen.plan.decide import make_plan
from kubelb_gen.render.own.folder import our_names, purpose
from kubelb_gen.render.own.templates import plain
from kubelb_gen.render.tree import backend_drafts, object_drafts
from tests.support.outputs import OUTPUTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kubelb_gen.render.draft import Draft

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def page(note: str) -> Iterator[str]:
    """Yield the page, from the examples and the first comment of each template."""
    drafts: dict[str, list[Draft]] = {}
    contexts: dict[str, list[Mapping[str, object]]] = {}
    for draft in _drafts():
        drafts.setdefault(draft.template, []).append(draft)
        for template, context in _given(draft):
            contexts.setdefault(template, []).append(context)
    yield f"# Templates\n\n{note}\n"
    yield (
        "`render --templates DIR` takes a file of DIR for ours of the same name:\n"
        "[the guide](../guides/templates.md) says how. What a template is given are "
        "values of these names;\nthe examples show each at least once. A name that "
        "begins with `_` is included by others.\n"
    )
    for name in our_names():
        yield f"\n## `{name}`\n\n{purpose(name)}\n"
        if name in drafts:
            yield _makes(drafts[name])
        if name in contexts:
            yield from _table(contexts[name])


def _drafts() -> Iterator[Draft]:
    for example in sorted(EXAMPLES.iterdir()):
        several = example / "specs"
        spec = several if several.is_dir() else example / "spec.yaml"
        plan = make_plan(kubelb_gen.load(spec))
        backends = backend_drafts(plan)
        texts = (
            (file, dict.fromkeys((each.path for each in own), ""))
            for file, own in backends
        )
        yield from object_drafts(plan, texts)
        for _, own in backends:
            yield from own


def _given(draft: Draft) -> Iterator[tuple[str, Mapping[str, object]]]:
    yield draft.template, {**draft.context, **{name: "" for name, _ in draft.parts}}
    for _, parts in draft.parts:
        for part in parts:
            if not isinstance(part, str):
                yield part


def _makes(drafts: list[Draft]) -> str:
    paths = {
        output.path
        for draft in drafts
        for output in OUTPUTS
        if (output.kind, output.role) == (draft.kind, draft.role)
        and output.is_at(draft.path)
    }
    return "\nMakes " + ", ".join(f"`{path}`" for path in sorted(paths)) + ".\n"


def _table(contexts: list[Mapping[str, object]]) -> Iterator[str]:
    shapes: dict[str, set[str]] = {}
    for context in contexts:
        for name, shape in _shapes("", plain(dict(context))):
            shapes.setdefault(name, set()).add(shape)
    yield "\n| given | what it is |\n| --- | --- |\n"
    for name, found in sorted(shapes.items()):
        # An empty list tells less than one that is not.
        empty = {"list"} if any("list of" in each for each in found) else set()
        yield f"| `{name}` | {' or '.join(sorted(found - empty))} |\n"


def _shapes(name: str, value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    if isinstance(value, dict):
        if name and not name.endswith("[]"):
            yield name, "mapping"
        # Whatever else is a name of the user's.
        for key, member in value.items() if all(map(str.isidentifier, value)) else ():
            yield from _shapes(f"{name}.{key}" if name else key, member)
    elif isinstance(value, tuple):
        kinds = {_kind(member) for member in value}
        yield name, f"list of {' or '.join(sorted(kinds))}" if kinds else "list"
        for member in value:
            if isinstance(member, dict):
                yield from _shapes(f"{name}[]", member)
    else:
        yield name, _WORDS[type(value)]


def _kind(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, dict):
        return "mappings"
    return "pairs" if isinstance(value, tuple) else f"{_WORDS[type(value)]}s"


_WORDS: dict[type, str] = {
    str: "text",
    int: "number",
    float: "number",
    bool: "true or false",
    type(None): "nothing",
}
