"""What ports, files and values are called in what is told of a change."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kubelb_gen.diff import Changes, FileChange
    from kubelb_gen.diff.objects import Identity

_LONGEST = 100
_DIGEST = re.compile(r"[0-9a-f]{64}")


def port_name(key: str) -> str:
    """Spell the port of a lock's record for a reader.

    >>> port_name("primary/default/web:5000/TCP")
    'primary: default/web 5000/TCP'
    >>> port_name("primary/kubelb/default/web:80/TCP")
    'primary: default/web 80/TCP via kubelb'
    """
    tenant, gateway, namespace, name, port = port_parts(key)
    shown = f"{tenant}: {namespace}/{name} {port}"
    return f"{shown} via {gateway}" if gateway else shown


def port_parts(key: str) -> tuple[str, str | None, str, str, str]:
    """Return tenant, gateway, namespace, name and port of a lock's record."""
    owner, _, port = key.partition(":")
    tenant, *gateway, namespace, name = owner.split("/")
    return tenant, next(iter(gateway), None), namespace, name, port


def file_title(change: FileChange) -> str:
    """Name the object in a file, or the file."""
    objects = change.objects or ()
    named = [_titled(each.identity) for each in objects if each.identity.kind]
    return ", ".join(named) if named else change.path


def _titled(identity: Identity) -> str:
    # A Tenant is KubeLB's, and neither comes nor goes with our part of it.
    return f"our part of {identity}" if identity.kind == "Tenant" else str(identity)


def role(change: FileChange) -> str:
    """Say what is done with a file."""
    folder = change.path.partition("/")[0]
    if folder in ("management", "tenants"):
        return "to apply"
    return "what KubeLB will make of it" if folder == "expected" else "for the backends"


def by_role(files: Iterable[FileChange]) -> Mapping[str, list[FileChange]]:
    """Return *files* by what is done with them, what is applied first."""
    found: dict[str, list[FileChange]] = {
        "to apply": [],
        "for the backends": [],
        "what KubeLB will make of it": [],
    }
    for each in files:
        found[role(each)].append(each)
    return {name: listed for name, listed in found.items() if listed}


def shown(value: object) -> str:
    """Return a value of an object in one short line."""
    if isinstance(value, str) and "\n" in value:
        return f"{value.count(chr(10))} lines"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if _DIGEST.fullmatch(text):
        return f"{text[:8]}..."
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def again(command: str, changes: Changes) -> str:
    """Return the *command* of ours that is about the same two sides."""
    return shlex.join(["kubelb-gen", command, changes.old.name, changes.new.name])


def edits(changes: Changes) -> Iterator[str]:
    """Yield which files mean something else than the lock beside them says."""
    for side in (changes.old, changes.new):
        for path in side.edited:
            yield f"{side.name} was edited by hand, and its lock does not know: {path}"
