"""Traced paths for a terminal: the verdict, the path drawn, and why, hop by hop.

primary: default/dns 53/UDP: lost
  client --> load-balancer --> management-node --> kubelb-envoy
    ==SNAT#2==> tenant-node --> backend
  sees management-egress, by source-address; the client is lost at SNAT#2; ...
"""

from collections.abc import Callable, Iterable, Iterator

from kubelb_gen.report.ports import (
    TracedPort,
    by_port,
    seen,
    snat,
    start,
    subject,
    verdict,
)
from kubelb_gen.report.text import visible
from kubelb_gen.trace import FlowKind, Hop, Path, Setting, Verdict

_COLORS = {
    Verdict.PRESERVED: "32",
    Verdict.LOST: "33",
    Verdict.BROKEN: "31",
    Verdict.FORGEABLE: "35",
    Verdict.NOT_EVALUATED: "36",
}
_WIDEST = 88

Story = Callable[[TracedPort], str]


def trace_text(
    paths: Iterable[Path], *, color: bool = False, story: Story | None = None
) -> str:
    """Return *paths* as text, port by port, and a line that counts the verdicts.

    *story* adds lines of its own to each port: the attacker's, for `--forge`.
    """
    ports = by_port(paths)
    blocks = ["\n".join(_block(port, color=color, story=story)) for port in ports]
    return "\n\n".join([*blocks, summary(ports)]) + "\n"


def summary(ports: list[TracedPort]) -> str:
    """Count the verdicts of *ports*, each by its main path.

    >>> summary([])
    '0 ports'
    """
    number = f"{len(ports)} port" if len(ports) == 1 else f"{len(ports)} ports"
    told = [_count(ports, each) for each in Verdict]
    found = ", ".join(each for each in told if each)
    return f"{number}: {found}" if found else number


def _count(ports: list[TracedPort], which: Verdict) -> str:
    mains = [port.main for port in ports if port.main.verdict is which]
    if not mains:
        return ""
    with_conditions = sum(verdict(main) != main.verdict for main in mains)
    if not with_conditions:
        return f"{len(mains)} {which}"
    return f"{len(mains)} {which} ({with_conditions} with conditions)"


def _block(port: TracedPort, *, color: bool, story: Story | None) -> Iterator[str]:
    main = port.main
    yield f"{visible(f'{main.tenant}: {subject(main)}')}: {_verdict(main, color)}"
    yield from _drawn(main)
    yield f"  {visible(_sight(main))}"
    # What the hops say already is not said twice.
    said = {hop.why for hop in main.hops}
    for each in main.because:
        if each not in said:
            yield f"  because {visible(each)}"
    yield from _hops(main.hops)
    for path in port.others:
        yield f"  also {_other(path, color)}"
    if story is not None:
        yield from (f"  {line}" for line in story(port).splitlines())


def _verdict(path: Path, color: bool) -> str:  # noqa: FBT001
    text = visible(verdict(path))
    if not color:
        return text
    rest = text.removeprefix(path.verdict)
    return f"\x1b[1;{_COLORS[path.verdict]}m{path.verdict}\x1b[0m{rest}"


def _sight(path: Path) -> str:
    peer = f"{seen(path)}; peer: {path.peer}"
    return f"{peer}; application: {path.application}"


def _drawn(path: Path) -> Iterator[str]:
    """Draw the hops as a line of arrows, broken where it grows too wide."""
    first = start(path)
    line, arrow = f"  {first or ''}".rstrip(), "-->" if first else ""
    for hop in path.hops:
        step = f"{arrow} {visible(hop.name)}".lstrip()
        if len(f"{line} {step}") > _WIDEST:
            yield line
            line = f"    {step}"
        else:
            line = f"{line or ' '} {step}"
        arrow = f"=={snat(hop)}==>" if hop.snat else "-->"
    yield line


def _hops(hops: tuple[Hop, ...]) -> Iterator[str]:
    width = max((len(visible(hop.name)) for hop in hops), default=0)
    for hop in hops:
        yield f"    {visible(hop.name):<{width}}  {visible(hop.why)}"
        if hop.setting is not None:
            yield f"    {'':<{width}}  [{visible(setting(hop.setting))}]"


def setting(given: Setting) -> str:
    """Return *given* as `file key: value`."""
    return f"{given.file} {given.key}: {given.value}"


def _other(path: Path, color: bool) -> str:  # noqa: FBT001
    origin = f"{path.source}, plain listener" if path.plain else path.source
    if path.verdict is Verdict.BROKEN:
        said = path.because[:1]
    elif path.flow is not FlowKind.TRAFFIC:
        # A check has no client: what matters is what it overlooks.
        said = path.because[-1:]
    elif path.verdict is Verdict.PRESERVED:
        said = (seen(path),)
    elif path.verdict is Verdict.NOT_EVALUATED:
        said = path.because[:1]
    else:
        said = (seen(path), *path.because[:1])
    told = "; ".join(said)
    return f"{origin}: {_verdict(path, color)}{visible(f'; {told}' if told else '')}"
