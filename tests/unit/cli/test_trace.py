"""What `trace` answers, whom it picks, and when the answer is no."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import pytest

from tests.support.specs import NGINX, PORT, service

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.command_line import Done

    Cli = Callable[..., Done]

TCP = "{name: tcp, port: 443, nodePort: 30443}"
UDP = (
    "{name: udp, port: 53, protocol: UDP, nodePort: 30053, clientIP: ignored, "
    "because: a lab, backend: {kind: other, proxyProtocol: none}}"
)
TENANT = "nodes: [10.2.0.21]\ninternalCIDRs: [10.2.0.0/16]"


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A service whose TCP port is preserved and whose UDP port is lost."""
    path = tmp_path / "mixed.yaml"
    path.write_text(service(f"{TCP}\n{UDP}", NGINX, tenant=TENANT), encoding="utf-8")
    return path


@pytest.fixture
def called(tmp_path: Path) -> Path:
    """A port that only takes PROXY, and that pods call all the same."""
    path = tmp_path / "called.yaml"
    text = service(PORT, NGINX, more="callers: [internet, cluster]", tenant=TENANT)
    path.write_text(text, encoding="utf-8")
    return path


def paths(done: Done) -> list[dict[str, object]]:
    return list(json.loads(done.out)["paths"])


def test_each_port_is_told_from_the_verdict_down_and_the_count_comes_last(
    cli: Cli, mixed: Path
) -> None:
    done = cli("trace", mixed)

    assert (0, "") == (done.code, done.err)
    assert done.out.startswith("primary: default/web 443/TCP: preserved\n")
    assert "\nprimary: default/web 53/UDP: lost\n" in done.out
    assert done.out.endswith("\n2 ports: 1 preserved, 1 lost\n")


def test_a_spec_with_errors_is_traced_all_the_same(cli: Cli, unmet: Path) -> None:
    assert 1 == cli("validate", unmet).code
    done = cli("trace", unmet)

    assert (0, "") == (done.code, done.err)
    assert done.out.startswith("primary: default/web 53/UDP: lost\n")


def test_what_is_no_spec_is_refused(cli: Cli, no_spec: Path) -> None:
    done = cli("trace", no_spec)

    assert (3, "") == (done.code, done.out)


def test_json_has_the_published_shape_and_the_lines_of_ports(
    cli: Cli, mixed: Path, repository: Path
) -> None:
    schema = json.loads((repository / "schemas" / "trace-v1.json").read_text("utf-8"))
    done = cli("trace", mixed, "--format", "json")
    jsonschema.Draft202012Validator(schema).validate(json.loads(done.out))
    lines = mixed.read_text("utf-8").splitlines()
    first = paths(done)[0]

    assert isinstance(first["at"], dict)
    assert str(mixed) == first["at"]["file"]
    assert "port: 443" in lines[int(first["at"]["line"]) - 1]
    assert ("traffic", "internet-ipv4") == (first["flow"], first["from"])


@pytest.mark.parametrize(
    ("layout", "beginning"),
    [("mermaid", "flowchart LR\n"), ("markdown", "## Which address each backend sees")],
)
def test_it_is_drawn_for_documents(
    layout: str, beginning: str, cli: Cli, mixed: Path
) -> None:
    done = cli("trace", mixed, "--format", layout)

    assert (0, "") == (done.code, done.err)
    assert done.out.startswith(beginning)


@pytest.mark.parametrize(
    ("options", "tenants"),
    [
        ((), {"team-a", "team-b"}),
        (("--tenant", "team-b"), {"team-b"}),
        (("--service", "web"), {"team-a", "team-b"}),
        (("--service", "default/web", "--tenant", "team-a"), {"team-a"}),
    ],
)
def test_tenant_and_service_choose(
    options: tuple[str, ...], tenants: set[str], cli: Cli, two_tenants: Path
) -> None:
    done = cli("trace", two_tenants, "--format", "json", *options)

    assert tenants == {each["tenant"] for each in paths(done)}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--service", "wep"), "there is no service 'wep': did you mean 'web'?"),
        (
            ("--service", "defaults/web"),
            "there is no service 'defaults/web': did you mean 'default/web'?",
        ),
        (("--tenant", "team"), "there is no tenant 'team': did you mean 'team-"),
        (("--fail-on", "last"), "there is no verdict 'last': did you mean 'lost'?"),
        (("--fail-on", "lost,"), "there is no verdict ''; one of: preserved, "),
        (("--forge", "--format", "json"), "--forge is told in text and markdown"),
        (("--forge", "--format", "mermaid"), "--forge is told in text and markdown"),
        (("--from", "mars"), "'mars' is not one of"),
    ],
)
def test_what_cannot_be_asked_is_a_usage_error(
    options: tuple[str, ...], message: str, cli: Cli, two_tenants: Path
) -> None:
    done = cli("trace", two_tenants, *options)

    assert (2, "") == (done.code, done.out)
    assert message in done.err


def test_an_origin_chooses_and_becomes_the_path_that_is_drawn(
    cli: Cli, mixed: Path
) -> None:
    done = cli("trace", mixed, "--from", "cluster-service-ip")

    assert done.out.startswith("primary: default/web 443/TCP: broken\n  pod --> ")
    assert "also " not in done.out


def test_an_origin_that_no_port_has_is_told_and_is_no_error(
    cli: Cli, spec: Path
) -> None:
    done = cli("trace", spec, "--from", "internet-ipv6")

    assert (0, "0 ports\n") == (done.code, done.out)
    assert "nothing of that is in the spec\n" == done.err


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--fail-on", "lost"), 1),
        (("--fail-on", "forgeable,lost"), 1),
        (("--fail-on", "forgeable", "--fail-on", "lost"), 1),
        (("--fail-on", "forgeable"), 0),
        # Nobody calls it from inside, the spec says: `callers` is internet alone.
        (("--fail-on", "broken"), 0),
        (("--fail-on", "broken", "--from", "cluster-service-ip"), 1),
        (("--fail-on", "preserved", "--service", "web"), 1),
    ],
)
def test_a_verdict_that_was_named_is_a_no(
    options: tuple[str, ...], code: int, cli: Cli, mixed: Path
) -> None:
    done = cli("trace", mixed, *options)

    assert code == done.code
    assert done.out.startswith("primary: ")


def test_pods_count_where_the_spec_says_that_they_call(cli: Cli, called: Path) -> None:
    assert 1 == cli("trace", called, "--fail-on", "broken").code
    assert 0 == cli("trace", called, "--fail-on", "lost").code


def test_the_format_does_not_change_the_answer(cli: Cli, mixed: Path) -> None:
    for layout in ("text", "json", "mermaid", "markdown"):
        arguments = ("trace", mixed, "--format", layout, "--fail-on", "lost")
        assert 1 == cli(*arguments).code


def test_the_attackers_story_is_told_on_demand(cli: Cli, spec: Path) -> None:
    story = "forge from internet-ipv4: 2 lies, 0 believed\n"

    assert story not in cli("trace", spec).out
    assert story in cli("trace", spec, "--forge").out
    assert story in cli("trace", spec, "--forge", "--format", "markdown").out


def test_a_verdict_is_coloured_on_demand(cli: Cli, spec: Path) -> None:
    assert "\x1b[1;32mpreserved" in cli("--color", "always", "trace", spec).out
    assert "\x1b" not in cli("trace", spec).out
