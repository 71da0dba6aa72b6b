"""`kubelb-gen trace`: which address each backend sees, hop by hop, and why."""

import sys
from collections.abc import Iterable
from typing import Any

import click

from kubelb_gen import api
from kubelb_gen.cli.specs import load_specs, spec_argument
from kubelb_gen.cli.terminal import (
    color_option,
    format_option,
    result,
    say,
    wants_color,
)
from kubelb_gen.cli.wording import unknown
from kubelb_gen.errors import UsageError
from kubelb_gen.model import Fleet
from kubelb_gen.trace import FlowKind, Origin, Path, Verdict

_INTERNET = (Origin.INTERNET_IPV4, Origin.INTERNET_IPV6)


@click.command("trace")
@spec_argument
@format_option(
    "text",
    "json",
    "mermaid",
    "markdown",
    help="Drawn, as JSON, as one flowchart, or as tables with folded details.",
)
@click.option("--service", metavar="[NAMESPACE/]NAME", help="Trace this one alone.")
@click.option("--tenant", metavar="NAME", help="Trace this tenant's alone.")
@click.option(
    "--from",
    "origin",
    type=click.Choice(list(map(str, Origin))),
    help="Trace what comes from there alone.",
)
@click.option(
    "--fail-on",
    multiple=True,
    metavar="VERDICT[,VERDICT]",
    help="Exit 1 when a caller that counts meets one of these verdicts.",
)
@click.option("--forge", is_flag=True, help="Tell what an attacker can try, too.")
@color_option
def command(**options: Any) -> int:  # noqa: ANN401  click's own
    """Say which address each backend takes for the client, hop by hop, and why.

    SPEC is a file, a folder or - for standard input; several are one fleet.

    A spec with findings is traced like any other: the verdicts say what is wrong.
    Callers that count for --fail-on are those from the internet, pods where `callers`
    lists `cluster`, and whatever --from names.

    In the commands of --forge, HOST is the public name or address, and EDGE the
    address of the edge behind its proxies.
    """
    verdicts = _verdicts(options["fail_on"])
    if options["forge"] and options["layout"] in ("json", "mermaid"):
        message = "--forge is told in text and markdown"
        raise UsageError(message)
    fleet = load_specs(options["specs"])
    paths = _chosen(api.trace(fleet), fleet, options)
    if not paths:
        say("nothing of that is in the spec")
    result(_shown(paths, fleet, options))
    explicit = options["origin"] is not None
    counted = paths if explicit else _counted(paths, fleet)
    return 1 if any(path.verdict in verdicts for path in counted) else 0


def _verdicts(given: Iterable[str]) -> frozenset[str]:
    wanted = [each.strip() for text in given for each in text.split(",")]
    for each in wanted:
        if each not in set(Verdict):
            raise UsageError(unknown("verdict", each, Verdict))
    return frozenset(wanted)


def _chosen(
    paths: tuple[Path, ...], fleet: Fleet, options: dict[str, Any]
) -> list[Path]:
    tenant, service, origin = options["tenant"], options["service"], options["origin"]
    known = [each.name for each in fleet.tenants]
    if tenant is not None and tenant not in known:
        raise UsageError(unknown("tenant", tenant, known))
    chosen = [path for path in paths if tenant in (None, path.tenant)]
    if service is not None:
        chosen = _of_service(chosen, service)
    return [path for path in chosen if origin in (None, path.source)]


def _of_service(paths: list[Path], service: str) -> list[Path]:
    if "/" in service:
        names = [f"{path.namespace}/{path.name}" for path in paths]
    else:
        names = [path.name for path in paths]
    if service not in names:
        raise UsageError(unknown("service", service, dict.fromkeys(names)))
    return [path for path, name in zip(paths, names, strict=True) if name == service]


def _shown(paths: list[Path], fleet: Fleet, options: dict[str, Any]) -> str:
    layout = options["layout"]
    # A command imports the one format that it prints.
    if layout == "json":
        from kubelb_gen.report.trace_json import trace_json  # noqa: PLC0415

        return trace_json(paths, fleet.places)
    if layout == "mermaid":
        from kubelb_gen.report.mermaid import mermaid  # noqa: PLC0415

        return mermaid(paths)
    from kubelb_gen.report.forge import forge  # noqa: PLC0415

    story = forge if options["forge"] else None
    if layout == "markdown":
        from kubelb_gen.report.trace_markdown import trace_markdown  # noqa: PLC0415

        return trace_markdown(paths, story=story)
    from kubelb_gen.report.trace_text import trace_text  # noqa: PLC0415

    return trace_text(paths, color=wants_color(sys.stdout), story=story)


def _counted(paths: Iterable[Path], fleet: Fleet) -> list[Path]:
    """Return the paths of callers that the spec says there are."""
    called = {
        (tenant.name, service.namespace, service.name)
        for tenant in fleet.tenants
        for service in tenant.services
        if "cluster" in service.callers
    }
    return [
        path
        for path in paths
        if path.flow is FlowKind.TRAFFIC
        and (
            path.source in _INTERNET
            or (path.tenant, path.namespace, path.name) in called
        )
    ]
