"""Traced paths as Markdown: a table for each tenant, and folded details below it."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from kubelb_gen.report.markdown import escaped, html, row
from kubelb_gen.report.mermaid import flowchart
from kubelb_gen.report.ports import TracedPort, by_port, seen, snat, subject, verdict
from kubelb_gen.report.trace_text import Story, setting, summary
from kubelb_gen.trace import FlowKind, Hop, Path


def trace_markdown(paths: Iterable[Path], *, story: Story | None = None) -> str:
    """Return *paths* as Markdown; *story* adds the attacker's to the details."""
    ports = by_port(paths)
    lines = ["## Which address each backend sees", "", f"{summary(ports)}.", ""]
    for tenant, own in groupby(ports, key=lambda port: port.main.tenant):
        listed = list(own)
        lines += [f"### {escaped(tenant)}", "", *_table(listed), ""]
        for port in listed:
            lines += [*_details(port, story), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _table(ports: list[TracedPort]) -> Iterator[str]:
    yield "| port | verdict | the backend | peer | application |"
    yield "| --- | --- | --- | --- | --- |"
    for each in ports:
        path = each.main
        yield row(
            subject(path),
            verdict(path),
            seen(path),
            path.peer,
            path.application,
        )


def _details(port: TracedPort, story: Story | None) -> Iterator[str]:
    yield f"<details><summary>{html(subject(port.main))}, hop by hop</summary>"
    yield ""
    yield f"```mermaid\n{flowchart([port])}```"
    yield ""
    yield "| hop | source replaced | why | setting |"
    yield "| --- | --- | --- | --- |"
    yield from map(_hop, port.main.hops)
    if port.others:
        yield ""
        yield "| also from | verdict | the backend | why |"
        yield "| --- | --- | --- | --- |"
        yield from map(_other, port.others)
    if story is not None:
        yield ""
        yield "~~~text"
        yield from story(port).splitlines()
        yield "~~~"
    yield ""
    yield "</details>"


def _hop(hop: Hop) -> str:
    written = setting(hop.setting) if hop.setting else ""
    return row(hop.name, snat(hop) or "", hop.why, written)


def _other(path: Path) -> str:
    traffic = path.flow is FlowKind.TRAFFIC
    why = next(iter(path.because if traffic else path.because[::-1]), "")
    origin = f"{path.source}, plain listener" if path.plain else path.source
    return row(origin, verdict(path), seen(path) if traffic else "", why)
