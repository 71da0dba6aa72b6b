"""The objects of a file, each by what Kubernetes or its program calls it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from kubelb_gen.diff.values import MIRROR, FieldChange, field_changes
from kubelb_gen.document import Source, parse

_SUFFIXES = (".yaml", ".yml", ".json")


class Identity(NamedTuple):
    """What makes two objects of two trees the same one; all empty for a bare file."""

    api_version: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""

    def __str__(self) -> str:
        name = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind} {name}".strip()


class ObjectChange(NamedTuple):
    """One object: added, removed or changed; *fields* only where it changed."""

    identity: Identity
    change: str
    fields: tuple[FieldChange, ...] = ()

    def mirrored(self) -> "ObjectChange":
        """Return what the same object is the other way round."""
        fields = tuple(
            sorted(
                (each.mirrored() for each in self.fields),
                key=lambda each: (each.path, each.change),
            )
        )
        return ObjectChange(self.identity, MIRROR[self.change], fields)


Objects = Mapping[Identity, Any]


def objects_of(path: str, text: str) -> Objects | None:
    """Return the objects of the file *path*; None where it holds no objects.

    That is so for a text of NGINX, and for YAML that cannot be read or says a name
    twice: such files are compared as text.
    """
    if not path.endswith(_SUFFIXES):
        return None
    read = parse(Source(path, text))
    if read.diagnostics:
        return None
    objects = {_identity(each.data): each.data for each in read.documents}
    return objects if len(objects) == len(read.documents) else None


def object_changes(old: Objects, new: Objects) -> tuple[ObjectChange, ...]:
    """Return every object in which *old* and *new* differ, by identity."""
    changes = []
    for identity in sorted({*old, *new}):
        if identity not in old:
            changes.append(ObjectChange(identity, "added"))
        elif identity not in new:
            changes.append(ObjectChange(identity, "removed"))
        elif fields := field_changes(old[identity], new[identity]):
            changes.append(ObjectChange(identity, "changed", fields))
    return tuple(changes)


def _identity(data: Mapping[str, Any]) -> Identity:
    metadata = data.get("metadata")
    if not isinstance(metadata, Mapping):
        return Identity()
    words = (
        data.get("apiVersion"),
        data.get("kind"),
        metadata.get("namespace"),
        metadata.get("name"),
    )
    return Identity(*(word if isinstance(word, str) else "" for word in words))
