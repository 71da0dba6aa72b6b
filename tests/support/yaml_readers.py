"""Two readers of YAML, since the programs on the path disagree about it.

kubectl, Helm and Envoy read 1.1 or something near it, where ``no`` and ``0o17``
mean other things than in 1.2.  What we write means the same to both.
"""

from __future__ import annotations

import io
from typing import Any

import yaml
from ruamel.yaml import YAML


def read_11(text: str) -> list[Any]:
    """The documents in *text*, to a YAML 1.1 reader (PyYAML)."""
    return list(yaml.safe_load_all(text))


def read_12(text: str) -> list[Any]:
    """The documents in *text*, to a YAML 1.2 reader (ruamel.yaml)."""
    return list(YAML(typ="safe", pure=True).load_all(io.StringIO(text)))


def read_alike(text: str) -> list[Any]:
    """The documents in *text*, which both readers must understand alike."""
    old, new = read_11(text), read_12(text)

    # The text of both tells 1 from True and from 1.0, which compare as equal.
    assert repr(_plain(old)) == repr(_plain(new))
    return new


def read_one(text: str) -> Any:  # noqa: ANN401 - that is what YAML is
    """The only document in *text*, which both readers must understand alike."""
    (document,) = read_alike(text)
    return document


def _plain(node: object) -> object:
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    return node
