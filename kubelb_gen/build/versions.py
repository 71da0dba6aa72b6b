"""Versions of the spec, and the newest releases that our facts were read off."""

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


def version_of(program: str, node: Node, findings: Findings) -> Version:
    """Return the version, with a warning where it is newer than what is known."""
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
    return version
