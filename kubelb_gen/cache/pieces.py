"""The fragments of bootstraps that one leaf brings, taken apart when they are needed.

They are the most of what is kept, and a bootstrap of which no piece has changed is not
put together again.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from kubelb_gen.render.envoy_bootstrap import Fragment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    # Tenant, name, port, whether it is UDP, and how long both texts are.
    Row = tuple[str, str, int, bool, int, int]


class Pieces(NamedTuple):
    """Fragments as *rows*, and their texts in one; *digest* changes with any of it."""

    rows: Sequence[Row]
    text: bytes | memoryview
    digest: str

    def fragments(self) -> Iterator[tuple[str, Fragment]]:
        """Yield the name of a tenant with each fragment."""
        text, at = str(self.text, "utf-8"), 0
        for tenant, name, port, is_udp, first, second in self.rows:
            middle, end = at + first, at + first + second
            listener, cluster = text[at:middle], text[middle:end]
            yield tenant, Fragment(name, port, is_udp, listener, cluster)
            at = end


def pieces_of(fragments: Iterable[tuple[str, Fragment]]) -> Pieces:
    """Return *fragments*, which are laid out, as pieces."""
    rows: list[Row] = []
    texts: list[str] = []
    for tenant, each in fragments:
        listener, cluster = str(each.listener), str(each.cluster)
        rows.append((tenant, *each[:3], len(listener), len(cluster)))
        texts += listener, cluster
    text = "".join(texts).encode()
    digest = sha256(json.dumps(rows).encode())
    digest.update(text)
    return Pieces(rows, text, digest.hexdigest())
