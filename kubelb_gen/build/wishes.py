"""What the owner of a port asks for, after profiles and defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.build.references import resolve
from kubelb_gen.model import Wish

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubelb_gen.build.findings import Findings
    from kubelb_gen.build.node import Layers, Node


def layered(
    node: Node, below: Layers, profiles: Mapping[str, Node], findings: Findings
) -> Layers:
    """Return *node*, then its profile, then *below*."""
    named = node.find("profile")
    resolve(named, "profiles", profiles, findings)
    if named is not None and named.data in profiles:
        return below.under(node, profiles[named.data])
    return below.under(node)


def wish(layers: Layers, findings: Findings) -> tuple[Wish, str | None]:
    """Return the wish and its reason, which every wish but `required` needs."""
    found = layers.find("clientIP")
    if found is None or found.data == Wish.REQUIRED:
        return Wish.REQUIRED, None
    because = layers.value("because")
    if because is None:
        findings.error(
            "missing-field",
            f"'because' is missing: 'clientIP: {found.data}' needs a reason",
            found.at,
            hint="add 'because' beside it: why may the client's address be lost",
        )
    return Wish(found.data), because
