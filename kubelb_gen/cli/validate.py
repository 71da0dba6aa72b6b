"""`kubelb-gen validate`: is it a spec, and a sound one."""

import sys
from dataclasses import replace
from pathlib import Path

import click

from kubelb_gen import __version__, api
from kubelb_gen.checks import Report
from kubelb_gen.cli.specs import load_specs, spec_argument
from kubelb_gen.cli.terminal import (
    color_option,
    draw,
    format_option,
    result,
    say,
    shown,
)
from kubelb_gen.errors import SpecError
from kubelb_gen.model import Fleet


@click.command("validate")
@spec_argument
@click.option("--strict", is_flag=True, help="Count warnings as findings.")
@format_option(
    "text",
    "json",
    "github",
    "sarif",
    "junit",
    help="Findings drawn with their lines, or as another program reads them.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print errors alone, and no summary.")
@color_option
def command(specs: tuple[str, ...], layout: str, *, strict: bool, quiet: bool) -> int:
    """Check a spec: its schema, its consistency, and every rule.

    SPEC is a file, a folder or - for standard input; several are one fleet.

    Exits 1 when a rule finds an error, 3 when it is no spec at all, whatever the
    format.  `rule` lists the rules and explains them.
    """
    try:
        fleet = load_specs(specs)
    except SpecError as error:
        _print(Report(findings=error.diagnostics), layout, strict=strict)
        if not quiet:
            from kubelb_gen.report.counting import counted  # noqa: PLC0415

            say(f"not a spec: {counted(len(error.diagnostics), 'problem')}")
        return error.exit_code
    report = api.check(fleet)
    shown = replace(report, findings=report.errors) if quiet else report
    _print(shown, layout, fleet, strict=strict)
    if not quiet:
        _summarise(report)
    refused = report.errors or (strict and report.warnings)
    return 1 if refused else 0


def _print(
    report: Report, layout: str, fleet: Fleet | None = None, *, strict: bool
) -> None:
    """Print *report*; without *fleet* it is about what is no spec."""
    if layout == "text":
        if report.findings:
            result(draw(report.findings, sys.stdout))
        return
    result(_written(report, layout, fleet, strict=strict))


def _written(report: Report, layout: str, fleet: Fleet | None, *, strict: bool) -> str:
    # A command imports the one format that it prints.
    if layout == "json":
        from kubelb_gen.report.json import report_json  # noqa: PLC0415

        return report_json(report)
    if layout == "github":
        from kubelb_gen.report.github import github  # noqa: PLC0415

        return github(report)
    if layout == "junit":
        from kubelb_gen.report.junit import junit  # noqa: PLC0415

        return junit(report, strict=strict, judged=fleet is not None)
    from kubelb_gen.report.sarif import sarif  # noqa: PLC0415

    paths = api.trace(fleet) if fleet is not None and report.findings else ()
    return sarif(
        report,
        paths,
        version=__version__,
        folder=str(Path.cwd()),
        documents=_documents(),
    )


def _documents() -> str | None:
    """Return where this release's documents stand on the web, as its package says."""
    # Imported for SARIF alone.
    from importlib.metadata import PackageNotFoundError, metadata  # noqa: PLC0415

    try:
        addresses = metadata("kubelb-gen").get_all("Project-URL") or []
    except PackageNotFoundError:
        return None
    named = dict(each.split(", ", 1) for each in addresses)
    return named.get("Documentation")


def _summarise(report: Report) -> None:
    for each in report.suppressed:
        told = f"suppressed[{each.finding.id}]: {each.finding.message} ({each.reason})"
        # On one line: CI takes a line that begins with `::` for a command.
        say(shown(told).replace("\n", "\\n"))
    errors, warnings = len(report.errors), len(report.warnings)
    if errors or warnings:
        from kubelb_gen.report.counting import counted  # noqa: PLC0415

        say(f"{counted(errors, 'error')}, {counted(warnings, 'warning')}")
    else:
        say("sound")
