"""`kubelb-gen validate`: is it a spec, and a sound one."""

import sys

import click

from kubelb_gen import api
from kubelb_gen.checks import Report
from kubelb_gen.cli.specs import load_specs, spec_argument
from kubelb_gen.cli.terminal import color_option, draw, result, say
from kubelb_gen.diagnostics import Diagnostic
from kubelb_gen.errors import SpecError


@click.command("validate")
@spec_argument
@click.option("--strict", is_flag=True, help="Count warnings as findings.")
@click.option(
    "--format",
    "layout",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Findings drawn with their lines, or as JSON.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print errors alone, and no summary.")
@color_option
def command(specs: tuple[str, ...], layout: str, *, strict: bool, quiet: bool) -> int:
    """Check a spec: its schema, its consistency, and every rule.

    Exits 1 when a rule finds an error, 3 when it is no spec at all.
    """
    try:
        fleet = load_specs(specs)
    except SpecError as error:
        _print(error.diagnostics, layout)
        if not quiet:
            say(f"not a spec: {_counted(len(error.diagnostics), 'problem')}")
        return error.exit_code
    report = api.check(fleet)
    findings = report.errors if quiet else report.findings
    _print(findings, layout)
    if not quiet:
        _summarise(report)
    refused = report.errors or (strict and report.warnings)
    return 1 if refused else 0


def _print(findings: tuple[Diagnostic, ...], layout: str) -> None:
    if layout == "json":
        from kubelb_gen.report.json import findings_json  # noqa: PLC0415

        result(findings_json(findings))
    elif findings:
        result(draw(findings, sys.stdout))


def _summarise(report: Report) -> None:
    for each in report.suppressed:
        say(f"suppressed[{each.finding.id}]: {each.finding.message} ({each.reason})")
    errors, warnings = len(report.errors), len(report.warnings)
    if errors or warnings:
        say(f"{_counted(errors, 'error')}, {_counted(warnings, 'warning')}")
    else:
        say("sound")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
