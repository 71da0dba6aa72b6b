"""What every snippet says, and what of a spec may stand in source code."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from ipaddress import ip_network
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from kubelb_gen import api
from kubelb_gen.cli.commands import program
from kubelb_gen.errors import InvalidSpecError, RenderError, UsageError
from kubelb_gen.render.grammar import code_literal
from kubelb_gen.render.snippet import FRAMEWORKS
from tests.support.wishes import document, gateway

if TYPE_CHECKING:
    from kubelb_gen.plan.applications import Application
    from tests.support.wishes import Data

COUNTED: Data = {
    "kind": "other",
    "reads": {"header": "X-Forwarded-For", "fromRight": 2},
}
PEERS: Data = {"trustedCIDRs": ["10.2.0.0/16", "fd00::/8"]}


def _applications(*backends: Data) -> tuple[Application, ...]:
    named = [
        {"name": f"app{number}", **each} for number, each in enumerate(backends, 1)
    ]
    data = document(tenant={"gateways": [gateway(*named)]})
    return api.applications(api.from_data(data))


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_snippet_counts_from_the_right_behind_known_peers(framework: str) -> None:
    (application,) = _applications(COUNTED | PEERS)

    text = api.snippet(framework, application)

    assert "entry 2 from the right" in text
    assert '"10.2.0.0/16", "fd00::/8"' in text
    assert text.isascii()


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_walk_knows_proxies_and_peers(framework: str) -> None:
    reads: Data = {"header": "X-Forwarded-For", "cidrs": ["10.0.0.0/8", "10.1.16.0/20"]}
    (application,) = _applications({"kind": "other", "reads": reads} | PEERS)

    text = api.snippet(framework, application)

    assert '"10.0.0.0/8", "10.1.16.0/20"' in text
    assert "from the right" not in text


def test_the_first_entry_is_refused_before_any_code() -> None:
    with pytest.raises(InvalidSpecError) as refusal:
        _applications(
            {"kind": "other", "reads": {"header": "X-Forwarded-For", "first": True}}
        )

    assert ["client-ip-forgeable"] == [each.id for each in refusal.value.diagnostics]


def test_behind_an_edge_that_replaces_the_list_the_first_is_counted_too() -> None:
    reads = {"header": "X-Forwarded-For", "first": True}
    backend: Data = {
        "name": "a",
        "namespace": "default",
        "kind": "other",
        "reads": reads,
    }
    ingress: Data = {
        "name": "in",
        "namespace": "default",
        "backends": [backend | {"port": 80}],
    }
    data = document(
        tenant={"ingresses": [ingress]},
        management={"edges": [{"name": "nginx", "kind": "ingress-nginx"}]},
    )

    (application,) = api.applications(api.from_data(data))

    assert 2 == application.from_right


def test_only_who_reads_a_header_gets_code() -> None:
    nginx: Data = {"kind": "nginx", "listen": 8080, "upstream": "127.0.0.1:3000"}
    peer: Data = {"kind": "other", "reads": {"peer": True}, "clientIP": "ignored"}
    found = _applications(nginx, peer | {"because": "it asks nobody"}, COUNTED)

    assert ["app3"] == [each.name for each in found]


@pytest.mark.parametrize("wish", ["preferred", "ignored"])
def test_who_reads_somebody_else_and_may_gets_no_code(wish: str) -> None:
    """It would be code that names the edge."""
    wrong: Data = {"reads": {"header": "X-Forwarded-For", "fromRight": 1}}
    found = _applications(
        {**COUNTED, **wrong, "clientIP": wish, "because": "a log that nobody reads"}
    )

    assert () == found


def test_there_is_no_snippet_for_what_nobody_knows() -> None:
    (application,) = _applications(COUNTED)

    with pytest.raises(UsageError):
        api.snippet("cobol", application)


def test_a_text_is_the_same_in_every_language() -> None:
    text = "X-Forwarded-For, 10.2.0.0/16 ::1 $x 'y' {z}"

    assert text == ast.literal_eval(code_literal(text))
    assert text == json.loads(code_literal(text))
    assert "7" == code_literal(7)


@pytest.mark.parametrize(
    "text", ['a"b', "a\\b", "#{`id`}", "a\nb", "ä", "", "\u2028", "\x7f"]
)
def test_what_languages_read_differently_is_refused(text: str) -> None:
    with pytest.raises(RenderError):
        code_literal(text)


@pytest.fixture
def two(tmp_path_factory: pytest.TempPathFactory) -> str:
    data = document(
        tenant={
            "gateways": [gateway({"name": "a", **COUNTED}, {"name": "b", **COUNTED})]
        }
    )
    path = tmp_path_factory.mktemp("two") / "spec.json"
    path.write_text(json.dumps(data), "utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ((), 2, "say which by --service and --tenant: primary/"),
        (("--service", "c"), 2, "'c'"),
        (("--tenant", "x"), 2, "'x'"),
        (("--service", "b"), 0, "/b"),
        (("--service", "default/a"), 0, "/a"),
    ],
)
def test_one_backend_is_chosen(
    two: str, words: tuple[str, ...], code: int, told: str
) -> None:
    done = CliRunner().invoke(program, ["snippet", "go", two, *words])

    said = done.output if code == 0 else str(done.exception)
    assert told in said
    assert code == 0 or isinstance(done.exception, UsageError)


def test_without_such_a_backend_it_says_so(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.mktemp("none") / "spec.json"
    path.write_text(json.dumps(document(tenant={})), "utf-8")

    done = CliRunner().invoke(program, ["snippet", "go", str(path)])

    assert isinstance(done.exception, UsageError)
    assert "no backend of kind 'other' finds the client in a header here" in str(
        done.exception
    )


def test_ranges_of_both_families_are_known() -> None:
    (application,) = _applications(COUNTED | PEERS)

    assert (ip_network("10.2.0.0/16"), ip_network("fd00::/8")) == application.peers


def test_code_that_would_believe_nobody_is_refused() -> None:
    (application,) = _applications(COUNTED | PEERS)

    with pytest.raises(RenderError, match="'internalCIDRs' of tenant 'primary'"):
        api.snippet("go", replace(application, peers=()))
