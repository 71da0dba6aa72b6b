"""A rollout as Markdown: a checklist for an issue, or beside the steps' folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.report.markdown import code, escaped
from kubelb_gen.report.rollout_text import BREAKS, summary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubelb_gen.rollout import Rollout, Step

_COMMANDS = ("kubectl ", "helm ", "kubelb-gen ")


def rollout_markdown(rollout: Rollout) -> str:
    """Return *rollout* as Markdown, one section for each step."""
    lines = [f"# {escaped(summary(rollout))}", ""]
    if rollout.steps:
        lines += ["Commands are for the folder of their step.", ""]
    for step in rollout:
        lines += [*_step(step), ""]
    for why in rollout.refused:
        lines += [f"Refused: {escaped(why)}", ""]
    return "\n".join(lines[:-1]) + "\n"


def _step(step: Step) -> Iterator[str]:
    yield f"## {escaped(step.name)}: {escaped(step.title)}"
    yield ""
    yield f"This step {escaped(BREAKS[step.breaks])}."
    yield ""
    for word, lines in (("Broken", step.broken), ("Window", step.windows)):
        yield from (f"- **{word}**: {escaped(line)}" for line in lines)
    yield from (f"- [ ] {_command(line)}" for line in step.do)
    for each in step.wait:
        yield f"- [ ] wait: {_command(each.command)} says: {escaped(each.answer)}"
    yield "- To go back:"
    yield from (f"  - {_command(line)}" for line in step.rollback)


def _command(line: str) -> str:
    words, sep, command = line.partition(": kubectl ")
    if sep:
        return f"{escaped(words)}: {code(f'kubectl {command}')}"
    return code(line) if line.startswith(_COMMANDS) else escaped(line)
