"""Workflow commands, escaped as GitHub's own toolkit escapes them."""

from __future__ import annotations

from dataclasses import replace

from kubelb_gen.checks import Report
from kubelb_gen.diagnostics import DataPath, Severity
from kubelb_gen.report.github import github
from tests.support.findings import CLEAN, INFO, REPORT, finding


def test_a_finding_stands_beside_its_line() -> None:
    assert (
        "::error file=acme.yaml,line=31,endLine=31,col=15,endColumn=40,"
        "title=client-ip-lost::nothing carries the client\n"
    ) == github(Report(findings=(finding(),)))


def test_errors_come_first_and_what_is_accepted_is_told_last() -> None:
    lines = github(REPORT).splitlines()

    assert ["error", "warning", "notice", "notice"] == [
        line.removeprefix("::").split(" ")[0] for line in lines
    ]
    assert (
        "title=suppressed%3A udp-loses-datagrams::datagrams get lost (a lab)"
        in (lines[-1])
    )


def test_hint_and_designs_are_further_lines_of_the_message() -> None:
    told = replace(finding(message="m"), hint="h", designs=("d1", "d2"))

    assert github(Report(findings=(told,))).endswith(
        "::m%0Ahint: h%0Adesign: d1%0Adesign: d2\n"
    )


def test_no_text_of_a_spec_starts_a_command_of_its_own() -> None:
    evil = "100%\r\n::error::x,y:z"
    lines = github(Report(findings=(finding(message=evil, source=evil),)))

    assert 1 == lines.count("\n")
    assert lines.startswith(
        "::error file=100%25\\r\\n%3A%3Aerror%3A%3Ax%2Cy%3Az,line=31,"
    )
    assert lines.endswith("::100%25\\r\\n::error::x,y:z\n")


def test_more_than_a_step_shows_are_announced() -> None:
    ten = tuple(finding(line=line) for line in range(1, 11))

    assert github(Report(findings=ten)).startswith("::error ")
    assert github(Report(findings=(*ten, INFO))).startswith(
        "::notice title=kubelb-gen::11 findings; a step shows 10, its log has all\n"
    )
    assert 12 == github(Report(findings=(*ten, INFO))).count("\n")


def test_what_has_no_file_and_no_line_names_none() -> None:
    bare = replace(finding(), location=None, at=None)
    piped = replace(bare, at=DataPath("<stdin>") / "spec")
    filed = replace(bare, at=DataPath("a.yaml") / "spec")
    lines = github(Report(findings=(bare, piped, filed))).splitlines()

    assert "::error title=client-ip-lost::nothing carries the client" == lines[0]
    assert lines[0] == lines[1]
    assert lines[2].startswith("::error file=a.yaml,title=client-ip-lost::")


def test_a_clean_spec_has_nothing_to_say() -> None:
    assert "" == github(CLEAN)


def test_every_severity_has_a_command() -> None:
    for severity in Severity:
        assert github(Report(findings=(finding(severity=severity),))).startswith("::")
