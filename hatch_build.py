"""Compiles the templates when a wheel is built, so that no run has to.

The sources stay in the wheel beside them: they are what a reader looks for, and what
an editable install runs from.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledTemplates(BuildHookInterface[Any]):
    """Adds `kubelb_gen/compiled_templates/` to a wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile into a folder of this run and include it by force."""
        if self.target_name != "wheel" or version == "editable":
            return
        sys.path.insert(0, self.root)
        try:
            from kubelb_gen.render import engine  # noqa: PLC0415
        finally:
            sys.path.remove(self.root)
        # Kept alive by the hook until the wheel is written.
        self._folder = tempfile.TemporaryDirectory()
        target = Path(self._folder.name)
        engine.compile_templates(target)
        build_data["force_include"][str(target)] = "kubelb_gen/compiled_templates"
