"""What the states between two plans are made of."""

from __future__ import annotations

import kubelb_gen
from tests.support.wishes import NGINX, PREFERRED, document, service


def test_second_listeners_take_ports_that_nobody_of_the_pod_has() -> None:
    probe = {"type": "httpGet", "port": 15001, "path": "/"}
    entry = {"targetPort": 15000, "plain": {"port": 15002}, "nodePort": 30500}
    entry |= {"backend": NGINX | {"probe": probe}}
    old, new = (
        kubelb_gen.from_data(document(tenant={"services": [one]}))
        for one in (
            service(entry, proxyProtocol="none", **PREFERRED),
            service(entry),
        )
    )
    handed = [
        port.handover
        for step in kubelb_gen.rollout(old, new)
        for service in step.fleet.tenants[0].services
        for port in service.ports
        if port.handover is not None
    ]

    assert handed
    assert not {15000, 15001, 15002} & {
        number for each in handed for number in (each.listen, each.adapter)
    }
