"""Rules as manual pages: what a rule's docstring says, cut into what readers show.

A docstring is wrapped for the source.  Here a paragraph is one line again, for whoever
shows it to wrap; what is indented is a piece of a spec and stays as it is.
"""

import json
import re
import textwrap
from collections.abc import Iterable, Mapping

from kubelb_gen.checks import Rule
from kubelb_gen.diagnostics import Severity
from kubelb_gen.frozen import dataclass

_SPEC_INDENT = "    "
# `What:` and `Why:` begin paragraphs without a blank line before them.
_WORD = re.compile(r"\n(?=[A-Z][a-z]+: )")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A stretch of a manual page; *is_spec* where it is a piece of a spec."""

    text: str
    is_spec: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Manual:
    """The manual page of one rule; *summary* is its first sentence."""

    id: str
    severity: Severity
    summary: str
    paragraphs: tuple[Paragraph, ...]

    def text(self, width: int | None = None) -> str:
        """Return the page as text, wrapped at *width* where that is given."""
        shown = [f"{self.id} ({self.severity})", _wrapped(self.summary, width)]
        for each in self.paragraphs:
            if each.is_spec:
                shown.append(textwrap.indent(each.text, _SPEC_INDENT))
            else:
                shown.append(_wrapped(each.text, width))
        return "\n\n".join(shown) + "\n"

    @property
    def body(self) -> str:
        """What stands below the summary, as text."""
        return "\n\n".join(
            textwrap.indent(each.text, _SPEC_INDENT) if each.is_spec else each.text
            for each in self.paragraphs
        )

    @property
    def markdown(self) -> str:
        """The page as Markdown."""
        return "\n\n".join(
            f"```yaml\n{each.text}\n```" if each.is_spec else each.text
            for each in (Paragraph(self.summary), *self.paragraphs)
        )


def manual(name: str, rule: Rule) -> Manual:
    """Return the manual page of *rule*."""
    first, *rest = _blocks(rule.__doc__ or "")
    return Manual(
        id=name,
        severity=rule.SEVERITY,
        summary=first.text,
        paragraphs=tuple(rest),
    )


def rules_text(rules: Mapping[str, Rule]) -> str:
    """Return a line for each rule: its id, its severity, its first sentence."""
    pages = [manual(name, rule) for name, rule in rules.items()]
    width = max(len(page.id) for page in pages)
    level = max(len(each) for each in Severity)
    return "".join(
        f"{page.id:<{width}}  {page.severity:<{level}}  {page.summary}\n"
        for page in pages
    )


def rules_json(rules: Mapping[str, Rule]) -> str:
    """Return *rules* as JSON, version 1; the shape is `schemas/rules-v1.json`."""
    pages = [manual(name, rule) for name, rule in rules.items()]
    document = {"version": 1, "rules": [_page(page) for page in pages]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _page(page: Manual) -> dict[str, str]:
    return {
        "id": page.id,
        "severity": page.severity,
        "summary": page.summary,
        "manual": page.body,
    }


def _blocks(text: str) -> Iterable[Paragraph]:
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        if block.startswith(_SPEC_INDENT):
            yield Paragraph(textwrap.dedent(block), is_spec=True)
            continue
        for each in _WORD.split(block):
            yield Paragraph(" ".join(each.split()))


def _wrapped(text: str, width: int | None) -> str:
    if width is None:
        return text
    return textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False)
