"""A value of a document together with its path, so that findings can point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubelb_gen.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubelb_gen.diagnostics import DataPath, Key


class Node:
    """Plain data of a spec that has passed its schema.

    Most nodes are read and never pointed at, so that a path is made when it is asked
    for: *above* has the node under *key*.
    """

    __slots__ = ("_above", "_at", "_key", "data")

    def __init__(
        self,
        data: Any,  # noqa: ANN401  plain data
        at: DataPath | None = None,
        above: Node | None = None,
        key: Key = "",
    ) -> None:
        self.data = data
        self._at = at
        self._above = above
        self._key = key

    @property
    def at(self) -> DataPath:
        """Where the data stands; the same value each time."""
        if self._at is None:
            if self._above is None:
                raise ValueError("a node stands somewhere, or below another one")
            self._at = self._above.at / self._key
        return self._at

    def __contains__(self, key: Key) -> bool:
        return key in self.data

    def __getitem__(self, key: Key) -> Node:
        return Node(self.data[key], None, self, key)

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
        if key in self.data:
            listed = self[key]
            for index, data in enumerate(listed.data):
                yield Node(data, None, listed, index)

    def members(self, key: Key) -> Iterator[tuple[str, Node]]:
        """Return names and values of the mapping called *key*."""
        if key in self.data:
            mapping = self[key]
            for name, data in mapping.data.items():
                yield name, Node(data, None, mapping, name)


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
        for node in self.nodes:
            if key in node.data:
                return node.data[key]
        return default

    def flag(self, key: Key) -> bool:
        """Return whether *key*, where it applies, is true."""
        return self.value(key) is True

    def under(self, *nodes: Node) -> Layers:
        """Return these layers below *nodes*."""
        return Layers((*nodes, *self.nodes))
