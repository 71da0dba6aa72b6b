"""Traced paths as a Mermaid flowchart, which GitHub and GitLab draw in Markdown.

A document holds one diagram, so all ports stand in one, each in a box of its own.
Labels are quoted, and what means something inside quotes is written as `#NNN;`.
"""

from collections.abc import Iterable, Iterator

from kubelb_gen.report.ports import TracedPort, by_port, snat, start, subject, verdict
from kubelb_gen.report.text import visible
from kubelb_gen.trace import Path, Verdict

_STYLES = {
    Verdict.PRESERVED: "fill:#d3f5d3,stroke:#2e7d32,color:#000000",
    Verdict.LOST: "fill:#fff1c2,stroke:#b26a00,color:#000000",
    Verdict.BROKEN: "fill:#ffd6d6,stroke:#c62828,color:#000000",
    Verdict.FORGEABLE: "fill:#f0d9ff,stroke:#7b1fa2,color:#000000",
    Verdict.NOT_EVALUATED: "fill:#e8e8e8,stroke:#616161,color:#000000",
}
# `%%{` would start a directive and a backtick a Markdown text, even inside quotes.
_SPECIAL = frozenset('"#&<>`%{}[]|;\\')


def mermaid(paths: Iterable[Path]) -> str:
    """Return *paths* as one flowchart, the main path of each port in a box."""
    return flowchart(by_port(paths))


def flowchart(ports: Iterable[TracedPort]) -> str:
    """Return *ports* as one flowchart, a box for each."""
    lines = ["flowchart LR"]
    for number, port in enumerate(ports):
        lines += [f"  {line}" for line in _box(f"p{number}", port.main)]
    return "\n".join([*lines, *styles()]) + "\n"


def styles() -> list[str]:
    """Return the lines that give each verdict its colours."""
    return [f"  classDef {each} {style}" for each, style in _STYLES.items()]


def label(*parts: str) -> str:
    """Return *parts* as one quoted label, a line for each.

    >>> label("say #1", 'a "b"')
    '"say #35;1<br/>a #34;b#34;"'
    """
    return f'"{"<br/>".join("".join(map(_escaped, visible(each))) for each in parts)}"'


def _escaped(character: str) -> str:
    return f"#{ord(character)};" if character in _SPECIAL else character


def _box(box: str, path: Path) -> Iterator[str]:
    title = f"{path.tenant}: {subject(path)}: {verdict(path)}"
    yield f"subgraph {box}[{label(title)}]"
    yield "  direction LR"
    first = start(path)
    before, arrow = f"{box}_start" if first else None, "-->"
    if first:
        yield f"  {before}([{label(first, path.source)}])"
    for number, hop in enumerate(path.hops):
        node = f"{box}_{number}"
        is_last = number == len(path.hops) - 1
        style = f":::{path.verdict}" if is_last else ""
        yield f"  {node}[{label(hop.name, *_notes(path, number))}]{style}"
        if before is not None:
            yield f"  {before} {arrow} {node}"
        before = node
        arrow = f"==>|{label(str(snat(hop)))}|" if hop.snat else "-->"
    yield "end"


def _notes(path: Path, number: int) -> Iterator[str]:
    hop = path.hops[number]
    yield hop.why
    if hop.setting is not None:
        yield f"{hop.setting.key}: {hop.setting.value}"
