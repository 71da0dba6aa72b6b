"""ResourceLists as orchestrators of KRM functions write them, and their answers."""

from __future__ import annotations

import json
from textwrap import indent
from typing import TYPE_CHECKING, Any

import yaml

from kubelb_gen import krm
from kubelb_gen.document import Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubelb_gen.krm import Answer

PATH = "internal.config.kubernetes.io/path"
INDEX = "internal.config.kubernetes.io/index"
LOCAL = "config.kubernetes.io/local-config"
OWNER = "kubelb-gen/owner"
CLUSTER = "kubelb-gen/cluster"


def resource_list(*items: str, config: str = "") -> str:
    """The YAML texts *items*, and *config* as functionConfig, in one list."""
    listed = "".join(f"- {indent(each, '  ')[2:]}" for each in items)
    text = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n"
    text += f"items:\n{listed}" if items else "items: []\n"
    return text + (f"functionConfig:\n{indent(config, '  ')}" if config else "")


def annotated(spec: str, annotations: Mapping[str, str]) -> str:
    """The text *spec*, whose metadata is `{name: acme}`, with *annotations*."""
    metadata = f"metadata: {{name: acme, annotations: {json.dumps(annotations)}}}"
    return spec.replace("metadata: {name: acme}", metadata)


def answer(text: str, **options: Any) -> Answer:  # noqa: ANN401  as the function's
    return krm.answer(Source("<stdin>", text), **options)


def read(text: str) -> dict[str, Any]:
    """A ResourceList as a program of YAML 1.1 reads it."""
    data: dict[str, Any] = yaml.safe_load(text)
    return data


def items(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read(text)["items"]
    return found


def results(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read(text).get("results", [])
    return found
