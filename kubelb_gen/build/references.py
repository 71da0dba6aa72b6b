"""Names that must lead somewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.schema import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection

    from kubelb_gen.build.findings import Findings
    from kubelb_gen.build.node import Node

DEFAULT = "default"


def resolve(
    node: Node | None, what: str, names: Collection[str], findings: Findings
) -> None:
    """Record it when *node* names none of *names*; *what* says what they are."""
    if node is None or node.data in names:
        return
    listed = ", ".join(sorted(names)) or "none is defined"
    findings.missing(
        "unknown-reference",
        f"'{node.data}' is none of the {what}",
        node.at,
        hint=did_you_mean(node.data, names) or f"{what}: {listed}",
    )
