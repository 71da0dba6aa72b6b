"""Processes that have some tenants each say, print and write what one process does."""

from __future__ import annotations

import json
import os
import signal
import threading
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from kubelb_gen.api.loading import built
from kubelb_gen.checks import evidence
from kubelb_gen.cli import render
from kubelb_gen.cli.boundary import run
from kubelb_gen.plan import decide
from tests.support.random_specs import maybe, services, specs

if TYPE_CHECKING:
    from types import ModuleType

pytestmark = pytest.mark.property

Data = dict[str, Any]
ROOT = Path(__file__).parents[2]
NAMES = ("edge", "edge-a", "middle", "zone")
ANNOTATIONS: list[Data] = [
    {"load-balancer.hetzner.cloud/location": "fsn1"},
    {"a.example/size": "L, XL"},
]
PRINTED = (
    ("--all",),
    ("--all", "--expected", "--only", "service,kustomization,envoy-service"),
    ("--format", "json"),
    ("--cluster", "middle", "--quiet"),
    ("--only", "tenant-annotations"),
    ("--format", "json", "--only", "cilium"),
    (),
)
SHARED = st.sampled_from(
    [
        {"kind": "nginx", "mode": "stream", "upstream": "127.0.0.1:8080"},
        # Whose finding all share who use it.
        {
            "kind": "haproxy",
            "mode": "tcp",
            "upstream": "127.0.0.1:8080",
            "trustedCIDRs": ["8.0.0.0/8", "10.0.0.0/8"],
        },
    ]
)
SUPPRESSED = [
    {"rule": "client-ip-lost", "service": "web-1", "reason": "a test says so"},
    {"rule": "trust-range-public", "reason": "it is for all"},
]


@st.composite
def crowd(draw: st.DrawFn) -> list[Data]:
    """Draw the Services of a tenant; that of an error is none that portions render."""
    drawn = draw(
        st.lists(services(), min_size=draw(st.sampled_from([1, 1, 0])), max_size=2)
    )
    calm = draw(st.integers(0, 7)) < 7
    for number, service in enumerate(drawn):
        service["name"] = f"web-{number}"
        service.update(draw(maybe("annotations", st.sampled_from(ANNOTATIONS))))
        for index, port in enumerate(service["ports"]):
            port["nodePort"] = (
                draw(st.sampled_from([31000, 29000])) + 2 * number + index
            )
            if calm:
                port.pop("handover", None)
                port |= {"clientIP": "ignored", "because": "a test says so"}
                port |= {"protocol": "TCP"}
                port["backend"] = draw(SHARED)
            if draw(st.booleans()):
                del port["backend"]
    return drawn


@st.composite
def tenants(draw: st.DrawFn, first: Data) -> list[Data]:
    """Draw tenants like the *first* one, with Services of their own."""
    drawn = []
    for name in draw(st.permutations(NAMES))[: draw(st.integers(2, 4))]:
        tenant = first | {"name": name, "services": draw(crowd())}
        if draw(st.integers(0, 7)) < 7:
            del tenant["gateways"], tenant["ingresses"]
        drawn.append(tenant)
    return drawn


@st.composite
def estates(draw: st.DrawFn) -> list[Data]:
    """Draw the documents of a fleet of a few tenants, right or wrong."""
    spec = draw(specs(ranges=draw(st.integers(0, 7)) < 7))
    known = spec["spec"]
    known["suppress"] = draw(st.lists(st.sampled_from(SUPPRESSED), unique_by=str))
    known["defaults"] = {"backend": draw(SHARED)}
    listed = draw(tenants(known["tenants"][0]))
    known["tenants"] = listed[:-1]
    if draw(st.integers(0, 7)) == 7:
        # A part of the first one, too, and then something twice.
        listed.append({"name": listed[0]["name"], "services": listed[0]["services"]})
    other = {key: spec[key] for key in ("apiVersion", "kind", "metadata")}
    more = {"defaults": known["defaults"], "tenants": listed[len(known["tenants"]) :]}
    return [spec, other | {"spec": more}]


def told(*arguments: str) -> tuple[int, str, str]:
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as error:
        code = run(arguments)
    return code, out.getvalue(), error.getvalue()


def written(*arguments: str) -> tuple[object, ...]:
    made = told("render", *arguments, "-o", "out")
    files = {
        str(path): path.read_bytes()
        for path in Path("out").rglob("*")
        if path.is_file()
    }
    return made, files, told("render", *arguments, "-o", "out", "--check")


