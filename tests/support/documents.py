"""Markdown documents as tests read them: fenced blocks, links, headings.

A block's info string says what is held against it:

- ``console``: lines after ``$`` are run, and what follows them is what they print,
  on both streams; a line ``...`` stands for any lines;
- ``sh``: a script that has to succeed;
- ``python``: a program that has to succeed;
- ``yaml spec``: a whole spec, which has to be sound;
- any language with ``file=PATH``: a stretch of that file, word for word, at any depth;
- ``yaml`` and ``json`` alone: has to be readable;
- ``text``: nothing;
- with the word ``cluster`` or ``install`` behind it, a ``console`` or ``sh`` block is
  not run, since it needs a cluster or the network; its syntax is still checked.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_FENCE = re.compile(r"^(?P<indent> *)```(?P<info>.*)$")
_LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_HEADING = re.compile(r"^#+ (?P<title>.+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block: its *line* is the fence's, counted from 1."""

    line: int
    language: str
    words: tuple[str, ...]
    text: str

    @property
    def runs(self) -> bool:
        return not {"cluster", "install"}.intersection(self.words)

    @property
    def file(self) -> str | None:
        """The file that the block is a stretch of."""
        for word in self.words:
            if word.startswith("file="):
                return word.removeprefix("file=")
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A command of a console block, and what it is said to print."""

    command: str
    output: str


def blocks(markdown: str) -> Iterator[Block]:
    """Yield the fenced blocks of *markdown*, in order."""
    opened: tuple[int, list[str]] | None = None
    body: list[str] = []
    for number, line in enumerate(markdown.splitlines(), start=1):
        fence = _FENCE.match(line)
        if fence is None:
            body.append(line)
        elif opened is None:
            opened, body = (number, fence["info"].split()), []
        else:
            start, info = opened
            yield Block(
                line=start,
                language=info[0] if info else "",
                words=tuple(info[1:]),
                text=textwrap.dedent("".join(f"{each}\n" for each in body)),
            )
            opened = None


def steps(console: str) -> list[Step]:
    r"""Return the commands of a *console* block with their outputs.

    >>> steps("$ echo a \\\n    b\na b\n$ true\n")[0].output
    'a b\n'
    """
    commands: list[list[str]] = []
    outputs: list[list[str]] = []
    continued = False
    for line in console.splitlines():
        if continued:
            commands[-1].append(line)
        elif line.startswith("$ "):
            commands.append([line.removeprefix("$ ")])
            outputs.append([])
        else:
            outputs[-1].append(line)
            continue
        continued = line.endswith("\\")
    return [
        Step(command="\n".join(command), output="".join(f"{x}\n" for x in output))
        for command, output in zip(commands, outputs, strict=True)
    ]


def drawn(taken: list[Step]) -> str:
    """Return the console block that *taken* are the steps of."""
    return "".join(f"$ {step.command}\n{step.output}" for step in taken)


def agrees(told: str, printed: str) -> bool:
    """Whether *printed* is what a document *told*; ``...`` stands for any lines."""
    parts = [re.escape(part) for part in told.split("...\n")]
    return re.fullmatch("(?:.*\n)*?".join(parts), printed) is not None


def holds(whole: str, stretch: str) -> bool:
    """Whether the lines of *stretch* stand in *whole*, one after another."""
    wanted = textwrap.dedent(stretch).splitlines()
    lines = whole.splitlines()
    return any(
        textwrap.dedent("\n".join(lines[at : at + len(wanted)])).splitlines() == wanted
        for at in range(len(lines) - len(wanted) + 1)
    )


def links(markdown: str) -> list[str]:
    """Return where *markdown* points to, code left out."""
    prose = re.sub(r"```.*?```|`[^`]*`", "", markdown, flags=re.DOTALL)
    return [match["target"] for match in _LINK.finditer(prose)]


def anchors(markdown: str) -> set[str]:
    """Return the fragments that a page of *markdown* answers to, as GitHub has them."""
    prose = re.sub(r"```.*?```", "", markdown, flags=re.DOTALL)
    titles = (_HEADING.match(line) for line in prose.splitlines())
    named = re.findall(r'<a id="([^"]+)">', prose)
    return {_slug(match["title"]) for match in titles if match} | set(named)


def _slug(title: str) -> str:
    kept = re.sub(r"[^\w\- ]", "", title.lower())
    return kept.replace(" ", "-")
