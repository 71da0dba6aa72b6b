"""SARIF 2.1.0, held against models made from the official schema."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from kubelb_gen.checks import RULES, Report
from kubelb_gen.diagnostics import DataPath, Severity
from kubelb_gen.report.sarif import sarif
from kubelb_gen.trace import FlowKind, Origin, Path, Verdict
from tests.support.findings import CLEAN, PORTS, REPORT, finding
from tests.support.paths import BROKEN, CHECK, LOST, PRESERVED

POLICY = "[tenants/primary/default/web.service.yaml externalTrafficPolicy: Local]"
LOST_PATH = replace(LOST, at=PORTS / 0)


def run(report: Report, *paths: Path, **options: str) -> dict[str, Any]:
    """The only run of the log about *report*."""
    document = json.loads(sarif(report, paths, version="0.1.0", **options))
    assert document["version"] == "2.1.0"
    assert document["$schema"].endswith("/sarif-schema-2.1.0.json")
    (only,) = document["runs"]
    return dict(only)


def result(report: Report, *paths: Path, **options: str) -> dict[str, Any]:
    """The first result of the log about *report*."""
    return dict(run(report, *paths, **options)["results"][0])


@pytest.mark.parametrize("report", [CLEAN, REPORT])
def test_a_log_has_the_form_of_the_standard(report: Report) -> None:
    models = pytest.importorskip(
        "pydantic_sarif.model", reason="pydantic-sarif is not installed"
    )
    text = sarif(
        report, [LOST_PATH], version="0.1.0", documents="https://example.com/docs"
    )
    log = models.StaticAnalysisResultsFormatSarifVersion210JsonSchema

    assert log.model_validate_json(text).version.value == "2.1.0"
    with pytest.raises(ValueError, match="extra"):
        log.model_validate_json(text.replace('"runs"', '"rums"', 1))


def test_a_clean_spec_has_an_empty_list_of_results() -> None:
    assert [] == run(CLEAN)["results"]


def test_every_rule_is_described_whether_it_found_something_or_not() -> None:
    driver = run(CLEAN)["tool"]["driver"]

    assert driver["name"] == "kubelb-gen"
    assert driver["semanticVersion"] == "0.1.0"
    assert list(RULES) == [each["id"] for each in driver["rules"]]
    for each in driver["rules"]:
        assert each["shortDescription"]["text"]
        assert each["fullDescription"]["text"].startswith(
            each["shortDescription"]["text"]
        )
        assert "Why: " in each["help"]["text"]
        assert "```yaml\n" in each["help"]["markdown"]
        assert each["defaultConfiguration"]["level"] in {"error", "warning", "note"}


def test_a_rule_leads_to_its_manual_page_where_there_is_a_web() -> None:
    rules = run(CLEAN, documents="https://example.com/docs/")["tool"]["driver"]["rules"]

    assert rules[0]["helpUri"] == (
        f"https://example.com/docs/reference/rules.md#{next(iter(RULES))}"
    )
    assert "helpUri" not in run(CLEAN)["tool"]["driver"]["rules"][0]


def test_a_finding_has_its_rule_its_level_and_its_place() -> None:
    found = run(REPORT)
    rules = found["tool"]["driver"]["rules"]
    levels = {each["ruleId"]: each["level"] for each in found["results"]}

    assert levels["client-ip-lost"] == "error"
    assert levels["trust-range-wide"] == "warning"
    assert levels["facts-missing"] == "note"
    for each in found["results"]:
        assert rules[each["ruleIndex"]]["id"] == each["ruleId"]
    assert result(Report(findings=(finding(),)))["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "acme.yaml"},
                "region": {"startLine": 31, "startColumn": 15, "endColumn": 40},
            }
        }
    ]


def test_the_message_tells_hint_and_designs() -> None:
    told = replace(finding(message="m"), hint="h", designs=("d",))

    assert result(Report(findings=(told,)))["message"] == {
        "text": "m\nhint: h\ndesign: d"
    }


@pytest.mark.parametrize(
    ("name", "uri"),
    [
        ("specs/a b.yaml", "specs/a%20b.yaml"),
        ("./specs/a.yaml", "specs/a.yaml"),
        ("/work/specs/a.yaml", "specs/a.yaml"),
        ("/elsewhere/a.yaml", "file:///elsewhere/a.yaml"),
        ("c:a.yaml", "c%3Aa.yaml"),
        ("../a.yaml", "../a.yaml"),
        ("bad\udcff/ü.yaml", "bad%FF/%C3%BC.yaml"),
    ],
)
def test_files_are_named_relative_to_the_folder(name: str, uri: str) -> None:
    report = Report(findings=(finding(source=name),))
    place = result(report, folder="/work")["locations"][0]["physicalLocation"]

    assert place["artifactLocation"] == {"uri": uri}


def test_what_came_from_a_pipe_has_no_place() -> None:
    piped = Report(findings=(finding(source="<stdin>"),))
    bare = replace(finding(), location=None, at=DataPath("<data 1>") / "spec")

    assert "locations" not in result(piped)
    assert "locations" not in result(Report(findings=(bare,)))


def test_without_a_line_the_file_is_the_place() -> None:
    filed = replace(finding(), location=None)

    assert [{"physicalLocation": {"artifactLocation": {"uri": "acme.yaml"}}}] == (
        result(Report(findings=(filed,)))["locations"]
    )


def test_a_code_flow_of_what_came_from_a_pipe_has_no_places() -> None:
    piped = replace(finding(source="<stdin>"))
    ((thread,),) = (
        each["threadFlows"]
        for each in result(Report(findings=(piped,)), LOST_PATH)["codeFlows"]
    )

    assert all(["message"] == list(each["location"]) for each in thread["locations"])


def test_a_fingerprint_survives_lines_that_come_and_go_above() -> None:
    here = result(Report(findings=(finding(line=31),)))["partialFingerprints"]
    there = result(Report(findings=(finding(line=99),)))["partialFingerprints"]
    other = result(Report(findings=(finding(text="another"),)))["partialFingerprints"]

    assert here == there != other
    assert re.fullmatch(r"[0-9a-f]{16}:1", here["primaryLocationLineHash"])


def test_findings_that_look_alike_have_fingerprints_of_their_own() -> None:
    twice = run(Report(findings=(finding(), finding(line=50))))["results"]

    assert 2 == len({str(each["partialFingerprints"]) for each in twice})


def test_what_the_owner_accepts_is_there_as_suppressed() -> None:
    accepted = {
        each["ruleId"]: each["suppressions"]
        for each in run(REPORT)["results"]
        if "suppressions" in each
    }

    assert accepted == {
        "udp-loses-datagrams": [{"kind": "inSource", "justification": "a lab"}]
    }


def test_a_finding_about_a_client_has_the_traced_path_as_its_code_flow() -> None:
    found = result(Report(findings=(finding(),)), LOST_PATH)
    ((flow,),) = (each["threadFlows"] for each in found["codeFlows"])
    places = [each["location"] for each in flow["locations"]]

    assert [each["message"]["text"] for each in places] == [
        "internet-ipv4: client sends",
        "load-balancer: forwards packets",
        f"management-node: keeps the source {POLICY}",
        "kubelb-envoy: a new connection",
        f"tenant-node: keeps the source {POLICY}",
        "backend: PROXY v2 names the client",
    ]
    assert all(
        each["physicalLocation"] == found["locations"][0]["physicalLocation"]
        for each in places
    )


def test_the_code_flow_is_the_path_with_that_verdict() -> None:
    over_ipv6 = replace(
        BROKEN, at=PORTS / 0, source=Origin.INTERNET_IPV6, flow=FlowKind.TRAFFIC
    )
    elsewhere = replace(LOST, at=PORTS / 1)
    check = replace(CHECK, at=PORTS / 0, verdict=Verdict.BROKEN)
    paths = (elsewhere, check, LOST_PATH, over_ipv6)
    broken = result(Report(findings=(finding("client-ip-broken"),)), *paths)

    assert broken["codeFlows"][0]["message"]["text"] == (
        "internet-ipv6 to the backend: broken"
    )


def test_other_findings_and_other_ports_have_no_code_flow() -> None:
    wide = Report(findings=(finding("trust-range-wide"),))
    lost = Report(findings=(finding(),))

    assert "codeFlows" not in result(wide, LOST_PATH)
    assert "codeFlows" not in result(lost, replace(PRESERVED, at=PORTS / 1))


def test_a_problem_of_the_file_has_a_description_too() -> None:
    found = run(Report(findings=(finding("unknown-key"),)))
    (told,) = (
        each for each in found["tool"]["driver"]["rules"] if each["id"] == "unknown-key"
    )

    assert told["help"]["text"]
    assert found["results"][0]["ruleIndex"] == len(RULES)


def test_every_severity_has_a_level() -> None:
    for severity in Severity:
        found = result(Report(findings=(finding(severity=severity),)))
        assert found["level"] in {"error", "warning", "note"}
