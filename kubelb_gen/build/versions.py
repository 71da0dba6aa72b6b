"""Versions of the spec, and the releases that our facts were read off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.model import Version

if TYPE_CHECKING:
    from kubelb_gen.build.findings import Findings
    from kubelb_gen.build.node import Node

NEWEST = {
    "KubeLB": Version(1, 5),
    "Cilium": Version(1, 20),
    "Envoy Gateway": Version(1, 9),
}

# Cilium's is a rule of its own: an older chart cannot take what we write.
OLDEST = {"KubeLB": Version(1, 2), "Envoy Gateway": Version(1, 0)}


def version_of(program: str, node: Node, findings: Findings) -> Version:
    """Return the version, with a warning where it is outside of what is known."""
    version = Version.parse(node.data)
    newest = NEWEST.get(program)
    if newest and (version.major, version.minor) > (newest.major, newest.minor):
        known = f"{newest.major}.{newest.minor}"
        findings.warning(
            "newer-than-known",
            f"{program} {node.data} is newer than {known}, the newest that is known",
            node.at,
            hint=f"it is treated like {known}",
        )
    oldest = OLDEST.get(program)
    if oldest and version < oldest:
        known = f"{oldest.major}.{oldest.minor}"
        findings.warning(
            "older-than-known",
            f"{program} {node.data} is older than {known}, the oldest that is known",
            node.at,
            hint=f"it is treated like {known}",
        )
    return version
