"""Rendered objects as items: with their owner, and with annotations they had before.

Our own templates lay these texts out: metadata begins in the first column, and its
last part are the annotations, a line each.  Read as text, since a fleet's worth of
YAML takes longer to read than to render.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from kubelb_gen.document import Source, parse
from kubelb_gen.errors import RenderError
from kubelb_gen.krm.item import INDEX, OWNER, PATH, Identity, Item
from kubelb_gen.render.block import block
from kubelb_gen.render.grammar import yaml_quoted, yaml_scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubelb_gen.artifacts import Artifact

_METADATA = re.compile(r"^metadata:\n(?:  .*\n)+", re.MULTILINE)
_FIELD = r"^{indent}{name}: (.+)$"


def identity(artifact: Artifact) -> Identity:
    """Return which object *artifact* is."""
    version, kind, namespace, name = _names(artifact.text)
    return Identity(version.rpartition("/")[0], kind, namespace, name)


def in_our_layout(artifact: Artifact) -> Artifact:
    """Return *artifact*, which templates of the operator's laid out, as ours would.

    Its comments are lost, but for the header.
    """
    head, _, _ = artifact.text.partition("\n")
    documents = parse(Source(artifact.path, artifact.text)).documents
    data = documents[0].data if len(documents) == 1 else {}
    metadata = data.get("metadata")
    if not isinstance(metadata, dict):
        raise RenderError(f"'{artifact.path}' is no object with metadata")
    annotations = metadata.pop("annotations", None)
    if annotations:
        metadata["annotations"] = annotations
    return replace(artifact, text=f"{head}\n{block(data)}")


def marked(artifact: Artifact, owner: str, before: Item | None) -> Item:
    """Return *artifact* as an item of *owner*, in the place of *before*.

    What orchestrators wrote on *before* stays; a new item names a file to go to.
    """
    kept = before.orchestration if before else {PATH: artifact.path, INDEX: "0"}
    annotations = {OWNER: owner, **kept}
    header, _, text = artifact.text.partition("\n")
    version, kind, namespace, name = _names(text)
    return Item(
        data={
            "apiVersion": version,
            "kind": kind,
            "metadata": {
                "name": name,
                "namespace": namespace,
                "annotations": annotations,
            },
        },
        text=_annotated(text, annotations),
        head=f"{header}\n",
    )


def _names(text: str) -> tuple[str, str, str, str]:
    metadata = _metadata(text).group()
    return (
        _scalar(text, "apiVersion"),
        _scalar(text, "kind"),
        _scalar(metadata, "namespace", "  "),
        _scalar(metadata, "name", "  "),
    )


def _annotated(text: str, annotations: Mapping[str, str]) -> str:
    found = _metadata(text)
    lines = "".join(
        f"    {yaml_scalar(key)}: {yaml_quoted(value)}\n"
        for key, value in annotations.items()
    )
    has_some = "\n  annotations:\n" in found.group()
    head = "" if has_some else "  annotations:\n"
    return text[: found.end()] + head + lines + text[found.end() :]


def _metadata(text: str) -> re.Match[str]:
    found = _METADATA.search(text)
    if found is None:
        message = "an object was laid out without metadata"
        raise LookupError(message)
    return found


def _scalar(text: str, name: str, indent: str = "") -> str:
    found = re.search(_FIELD.format(indent=indent, name=name), text, re.MULTILINE)
    if found is None:
        return ""
    word = found[1]
    read: str = json.loads(word) if word.startswith('"') else word
    return read
