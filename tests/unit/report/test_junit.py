"""JUnit XML: a case for each rule, and no failure that the exit code does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from kubelb_gen.checks import RULES, Report
from kubelb_gen.report.junit import junit
from tests.support.findings import CLEAN, REPORT, SUPPRESSED, finding

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def suite(text: str) -> Element:
    """The only suite of *text*, with counts that are those of its cases."""
    root = ET.fromstring(text.encode())  # noqa: S314  our own
    (only,) = root
    for counted in (root, only):
        assert counted.get("errors") == "0"
        assert counted.get("tests") == str(len(only.findall("testcase")))
        assert counted.get("failures") == str(len(only.findall("testcase/failure")))
        assert counted.get("skipped") == str(len(only.findall("testcase/skipped")))
    return only


def case(text: str, name: str) -> Element:
    (only,) = (each for each in suite(text) if each.get("name") == name)
    return only


def test_a_clean_spec_passes_every_rule() -> None:
    cases = suite(junit(CLEAN))

    assert sorted(RULES) == [each.get("name") for each in cases]
    assert all(len(each) == 0 for each in cases)


def test_a_rule_fails_with_its_finding_drawn() -> None:
    (failure,) = case(junit(REPORT), "client-ip-lost")

    assert failure.tag == "failure"
    assert failure.attrib == {
        "message": "nothing carries the client",
        "type": "error",
    }
    assert (failure.text or "").startswith("error[client-ip-lost]: nothing carries")
    assert "--> acme.yaml:31:15" in (failure.text or "")


def test_a_warning_fails_only_where_warnings_count() -> None:
    (told,) = case(junit(REPORT), "trust-range-wide")
    (failed,) = case(junit(REPORT, strict=True), "trust-range-wide")

    assert told.tag == "system-out"
    assert failed.tag == "failure"
    assert "1" == suite(junit(REPORT)).get("failures")
    assert "2" == suite(junit(REPORT, strict=True)).get("failures")


def test_a_rule_with_several_findings_has_one_failure_that_tells_all() -> None:
    two = Report(findings=(finding(), finding(message="another", line=50)))
    (failure,) = case(junit(two), "client-ip-lost")

    assert failure.get("message") == "nothing carries the client (and 1 more)"
    assert "another" in (failure.text or "")


def test_what_the_owner_accepts_is_skipped_with_the_reason() -> None:
    skipped, told = case(junit(REPORT), "udp-loses-datagrams")

    assert (skipped.tag, skipped.get("message")) == ("skipped", "a lab")
    assert "datagrams get lost (a lab)" in (told.text or "")


def test_a_rule_that_fails_elsewhere_is_not_skipped() -> None:
    both = Report(findings=(finding("udp-loses-datagrams"),), suppressed=(SUPPRESSED,))
    tags = [each.tag for each in case(junit(both), "udp-loses-datagrams")]

    assert tags == ["failure", "system-out"]


def test_what_is_no_spec_was_held_against_no_rule() -> None:
    report = Report(findings=(finding("unknown-key"),))
    (only,) = suite(junit(report, judged=False))

    assert only.get("classname") == "kubelb-gen.spec"
    assert only.get("name") == "unknown-key"


def test_any_text_makes_xml_that_can_be_read() -> None:
    evil = 'a<b>&"c"\n\x00\x1b\ufffe\ud800]]>'
    (failure,) = case(
        junit(Report(findings=(finding(message=evil),))), "client-ip-lost"
    )
    message = failure.get("message") or ""

    assert message.startswith('a<b>&"c"\\n')
    assert "\x1b" not in message
