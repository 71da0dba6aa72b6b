"""Manual pages: what a docstring says, cut and unwrapped."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import jsonschema
import pytest

from kubelb_gen.checks import RULES
from kubelb_gen.diagnostics import Severity
from kubelb_gen.report.rules import manual, rules_json, rules_text

if TYPE_CHECKING:
    from pathlib import Path

    from kubelb_gen.checks import Rule

PAGE = """A range is wide,
and that is bad.

What: it holds
too much.
Why: whoever is in it
can lie.

Bad:

    backend:
      trustedCIDRs: [10.0.0.0/8]

Good, without:

    backend: {}
"""


def rule(page: str = PAGE) -> Rule:
    made: Any = SimpleNamespace(ID="wide", SEVERITY=Severity.WARNING, __doc__=page)
    return cast("Rule", made)


def test_a_page_is_unwrapped_and_a_spec_in_it_is_not() -> None:
    assert """\
wide (warning)

A range is wide, and that is bad.

What: it holds too much.

Why: whoever is in it can lie.

Bad:

    backend:
      trustedCIDRs: [10.0.0.0/8]

Good, without:

    backend: {}
""" == manual("wide", rule()).text()


def test_a_page_is_wrapped_for_a_terminal() -> None:
    lines = manual("wide", rule()).text(20).splitlines()

    assert lines[2:4] == ["A range is wide, and", "that is bad."]
    # A spec would say something else if it were wrapped.
    assert "      trustedCIDRs: [10.0.0.0/8]" in lines


def test_as_markdown_a_spec_is_fenced() -> None:
    text = manual("wide", rule()).markdown

    assert "```yaml\nbackend:\n  trustedCIDRs: [10.0.0.0/8]\n```" in text
    assert text.startswith("A range is wide, and that is bad.\n\nWhat: it holds")


def test_the_list_has_a_line_for_each_rule() -> None:
    lines = rules_text({"wide": rule(), "longer-name": rule()}).splitlines()

    assert lines == [
        "wide         warning  A range is wide, and that is bad.",
        "longer-name  warning  A range is wide, and that is bad.",
    ]


def test_json_has_the_published_shape(repository: Path) -> None:
    schema = json.loads((repository / "schemas" / "rules-v1.json").read_text("utf-8"))
    document = json.loads(rules_json(RULES))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(document)

    assert list(RULES) == [each["id"] for each in document["rules"]]


@pytest.mark.parametrize("name", RULES)
def test_every_rule_says_what_and_why_and_shows_a_spec(name: str) -> None:
    page = manual(name, RULES[name])
    beginnings = {each.text.split(" ")[0] for each in page.paragraphs}

    assert {"What:", "Why:"} <= beginnings
    assert any(each.is_spec for each in page.paragraphs)
    assert page.summary.endswith(".")
