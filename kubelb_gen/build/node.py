"""A value of a document together with its path, so that findings can point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubelb_gen.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubelb_gen.diagnostics import DataPath, Key


@dataclass(frozen=True, slots=True)
class Node:
    """Plain data of a spec that has passed its schema."""

    data: Any
    at: DataPath

    def __contains__(self, key: Key) -> bool:
        return key in self.data

    def __getitem__(self, key: Key) -> Node:
        return Node(self.data[key], self.at / key)

    def find(self, key: Key) -> Node | None:
        """Return the member called *key*, if there is one."""
        return self[key] if key in self.data else None

    def value(self, key: Key, default: object = None) -> Any:  # noqa: ANN401
        """Return the data of the member called *key*, or *default*."""
        return self.data.get(key, default)

    def flag(self, key: Key) -> bool:
        """Return whether *key* is set to true."""
        return self.value(key) is True

    def items(self, key: Key) -> Iterator[Node]:
        """Return the items of the list called *key*; none when it is absent."""
        for index, data in enumerate(self.data.get(key, ())):
            yield Node(data, self.at / key / index)

    def members(self, key: Key) -> Iterator[tuple[str, Node]]:
        """Return names and values of the mapping called *key*."""
        for name, data in self.data.get(key, {}).items():
            yield name, Node(data, self.at / key / name)


@dataclass(frozen=True, slots=True)
class Layers:
    """Places where one field may stand; the first that has it wins, whole."""

    nodes: tuple[Node, ...]

    def find(self, key: Key) -> Node | None:
        """Return the value of *key* that applies."""
        for node in self.nodes:
            if key in node.data:
                return node[key]
        return None

    def value(self, key: Key, default: object = None) -> Any:  # noqa: ANN401
        """Return the data of *key* that applies, or *default*."""
        found = self.find(key)
        return default if found is None else found.data

    def flag(self, key: Key) -> bool:
        """Return whether *key*, where it applies, is true."""
        return self.value(key) is True

    def under(self, *nodes: Node) -> Layers:
        """Return these layers below *nodes*."""
        return Layers((*nodes, *self.nodes))