@pytest.fixture
def wholes(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was built as a whole."""
    seen: list[object] = []

    def note(sources: Any) -> Any:  # noqa: ANN401
        seen.append(sources)
        return built(sources)

    monkeypatch.setattr(render, "built", note)
    return seen


@given(estates(), st.sampled_from(PRINTED))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_random_estates(
    wholes: list[object], documents: list[Data], printed: tuple[str, ...]
) -> None:
    with TemporaryDirectory() as folder:
        for number, each in enumerate(documents):
            Path(folder, f"{number}.json").write_text(json.dumps(each), "utf-8")
        one = told("render", folder, *printed, "--jobs", "1")
        wholes.clear()
        three = told("render", folder, *printed, "--jobs", "3")

    event("needs the whole" if wholes else "is its portions")
    assert one == three


@pytest.mark.parametrize(
    "example", ["multi-tenant/specs", "split-owners/specs", "environments/specs"]
)
def test_examples_of_several_tenants(example: str) -> None:
    spec = str(ROOT / "examples" / example)

    one, two = (told("render", spec, "--format", "json", "--jobs", n) for n in "12")

    assert one == two


@pytest.fixture
def many(tmp_path: Path) -> str:
    """A fleet of three tenants with warnings, which portions render."""
    ports = [{"name": "main", "port": 80, "targetPort": 8081}]
    backend = {"kind": "nginx", "mode": "http", "upstream": "127.0.0.1:8080"}
    tenants = [
        {
            "name": name,
            "nodes": ["10.2.0.21"],
            "services": [
                {
                    "name": f"web-{number}",
                    "namespace": "default",
                    "selector": {"app": "web"},
                    "annotations": {"a.example/size": name},
                    "ports": [{**ports[0], "nodePort": 29000 + number}],
                    "backend": backend | {"trustedCIDRs": ["$public"]},
                }
                for number in range(3)
            ],
        }
        for name in ("edge", "edge-a", "zone")
    ]
    spec = {
        "kubelb": {"version": "1.4.3", "edition": "CE"},
        "cidrSets": {"public": ["10.3.0.0/16", "8.0.0.0/8"]},
        "management": {
            "loadBalancer": {"provider": "metallb-bgp"},
            "egressCIDRs": ["10.3.0.0/16"],
        },
        "tenants": tenants,
    }
    head = {"apiVersion": "kubelb-gen/v1alpha1", "kind": "ClientIPSpec"}
    path = tmp_path / "many.json"
    path.write_text(json.dumps({**head, "metadata": {"name": "acme"}, "spec": spec}))
    return str(path)


@pytest.mark.parametrize("printed", PRINTED)
def test_portions_print_and_warn_as_the_whole(
    many: str, printed: tuple[str, ...], wholes: list[object]
) -> None:
    one = told("render", many, *printed, "--jobs", "1")
    wholes.clear()

    assert one == told("render", many, *printed, "--jobs", "2")
    # A cluster that is none is for the whole to say.
    assert bool(wholes) == ("--cluster" in printed)


def test_portions_write_and_compare_as_the_whole(
    many: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wholes: list[object]
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
    monkeypatch.chdir(one)
    expected = written(many, "--jobs", "1")
    wholes.clear()
    monkeypatch.chdir(two)

    assert expected == written(many, "--jobs", "2")
    assert not wholes


WHO = ("service 'web-2'", "edge 'nginx'")
DSR = {
    "loadBalancer": {"class": "passThrough"},
    "dataplane": {
        "cilium": {
            "version": "1.20",
            "mode": "dsr",
            "routing": "tunnel",
            "apiServer": {"host": "10.1.0.10"},
        }
    },
    "edges": [
        {
            "name": "nginx",
            "kind": "ingress-nginx",
            "externalTrafficPolicy": "Cluster",
        }
    ],
}


def test_what_all_portions_say_is_told_once_and_in_its_place(
    many: str, wholes: list[object]
) -> None:
    # Of a Service of each tenant, and behind them all of the edge.
    spec = json.loads(Path(many).read_text("utf-8"))
    spec["spec"]["management"] |= DSR
    for number, tenant in enumerate(spec["spec"]["tenants"]):
        tenant["services"][number]["externalTrafficPolicy"] = "Cluster"
    Path(many).write_text(json.dumps(spec), "utf-8")
    one = told("render", many, "--all", "--jobs", "1")
    wholes.clear()

    assert one == told("render", many, "--all", "--jobs", "3")
    assert not wholes
    last, edge = (one[2].find(f"{each} counts on DSR") for each in WHO)
    assert 0 < last < edge


def test_a_warning_that_names_services_of_all_is_left_to_one_process(
    many: str, wholes: list[object]
) -> None:
    spec = json.loads(Path(many).read_text("utf-8"))
    spec["spec"]["management"] |= DSR
    for number in (0, 2):
        service = spec["spec"]["tenants"][number]["services"][number]
        service |= {"externalTrafficPolicy": "Cluster", "clientIP": "ignored"}
        service |= {"because": "nobody asks", "callers": ["internet"]}
        service["backend"] = {"kind": "other", "proxyProtocol": "none"}
        service["ports"][0]["protocol"] = "UDP"
    Path(many).write_text(json.dumps(spec), "utf-8")
    one = told("render", many, "--all", "--jobs", "1")
    wholes.clear()

    assert one == told("render", many, "--all", "--jobs", "3")
    assert len(wholes) == 1
    assert "full-size ones, of service 'web-0', 'web-2'" in one[2]


def test_an_error_of_the_last_tenant_is_told_as_by_one_process(many: str) -> None:
    text = Path(many).read_text("utf-8")
    before, last, behind = text.rpartition('"nodePort"')
    Path(many).write_text(f'{before}"protocol": "UDP", {last}{behind}', "utf-8")
    one = told("render", many, "--all", "--jobs", "1")

    assert one == told("render", many, "--all", "--jobs", "2")
    assert 3 == one[0]
    assert "forwards no UDP" in one[2]


def test_no_process_outlives_a_refusal(many: str) -> None:
    Path(many).write_text(Path(many).read_text("utf-8").replace("29001", "29000"))
    before = children()

    assert 3 == told("render", many, "--jobs", "3")[0]
    assert before == children()


@pytest.mark.parametrize("where", [(decide, "make_plan"), (evidence, "evidence")])
def test_a_process_that_is_killed_is_told(
    many: str, where: tuple[ModuleType, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, real = os.getpid(), getattr(*where)

    def die(*arguments: object) -> object:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments)

    monkeypatch.setattr(*where, die)
    before = children()

    told_so = "error: a process of --jobs was ended from outside\n"
    assert (4, "", told_so) == told("render", many, "--all", "--jobs", "2")
    assert before == children()


def children() -> str:
    here = Path(f"/proc/self/task/{threading.get_native_id()}/children")
    if not here.is_file():
        pytest.skip(f"{here} is not there")
    return here.read_text("utf-8")
