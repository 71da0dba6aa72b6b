"""What `providers` answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema

from kubelb_gen.catalogue import provider_names

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from tests.support.command_line import Done

    Cli = Callable[..., Done]


def test_every_provider_is_listed_with_its_class_and_what_it_sends(cli: Cli) -> None:
    done = cli("providers")
    lines = {line.split()[0]: line.split() for line in done.out.splitlines()}

    assert (0, "") == (done.code, done.err)
    assert list(provider_names()) == list(lines)
    assert ["proxying", "PROXY", "v1", "by", "Service"] == lines["aws-elb-classic"][1:6]
    assert ["proxying", "PROXY", "v2,", "v1", "by", "port"] == lines["linode"][1:7]
    assert ["vip", "no", "PROXY"] == lines["metallb-l2"][1:4]


def test_a_guessed_proxy_version_carries_a_question_mark(cli: Cli) -> None:
    lines = {line.split()[0]: line for line in cli("providers").out.splitlines()}

    assert " PROXY v1? by Service " in lines["vultr"]


def test_the_page_of_one_provider_tells_its_annotations_and_its_source(
    cli: Cli,
) -> None:
    done = cli("providers", "scaleway")

    assert (0, "") == (done.code, done.err)
    assert done.out.startswith("scaleway (proxying)\n\n")
    on = 'v2 on: service.beta.kubernetes.io/scw-loadbalancer-proxy-protocol-v2: "true"'
    assert on in done.out
    assert "v2 on for port 443: " in done.out
    assert "scaleway/scaleway-cloud-controller-manager@bddc17f" in done.out


def test_a_provider_that_is_not_there_is_a_usage_error(cli: Cli) -> None:
    done = cli("providers", "hetzer")

    assert (2, "") == (done.code, done.out)
    assert "there is no provider 'hetzer': did you mean 'hetzner'?" in done.err


def test_json_has_the_published_shape_and_the_promised_keys(
    cli: Cli, repository: Path
) -> None:
    schema = json.loads(
        (repository / "schemas" / "providers-v1.json").read_text("utf-8")
    )
    jsonschema.Draft202012Validator.check_schema(schema)
    every = json.loads(cli("providers", "--format", "json").out)
    one = json.loads(cli("providers", "aws-nlb-ip", "--format", "json").out)

    for printed in (every, one):
        jsonschema.validate(printed, schema, jsonschema.Draft202012Validator)
    assert list(provider_names()) == [each["name"] for each in every["providers"]]
    (entry,) = one["providers"]
    assert ("proxying", "2026-08") == (entry["class"], entry["date"])
    assert "aws-load-balancer-controller" in entry["source"]
    assert {"TCP": "proxying", "UDP": "passThrough", "IPv6": "proxying"} == entry[
        "classes"
    ]


def test_a_terminal_gets_lines_that_fit(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kubelb_gen.cli.providers.page_width", lambda: 60)
    prose = [line for line in cli("providers", "keepalived").out.splitlines() if line]

    assert all(len(line) <= 60 or " " not in line.strip() for line in prose)
