"""One object of a ResourceList: what it says, and the very words it says it in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from kubelb_gen.document import API_GROUP
from kubelb_gen.schema import OVERLAY

# Who renders an object, as `<fleet>/<cluster>`: a later run replaces and removes these.
OWNER = "kubelb-gen/owner"
# `apply` and GitOps controllers leave such objects out.
LOCAL_CONFIG = "config.kubernetes.io/local-config"
PATH = "internal.config.kubernetes.io/path"
INDEX = "internal.config.kubernetes.io/index"
_LEGACY = {PATH: "config.kubernetes.io/path", INDEX: "config.kubernetes.io/index"}
# What orchestrators write to find their way back to a file; never ours to change.
_THEIRS = re.compile(r"(internal\.)?config\.(kubernetes|k8s)\.io/")


class Identity(NamedTuple):
    """What makes two manifests one object of an API server."""

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        where = f" in namespace '{self.namespace}'" if self.namespace else ""
        return f"{self.kind} '{self.name}'{where}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An object as *data*, and as YAML *text* from the first column on.

    *head* holds the comment lines above it, which are part of the object to whoever
    writes it to a file of its own.
    """

    data: dict[str, Any]
    text: str
    head: str = ""

    @property
    def metadata(self) -> dict[str, Any]:
        """The object's metadata; empty where it has none."""
        metadata = self.data.get("metadata")
        return metadata if isinstance(metadata, dict) else {}

    @property
    def annotations(self) -> dict[str, str]:
        """The annotations that are text."""
        annotations = self.metadata.get("annotations")
        if not isinstance(annotations, dict):
            return {}
        return {key: value for key, value in annotations.items() if _is_text(value)}

    @property
    def identity(self) -> Identity | None:
        """Which object it is; None where a name is missing or is none."""
        names = (
            self.data.get("apiVersion"),
            self.data.get("kind"),
            self.metadata.get("namespace", ""),
            self.metadata.get("name"),
        )
        if not all(_is_text(name) for name in names):
            return None
        version, kind, namespace, name = map(str, names)
        return Identity(version.rpartition("/")[0], kind, namespace, name)

    @property
    def owner(self) -> str | None:
        """The fleet and cluster that it was rendered for, if it was."""
        return self.annotations.get(OWNER)

    @property
    def is_spec(self) -> bool:
        """Whether it is one of our specs."""
        return str(self.data.get("apiVersion")).startswith(API_GROUP)

    @property
    def is_overlay(self) -> bool:
        """Whether it is laid over specs, and is none itself."""
        return self.is_spec and self.data.get("kind") == OVERLAY

    @property
    def orchestration(self) -> dict[str, str]:
        """The annotations that belong to whoever runs functions."""
        found = self.annotations
        return {key: value for key, value in found.items() if _THEIRS.match(key)}

    @property
    def file(self) -> tuple[str, int] | None:
        """The file that it came from, and its place among that file's objects."""
        path = self._told(PATH)
        index = self._told(INDEX) or "0"
        return (path, int(index) if index.isdecimal() else 0) if path else None

    def _told(self, key: str) -> str | None:
        found = self.annotations
        return found.get(key, found.get(_LEGACY[key]))


def without_orchestration(data: dict[str, Any]) -> dict[str, Any]:
    """Return *data* as its author wrote it, without what orchestrators annotate."""
    metadata = data.get("metadata")
    if not isinstance(metadata, dict) or not isinstance(
        metadata.get("annotations"), dict
    ):
        return data
    kept = {
        key: value
        for key, value in metadata["annotations"].items()
        if not _THEIRS.match(key) and key != OWNER
    }
    rest = {key: value for key, value in metadata.items() if key != "annotations"}
    return {**data, "metadata": {**rest, **({"annotations": kept} if kept else {})}}


def _is_text(value: object) -> bool:
    return isinstance(value, str)
