"""UIDs that KubeLB names its objects by: each is that of one Service of a tenant.

What stands in for one that is not stated is made of namespace and name, and two
Services may come to the same: `a-b/c` and `a/b-c`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.model import stand_in_uid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubelb_gen.build.findings import Findings
    from kubelb_gen.build.node import Node


def check_uids(
    tenant: str, services: Iterable[tuple[Node, str]], findings: Findings
) -> None:
    """Record UIDs that two of *services* have; each comes with its namespace.

    A Service behind two gateways is one Service.
    """
    known: dict[str, tuple[str, Node]] = {}
    for node, namespace in services:
        name = f"{namespace}/{node.value('name')}"
        uid = node.value("uid") or stand_in_uid(namespace, node.value("name"))
        first, other = known.setdefault(uid, (name, node))
        if first == name:
            continue
        if "uid" in node and "uid" in other:
            findings.twice(
                f"uid '{uid}' in tenant '{tenant}'",
                other["uid"],
                node["uid"],
                on_key=False,
                hint=f"it is that of '{first}' or of '{name}': KubeLB names its "
                "objects by it",
            )
        else:
            findings.error(
                "defined-twice",
                f"uid '{uid}' in tenant '{tenant}' is that of '{first}' and of "
                f"'{name}'",
                _place(node).at,
                label=findings.first("defined", _place(other).at, _place(node).at),
                hint="state the 'uid' of one of them: without it, it is made of "
                "namespace and name",
            )


def _place(node: Node) -> Node:
    return node.find("uid") or node["name"]
