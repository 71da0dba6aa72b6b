"""Paths as JSON: the shape is a promise, and every setting stands where it is said."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

import kubelb_gen
from kubelb_gen.plan.decide import make_plan
from kubelb_gen.render.tree import render_plan
from kubelb_gen.report.trace_json import trace_json
from tests.golden.test_examples import EXAMPLES, spec_of
from tests.support.specs import fleet, service, sources
from tests.support.wishes import NGINX, document, gateway
from tests.support.wishes import service as web

if TYPE_CHECKING:
    from pathlib import Path


def read(text: str) -> list[dict[str, Any]]:
    paths: list[dict[str, Any]] = json.loads(text)["paths"]
    return paths


@pytest.fixture(scope="module")
def schema(repository: Path) -> Any:  # noqa: ANN401  JSON
    return json.loads((repository / "schemas" / "trace-v1.json").read_text())


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_has_the_shape(
    name: str,
    examples: Path,
    schema: Any,  # noqa: ANN401  JSON
) -> None:
    loaded = kubelb_gen.load(spec_of(examples / name))
    text = trace_json(kubelb_gen.trace(loaded), loaded.places)

    jsonschema.validate(json.loads(text), schema)
    assert text.endswith("}\n")


@pytest.mark.parametrize("name", EXAMPLES)
def test_settings_stand_in_the_files_that_are_named(name: str, examples: Path) -> None:
    plan = make_plan(kubelb_gen.load(spec_of(examples / name)))
    files = render_plan(plan)
    for path in kubelb_gen.trace(plan.fleet):
        for hop in path.hops:
            if hop.setting is not None:
                text = files[hop.setting.file].text

                assert hop.setting.key.rpartition(".")[2] in text
                for word in hop.setting.value.split(", "):
                    assert word in text


def test_two_nginx_modes_in_one_pod_have_a_file_each() -> None:
    ports = [
        {"backend": NGINX, "targetPort": 5000},
        {"backend": {**NGINX, "mode": "http"}, "targetPort": 5001},
    ]
    spec = document(tenant={"services": [web(*ports)]})
    plan = make_plan(kubelb_gen.from_data(spec))
    named = {
        hop.setting.file
        for path in kubelb_gen.trace(plan.fleet)
        for hop in path.hops
        if hop.name == "backend" and hop.setting is not None
    }

    assert named == {
        "backends/primary/default/web.nginx.conf",
        "backends/primary/default/web.nginx-stream.conf",
    }
    assert named <= set(render_plan(plan))


def test_a_path_points_at_its_line() -> None:
    text = service()
    loaded = fleet(text)
    paths = read(trace_json(kubelb_gen.trace(loaded), sources(text)))
    line = next(
        n for n, each in enumerate(text.splitlines(), 1) if "port: 5000" in each
    )

    assert {path["at"]["line"] for path in paths} == {line}
    assert {path["at"]["file"] for path in paths} == {"a.yaml"}


def test_plain_data_has_no_lines() -> None:
    spec = document(
        tenant={"gateways": [gateway({"kind": "nginx", "upstream": "a:1"})]}
    )
    paths = read(trace_json(kubelb_gen.trace(kubelb_gen.from_data(spec))))

    assert paths[0]["at"] == {"file": "<data 1>", "line": None}
    assert paths[0]["gateway"] == "gw"


def test_the_first_path_is_the_one_of_the_contract() -> None:
    spec = document(tenant={"services": [web({"backend": NGINX})]})
    (path, *_) = read(trace_json(kubelb_gen.trace(kubelb_gen.from_data(spec))))
    path.pop("hops")

    assert path == {
        "tenant": "primary",
        "namespace": "default",
        "name": "web",
        "gateway": None,
        "layer": "L4",
        "port": 5000,
        "protocol": "TCP",
        "flow": "traffic",
        "from": "internet-ipv4",
        "verdict": "preserved",
        "identity": {"is": "client", "carriedBy": "proxy-protocol-v2", "lostAt": None},
        "peer": {"is": "management-egress"},
        "application": "backend-address",
        "because": ["PROXY v2 names the client"],
        "assumes": path["assumes"],
        "at": {"file": "<data 1>", "line": None},
    }
