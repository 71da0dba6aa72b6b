"""Reads and writes the wire format of KRM functions.

Items are taken word for word where that is possible, and written from their data
where it is not.  What we would refuse in a spec (a tag, a key that is no text) passes
through in everybody else's objects.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from kubelb_gen.diagnostics import DataPath, Diagnostic, Severity
from kubelb_gen.document import Source, Sources, parse
from kubelb_gen.document.positions import lines_of
from kubelb_gen.errors import LoadError
from kubelb_gen.krm.excerpt import Excerpt, list_item, mapping_value
from kubelb_gen.krm.item import Item
from kubelb_gen.krm.writing import indented, listed
from kubelb_gen.render.block import Spelling, block

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

KIND = "ResourceList"
VERSIONS = tuple(
    f"config.kubernetes.io/{version}" for version in ("v1", "v1beta1", "v1alpha1")
)
_PASSES_THROUGH = frozenset({"tag-refused", "key-not-text"})
# A scalar without quotes, anchor or tag, on one line.
_PLAIN = re.compile(r"[\w+.~-](?:[\w+./ -]*[\w+./-])?")
_MAYBE_ALIAS = re.compile(r"(?:^|[\s,\[{])\*\S", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceList:
    """What a function is given and gives back."""

    version: str
    items: tuple[Item, ...]
    config: Item | None = None
    results: tuple[dict[str, Any], ...] = field(default=())

    def text(self) -> str:
        """Return the list as YAML."""
        parts = [f"apiVersion: {self.version}\nkind: {KIND}\n"]
        items = "".join(listed(each.text, each.head) for each in self.items)
        parts.append(f"items:\n{items}" if items else "items: []\n")
        if self.config is not None:
            parts.append(f"functionConfig:\n{indented(self.config.text)}")
        if self.results:
            parts.append(block({"results": list(self.results)}))
        return "".join(parts)


def read(source: Source) -> ResourceList:
    """Read a ResourceList; raises `LoadError` with everything that is wrong with it."""
    parsed = parse(source)
    sources = Sources([parsed])
    data = parsed.documents[0].data if parsed.documents else {}
    at = parsed.documents[0].at if parsed.documents else DataPath(source.name)
    excerpts = _Excerpts(sources, source, at, data)
    problems = [each for each in parsed.diagnostics if not excerpts.let_pass(each)]
    # Of a text that is no YAML, the rest would be about what could be read of it.
    problems = problems or list(_faults(data, len(parsed.documents), source))
    if problems:
        raise LoadError(sources.placed(problems))
    config = data.get("functionConfig")
    return ResourceList(
        version=data["apiVersion"],
        items=tuple(
            excerpts.item(data["items"][index], excerpt, "items", index)
            for index, excerpt in enumerate(excerpts.items)
        ),
        config=excerpts.item(config, excerpts.config, "functionConfig")
        if config
        else None,
    )


class _Excerpts:
    """Where the objects of a list stand in its text, as far as they can be told."""

    def __init__(
        self, sources: Sources, source: Source, at: DataPath, data: dict[str, Any]
    ) -> None:
        self._lines = lines_of(source.text.removeprefix("\ufeff"))
        self._sources = sources
        self._at = at
        items = data.get("items")
        count = len(items) if isinstance(items, list) else 0
        self.items = [self._cut(list_item, "items", number) for number in range(count)]
        self.config = self._cut(mapping_value, "functionConfig")

    def item(
        self, data: dict[str, Any], excerpt: Excerpt | None, *keys: str | int
    ) -> Item:
        """Return the object *data* in its own words, if those alone say the same."""
        if excerpt is None or not _says(excerpt.text, data):
            at = replace(self._at, keys=keys)
            return Item(data=data, text=block(self._spelled(data, at)))
        return Item(data=data, text=excerpt.text, head=excerpt.head)

    def let_pass(self, problem: Diagnostic) -> bool:
        """Tell whether *problem* is about words that are passed on as they are."""
        if problem.id not in _PASSES_THROUGH or problem.location is None:
            return False
        line = problem.location.line - 1
        return any(
            each is not None and each.first <= line <= each.last for each in self.items
        )

    def _spelled(self, data: Any, at: DataPath) -> Any:  # noqa: ANN401
        if isinstance(data, dict):
            return {key: self._spelled(each, at / key) for key, each in data.items()}
        if isinstance(data, list):
            return [self._spelled(each, at / i) for i, each in enumerate(data)]
        place = self._sources.locate(at)
        if place is None:
            return data
        start = place.column - 1
        word = place.text[start : start + place.width]
        return Spelling(word) if _PLAIN.fullmatch(word) else data

    def _cut(
        self,
        cut: Callable[[Sequence[str], int, int], Excerpt | None],
        *keys: str | int,
    ) -> Excerpt | None:
        place = self._sources.locate(replace(self._at, keys=keys))
        if place is None:
            return None
        return cut(self._lines, place.line - 1, place.column - 1)


def _says(text: str, data: dict[str, Any]) -> bool:
    if not _MAYBE_ALIAS.search(text):
        return True
    documents = parse(Source("", text)).documents
    return len(documents) == 1 and documents[0].data == data


def _faults(data: dict[str, Any], count: int, source: Source) -> Iterable[Diagnostic]:
    at = DataPath(source.name)
    if data.get("kind") != KIND or data.get("apiVersion") not in VERSIONS:
        yield _fault(
            "no-resource-list",
            f"'{source.name}' is no {KIND} of {VERSIONS[0]}",
            at,
            hint="orchestrators of KRM functions send one; `kubelb-gen render` reads "
            "specs by themselves",
        )
    elif count > 1:
        yield _fault("no-resource-list", f"one {KIND} at a time", at)
    elif not isinstance(items := data.get("items", []), (list, type(None))):
        yield _fault("wrong-type", "'items' must be a list", at / "items")
    else:
        for index, each in enumerate(items or ()):
            if not isinstance(each, dict):
                message = f"'items[{index}]' must be an object"
                yield _fault("wrong-type", message, at / "items" / index)
    if not isinstance(data.get("functionConfig", {}), (dict, type(None))):
        message = "'functionConfig' must be an object"
        yield _fault("wrong-type", message, at / "functionConfig")


def _fault(
    name: str, message: str, at: DataPath, hint: str | None = None
) -> Diagnostic:
    return Diagnostic(
        id=name, severity=Severity.ERROR, message=message, at=at, hint=hint
    )
