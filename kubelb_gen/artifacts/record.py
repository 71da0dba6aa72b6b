"""What a lock says of one path: a mapping, or the text that the mapping is there.

What is kept from one run for the next is text already, and seldom read again.
"""

import json
from collections.abc import Iterator, Mapping

# Made once: `json.dumps` makes one for each call.
_json = json.JSONEncoder(ensure_ascii=False).encode


class Line(Mapping[str, object]):
    """A record as the text that `line_of` made of it, parsed when it is looked at.

    >>> Line('{"path": "a/b/c:80/TCP"}') == {"path": "a/b/c:80/TCP"}
    True
    """

    __slots__ = ("_parsed", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._parsed: Mapping[str, object] | None = None

    def __getitem__(self, key: str) -> object:
        return self._record()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._record())

    def __len__(self) -> int:
        return len(self._record())

    def __repr__(self) -> str:
        return f"Line({self.text!r})"

    def _record(self) -> Mapping[str, object]:
        if self._parsed is None:
            parsed: dict[str, object] = json.loads(self.text)
            self._parsed = parsed
        return self._parsed


def line_of(record: Mapping[str, object]) -> str:
    """Return *record* as the lock has it, in one line."""
    return record.text if isinstance(record, Line) else _json(record)
