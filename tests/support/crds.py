"""Schemas of custom resources, closed: an unknown field is a mistake here.

The API server drops what it does not know without a word, so an open schema would
call a misspelt field fine.  The files are not ours and not in the repository.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

UPSTREAM = Path(__file__).resolve().parents[3] / "shared" / "upstream"


def complaints(document: object, crd: str) -> list[str]:
    """What the closed schema in the file *crd* has against *document*."""
    return [
        f"{each.json_path}: {each.message}"
        for each in _validator(crd).iter_errors(document)
    ]


def closed(schema: Any) -> Any:  # noqa: ANN401 - a schema is any tree
    """*schema* without room for fields that it does not list."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    tight = {key: closed(value) for key, value in schema.items()}
    lists_fields = isinstance(schema.get("properties"), dict)
    if lists_fields and not schema.get("x-kubernetes-preserve-unknown-fields"):
        tight.setdefault("additionalProperties", False)
    return tight


@cache
def _validator(crd: str) -> jsonschema.Draft202012Validator:
    path = UPSTREAM / crd
    if not path.is_file():
        pytest.skip(f"{path} is absent: custom resource definitions are not ours")
    document = YAML(typ="safe").load(path)
    (version,) = document["spec"]["versions"]
    schema = closed(version["schema"]["openAPIV3Schema"])
    return jsonschema.Draft202012Validator(schema)
