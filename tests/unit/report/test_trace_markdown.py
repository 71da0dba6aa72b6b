"""Traced paths as Markdown: tables that a cell cannot break."""

from __future__ import annotations

from dataclasses import replace

from kubelb_gen.report.forge import forge
from kubelb_gen.report.trace_markdown import trace_markdown
from kubelb_gen.trace import Hop, LiePlace
from tests.support.paths import BROKEN, CHECK, LOST, POLICY, PRESERVED, lie

EVIL = "a|b\nc <img> `d` [e](f) </details> ```\n~~~"


def test_a_tenant_has_a_table_and_a_port_its_folded_details() -> None:
    text = trace_markdown([PRESERVED, BROKEN, CHECK, replace(LOST, tenant="other")])

    assert text.startswith("## Which address each backend sees\n\n2 ports: ")
    assert "\n### primary\n\n| port | verdict |" in text
    assert (
        "\n| default/web 5000/TCP | preserved | sees the client, by "
        "proxy-protocol-v2 | management-egress | backend-address |\n"
    ) in text
    assert "\n### other\n" in text
    assert 2 == text.count("<details><summary>") == text.count("\n</details>\n")
    assert 2 == text.count("```mermaid\nflowchart LR\n")


def test_details_name_the_setting_of_a_hop_and_the_other_ways_in() -> None:
    text = trace_markdown([PRESERVED, BROKEN, CHECK])

    assert (
        "| management-node |  | keeps the source | "
        "tenants/primary/default/web.service.yaml externalTrafficPolicy: Local |\n"
    ) in text
    assert "| kubelb-envoy | SNAT#2 | a new connection |  |\n" in text
    assert "| cluster-service-ip | broken | sees nobody | it waits in vain |\n" in text
    assert (
        "| health-check | preserved |  | a check that only connects sees nothing |\n"
    ) in text


def test_no_text_breaks_a_table_or_closes_the_details() -> None:
    hop = Hop(name=EVIL, snat=False, setting=replace(POLICY, value=EVIL), why=EVIL)
    evil = replace(PRESERVED, name=EVIL, hops=(hop,), assumes=(EVIL,), because=(EVIL,))
    text = trace_markdown([evil, replace(BROKEN, name=EVIL, because=(EVIL,))])
    rows = [line for line in text.splitlines() if line.startswith("|")]
    widths = [row.replace("\\|", "").count("|") for row in rows]

    assert {5, 6} == set(widths)
    assert 1 == text.count("</details>")
    assert "<img>" not in text
    # The only fence is the flowchart's.
    assert ["```mermaid", "```"] == [
        line for line in text.splitlines() if line.startswith(("```", "~~~"))
    ]


def test_the_attackers_story_is_among_the_details_when_asked_for() -> None:
    told = replace(PRESERVED, lies=(lie(LiePlace.PROXY_V1),))
    text = trace_markdown([told], story=forge)

    assert "~~~text\nforge from internet-ipv4: 1 lie, 0 believed\n" in text
    assert text.index("~~~text") < text.index("</details>")
    assert "forge from" not in trace_markdown([told])
