"""What a lock says of each path: mappings, or the text that stands for them.

What is kept from one run for the next is text already, and seldom read again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from collections.abc import Iterable

Record = Mapping[str, object]

# Made once: `json.dumps` makes one for each call.
_json = json.JSONEncoder(ensure_ascii=False).encode
_BETWEEN = ",\n    "


class Records(Sequence[Record]):
    """Records as *blocks* of what `block_of` made of some, parsed when looked at.

    >>> [*Records([block_of([{"path": "a/b/c:80/TCP"}])])]
    [{'path': 'a/b/c:80/TCP'}]
    """

    def __init__(self, blocks: Iterable[str]) -> None:
        self.blocks = tuple(filter(None, blocks))

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Record]: ...
    def __getitem__(self, index: int | slice) -> Record | Sequence[Record]:
        return self._parsed[index]

    def __len__(self) -> int:
        return len(self._parsed)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._parsed == tuple(other)

    # Equal ones may be in other blocks, and what they hold has no hash.
    __hash__ = None  # type: ignore[assignment]

    @cached_property
    def _parsed(self) -> tuple[Record, ...]:
        return tuple(json.loads(f"[{','.join(self.blocks)}]"))


def block_of(records: Iterable[Record]) -> str:
    """Return *records* as they stand in a lock, one a line."""
    return _BETWEEN.join(map(_json, records))


def blocks_of(records: Sequence[Record]) -> Iterable[str]:
    """Return *records* in blocks."""
    return records.blocks if isinstance(records, Records) else map(_json, records)
