"""Flowcharts; that Mermaid 11 reads such documents was tried with the real one."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from kubelb_gen.report.mermaid import label, mermaid
from kubelb_gen.trace import Hop, Verdict
from tests.support.paths import CHECK, LOST, POLICY, PRESERVED, behind_edge

# Inside quotes, none of what Mermaid gives a meaning, but its own entities and breaks.
QUOTED = r'"(?:[^"#&<>`%{}\[\]|;\\\n]|#\d+;|<br/>)*"'
LINES = re.compile(
    "|".join(
        (
            r"flowchart LR",
            rf"  subgraph p\d+\[{QUOTED}\]",
            r"    direction LR",
            rf"    p\d+_start\(\[{QUOTED}\]\)",
            rf"    p\d+_\d+\[{QUOTED}\](:::\w+)?",
            rf"    p\d+_\w+ (-->|==>\|{QUOTED}\|) p\d+_\d+",
            r"  end",
            r"  classDef [\w-]+ [\w:#,]+",
        )
    )
)
EVIL = '"]; end\n%%{init: {}}%% `x` <script> & #35; | {0} \\ \x1b'


def test_a_port_is_a_box_with_its_hops_in_a_row() -> None:
    drawn = mermaid([PRESERVED]).split("  classDef", maxsplit=1)[0]

    assert (
        """\
flowchart LR
  subgraph p0["primary: default/web 5000/TCP: preserved"]
    direction LR
    p0_start(["client<br/>internet-ipv4"])
    p0_0["load-balancer<br/>forwards packets"]
    p0_start --> p0_0
    p0_1["management-node<br/>keeps the source<br/>externalTrafficPolicy: Local"]
    p0_0 --> p0_1
    p0_2["kubelb-envoy<br/>a new connection"]
    p0_1 --> p0_2
    p0_3["tenant-node<br/>keeps the source<br/>externalTrafficPolicy: Local"]
    p0_2 ==>|"SNAT#35;2"| p0_3
    p0_4["backend<br/>PROXY v2 names the client"]:::preserved
    p0_3 --> p0_4
  end
"""
        == drawn
    )


def test_all_ports_stand_in_one_document() -> None:
    text = mermaid([PRESERVED, LOST, behind_edge()])

    assert text.count("flowchart") == 1
    assert text.count("subgraph") == text.count("\n  end\n") == 3


@pytest.mark.parametrize("path", [PRESERVED, LOST, behind_edge()])
def test_every_line_is_one_of_a_few_forms(path: object) -> None:
    assert isinstance(path, type(PRESERVED))
    hop = Hop(name=EVIL, snat=True, setting=replace(POLICY, value=EVIL), why=EVIL)
    evil = replace(
        path, tenant=EVIL, name=EVIL, gateway=EVIL, hops=(hop, hop), assumes=(EVIL,)
    )
    lines = mermaid([path, evil]).splitlines()

    assert [] == [line for line in lines if not LINES.fullmatch(line)]


def test_a_path_that_envoy_itself_starts_begins_with_envoy() -> None:
    text = mermaid([CHECK])

    assert "start" not in text
    assert '    p0_0["kubelb-envoy<br/>a new connection"]\n    p0_1[' in text


def test_an_escaped_label_says_the_same() -> None:
    text = 'a "quoted" #1; <b> & `code` %% {x} [y] | \\'
    plain = re.sub(r"#(\d+);", lambda found: chr(int(found[1])), label(text))

    assert f'"{text}"' == plain


def test_every_verdict_has_a_style() -> None:
    text = mermaid([])

    assert all(f"  classDef {verdict} " in text for verdict in Verdict)
