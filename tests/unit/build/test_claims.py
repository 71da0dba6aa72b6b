"""What the Services of a part take, as texts that another part may take too."""

from __future__ import annotations

from kubelb_gen.build.claims import claims, repeated
from tests.support.specs import estate, fleet, spec
from tests.support.wishes import NGINX, fleet_of, gateway, service

WORK = {"workload": {"name": "app", "container": "proxy"}}


def test_a_service_claims_its_name_and_its_ports() -> None:
    port = {"backend": NGINX, "envoyPort": 10001}

    assert [
        ("service", "primary", "default/web"),
        ("uid", "primary", "uid-default-web"),
        ("nodePort", "primary", "30500/TCP"),
        ("envoyPort", "primary", "10001/TCP"),
    ] == list(claims(fleet_of(service(port))))


def test_envoy_listens_on_the_node_port_where_no_other_is_stated() -> None:
    udp = {"protocol": "UDP", "clientIP": "ignored", "because": "x"}

    assert ("envoyPort", "primary", "30500/UDP") in claims(fleet_of(service(udp)))


def test_a_port_whose_node_port_is_not_known_claims_none() -> None:
    value = service({"backend": NGINX})
    del value["ports"][0]["nodePort"]

    assert ["service", "uid"] == [each[0] for each in claims(fleet_of(value))]


def test_a_uid_is_claimed_as_it_is_stated() -> None:
    found = claims(fleet_of(service({"backend": NGINX}, uid="0a1b")))

    assert ("uid", "primary", "0a1b") in found


def test_two_services_of_one_part_may_run_in_one_pod() -> None:
    one = service({"backend": NGINX | WORK})
    other = service({"backend": NGINX | WORK, "nodePort": 30600}, name="api")
    found = list(claims(fleet_of(one, other)))

    assert 1 == found.count(("workload", "primary", "default/Deployment/app"))
    assert not repeated(found)


def test_two_services_of_two_files_may_not() -> None:
    # They are written apart, even where both are judged at once.
    base = """\
      - name: {0}
        namespace: default
        selector: {{app: web}}
        backend:
          {{kind: caddy, upstream: "a:1", workload: {{name: app, container: {0}}}}}
        ports: [{{port: 80}}]
"""
    one, two = (
        "tenants:\n  - name: primary\n    services:\n" + base.format(name)
        for name in ("web", "api")
    )

    assert not repeated(claims(fleet(estate(), spec(one))))
    assert repeated(claims(fleet(estate(), spec(one), spec(two))))


def test_a_pod_of_a_service_and_a_route_is_claimed_twice() -> None:
    routed = {"kind": "caddy", "upstream": "127.0.0.1:3000", **WORK}
    one = service({"backend": NGINX | WORK})
    found = list(claims(fleet_of(one, tenant={"gateways": [gateway(routed)]})))

    assert repeated(found)
    assert 2 == found.count(("workload", "primary", "default/Deployment/app"))


def test_what_two_parts_claim_is_repeated() -> None:
    part = fleet_of(service({"backend": NGINX}))

    assert not repeated(claims(part))
    assert repeated([*claims(part), *claims(part)])
