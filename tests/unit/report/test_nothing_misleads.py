"""What turns a line around, or is not seen, is escaped in every format."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from kubelb_gen.checks import Report
from kubelb_gen.report.github import github
from kubelb_gen.report.json import json_text, report_json
from kubelb_gen.report.junit import junit
from kubelb_gen.report.sarif import sarif
from kubelb_gen.report.text import draw_all
from kubelb_gen.report.trace_json import trace_json
from tests.support.findings import REPORT, finding
from tests.support.paths import PRESERVED

if TYPE_CHECKING:
    from collections.abc import Callable

SLY = "we\u202eb\u2066\u200b\u00ad\u2028\ufeff"
OPEN = set(SLY) - set("web")


@pytest.mark.parametrize(
    "write",
    [
        lambda report: draw_all(report.findings),
        lambda report: sarif(report, version="0"),
        github,
        junit,
        report_json,
    ],
    ids=["text", "sarif", "github", "junit", "json"],
)
def test_a_report_shows_what_a_spec_would_hide(write: Callable[[Report], str]) -> None:
    told = replace(finding(message=SLY), hint=SLY, designs=(SLY,), label=SLY)
    accepted = replace(REPORT.suppressed[0], reason=SLY)
    text = write(Report(findings=(told,), suppressed=(accepted,)))

    assert r"we\u202eb" in text
    assert not OPEN & set(text)


def test_a_trace_in_json_shows_it_and_means_the_same() -> None:
    text = trace_json([replace(PRESERVED, assumes=(SLY,))])

    assert not OPEN & set(text)
    assert [SLY] == json.loads(text)["paths"][0]["assumes"]


def test_json_keeps_letters_of_every_language() -> None:
    assert "Grüße, Мир, 世界" in json_text({"said": "Grüße, Мир, 世界"})
