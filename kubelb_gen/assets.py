"""Where the templates and schemas are.

They stand beside this file in a wheel, and one level up in a checkout.  An
editable install leaves a stale copy in site-packages, so the place is told from
this file and never from the import path.
"""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def template_root() -> Path:
    """The folder that holds one folder of templates for each kind."""
    return _folder("templates")


def compiled_templates() -> Path | None:
    """The folder of templates compiled when a wheel was built; None in a checkout."""
    folder = _HERE / "compiled_templates"
    return folder if folder.is_dir() else None


def schema_text(name: str) -> str:
    """The text of the schema file *name*, such as ``spec-v1alpha1.json``."""
    return (_folder("schemas") / name).read_text(encoding="utf-8")


def _folder(name: str) -> Path:
    beside = _HERE / name
    return beside if beside.is_dir() else _HERE.parent / name
