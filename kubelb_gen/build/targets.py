"""Places in the documents of a spec that an overlay changes."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kubelb_gen.document import Laid, Provenance
from kubelb_gen.schema import SPEC
from kubelb_gen.schema.kinds import FACTS, MANAGEMENT, TENANT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kubelb_gen.diagnostics import DataPath, Key
    from kubelb_gen.document import Document

Data = dict[str, Any]

_BY_NAMESPACE = ("services", "gateways", "ingresses", "backends")


@dataclass(slots=True, eq=False)
class Target:
    """A mapping in a copy of *origin*, which was read from a file."""

    origin: Document
    data: Data
    provenance: Provenance
    keys: tuple[Key, ...] = ()
    namespace: str | None = None

    @property
    def kind(self) -> object:
        """What kind the document is of."""
        return self.origin.data.get("kind")

    @property
    def only_lists(self) -> bool:
        """Whether the document names tenants, and leaves the rest to their owners."""
        return self.kind in (MANAGEMENT, FACTS)

    @property
    def has_defaults(self) -> bool:
        """Whether `defaults` here are about something: there are services."""
        if len(self.keys) > 1:
            return not self.only_lists
        return self.kind == SPEC and "tenants" in self.data

    def document(self) -> Document:
        """Return the whole document as it is now."""
        return replace(self.origin, data=self.data, laid=self.provenance)

    def is_map(self, key: str) -> bool:
        """Tell whether *key* holds a mapping."""
        return isinstance(self.data.get(key), dict)

    def child(self, *keys: Key) -> Target:
        """Return the mapping that *keys* lead to."""
        data: Any = self.data
        for key in keys:
            data = data[key]
        namespace = self.data.get("namespace", self.namespace)
        return Target(
            self.origin, data, self.provenance, (*self.keys, *keys), namespace
        )

    def items(self, key: str) -> Iterator[Target]:
        """Return the mappings in the list called *key*."""
        listed = self.data.get(key)
        for index, each in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(each, dict):
                yield self.child(key, index)

    def put(self, key: str, value: object, at: DataPath) -> None:
        """Set *key* to *value*, which is written at *at*."""
        self._lay(key, at)
        self.data[key] = deepcopy(value)

    def delete(self, key: str, at: DataPath) -> None:
        """Remove *key*, as *at* says."""
        self._lay(key, at)
        del self.data[key]

    def name(self, key: str) -> tuple[str, ...]:
        """Return what an item of the list *key* is called by."""
        if key in _BY_NAMESPACE:
            return str(self.data.get("namespace", self.namespace)), self._name
        if key == "ports" and "name" not in self.data:
            number, protocol = self.data.get("port"), self.data.get("protocol", "TCP")
            # KubeLB's own, for a port without a name.
            return (f"{number}-{str(protocol).lower()}",)
        return (self._name,)

    @property
    def _name(self) -> str:
        # A name that is no text is told by the schema.
        return str(self.data.get("name"))

    def is_called(self, key: str, wanted: Data) -> bool:
        """Tell whether the item *wanted* of an overlay's list *key* means this one."""
        identity = self.identity(key, wanted)
        if "port" in identity:
            numbers = [
                (each.get("port"), each.get("protocol", "TCP"))
                for each in (wanted, self.data)
            ]
            return numbers[0] == numbers[1] and "port" in wanted
        *namespace, name = self.name(key)
        given = wanted.get("namespace") if "namespace" in identity else None
        return name == wanted.get("name") and given in (None, *namespace)

    @staticmethod
    def identity(key: str, wanted: Data) -> tuple[str, ...]:
        """Return the fields of *wanted* that name it, and change nothing."""
        if key == "ports" and wanted.get("name") is None:
            return ("port", "protocol")
        return ("name", "namespace") if key in _BY_NAMESPACE else ("name",)

    def _lay(self, key: str, at: DataPath) -> None:
        keys = (*self.keys, key)
        over = None
        if key in self.data:
            laid = self.provenance.of(keys)
            over = laid.at if laid is not None else self._origin_of(keys)
        self.provenance.lay(keys, Laid(at, over))

    def _origin_of(self, keys: tuple[Key, ...]) -> DataPath:
        at = self.origin.at
        for key in keys:
            at /= key
        return at


def targets_of(documents: Iterable[Document]) -> list[Target]:
    """Return the documents that an overlay may change, copied.

    What an overlay brings anew goes to the first of them that may hold it: of the
    estate it is the document of the management cluster's owner.
    """
    found = [
        Target(each, _unshared(each.data), each.laid or Provenance())
        for each in documents
    ]
    return sorted(found, key=lambda each: each.kind == TENANT)


def _unshared(data: Any) -> Any:  # noqa: ANN401  whatever a file holds
    """Copy *data*, with a copy of its own for each alias of YAML."""
    if isinstance(data, dict):
        return {key: _unshared(each) for key, each in data.items()}
    if isinstance(data, list):
        return [_unshared(each) for each in data]
    return data
