"""A UID is that of one Service in its tenant, whoever states it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

import kubelb_gen
from kubelb_gen.errors import InvalidSpecError
from tests.support.wishes import NGINX, document, fleet_of, gateway, service

if TYPE_CHECKING:
    from pathlib import Path

    from kubelb_gen.diagnostics import Diagnostic
    from tests.support.wishes import Data

APP: Data = {
    "kind": "other",
    "reads": {"peer": True},
    "clientIP": "ignored",
    "because": "a test says so",
}


def served(name: str, number: int = 0, namespace: str = "default", **more: Any) -> Data:  # noqa: ANN401
    port = {"backend": NGINX, "nodePort": 30500 + number}
    return service(port, name=name, namespace=namespace, **more)


def refused(folder: Path, tenant: Data) -> Diagnostic:
    """Return the only finding about a file in which *tenant* is."""
    path = folder / "spec.yaml"
    path.write_text(yaml.safe_dump(document(tenant=tenant), sort_keys=False), "utf-8")
    with pytest.raises(InvalidSpecError) as caught:
        kubelb_gen.load(path)
    (found,) = caught.value.diagnostics
    text = path.read_text("utf-8").splitlines()
    assert found.location is not None
    second = text[found.location.line - 1]
    first = text[int(found.label.rpartition(" ")[2]) - 1]
    assert {"uid:", "name:"}.intersection(first.split())
    assert {"uid:", "name:"}.intersection(second.split())
    assert found.id == "defined-twice"
    return found


@pytest.mark.parametrize(
    "tenant",
    [
        {"services": [served("a", uid="0a1b"), served("b", 1, uid="0a1b")]},
        {
            "services": [served("a", uid="0a1b")],
            "gateways": [gateway(APP | {"name": "b", "uid": "0a1b"})],
        },
    ],
    ids=["two Services", "a Service and that of a route"],
)
def test_a_uid_of_two_services_is_refused_with_both_places(
    tenant: Data, tmp_path: Path
) -> None:
    found = refused(tmp_path, tenant)

    assert "uid '0a1b' in tenant 'primary' is defined twice" == found.message
    assert "'default/a'" in str(found.hint)
    assert "/b'" in str(found.hint)


@pytest.mark.parametrize(
    "other",
    [served("b-c", 1, "a"), served("d", 1, "default", uid="uid-a-b-c")],
    ids=["both stand in", "one is stated"],
)
def test_a_stand_in_of_two_services_is_refused_until_one_is_stated(
    other: Data, tmp_path: Path
) -> None:
    found = refused(tmp_path, {"services": [served("c", 0, "a-b"), other]})

    assert found.message.startswith("uid 'uid-a-b-c' in tenant 'primary' is that of")
    assert "state the 'uid'" in str(found.hint)
    # And then it is not.
    fleet_of(served("c", 0, "a-b", uid="0a1b"), other)


def test_a_service_behind_two_ways_has_its_own_uid_in_both() -> None:
    routed = APP | {"name": "web", "namespace": "default", "uid": "0a1b"}
    tenant = {
        "services": [served("web", uid="0a1b")],
        "gateways": [gateway(routed)],
    }
    fleet = kubelb_gen.from_data(document(tenant=tenant))

    assert ["0a1b"] == [each.uid for each in fleet.tenants[0].services]
    assert ["0a1b"] == [
        each.uid for way in fleet.tenants[0].gateways for each in way.backends
    ]


def test_tenants_may_have_services_of_one_name() -> None:
    data = document(tenant={"services": [served("web")]})
    (tenant,) = data["spec"]["tenants"]
    data["spec"]["tenants"].append(tenant | {"name": "second"})

    assert 2 == len(kubelb_gen.from_data(data).tenants)
