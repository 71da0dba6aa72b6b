"""What is refused before any step is made."""

from __future__ import annotations

import kubelb_gen
from kubelb_gen.rollout import Breaks
from tests.support.wishes import NGINX, PREFERRED, document, service


def test_an_adapter_of_the_users_own_is_no_end_of_a_rollout() -> None:
    plain = {"backend": NGINX, "nodePort": 30500}
    handover = {"listen": 15001, "adapter": 15000, "serves": True}
    old, new = (
        kubelb_gen.from_data(document(tenant={"services": [one]}))
        for one in (
            service(plain, proxyProtocol="none", **PREFERRED),
            service(plain | {"handover": handover}),
        )
    )
    rollout = kubelb_gen.rollout(old, new)

    assert any("adapter of its own" in each for each in rollout.refused)
    assert Breaks.NEW in {each.breaks for each in rollout}


def test_who_waits_for_a_header_is_heard_late_until_it_comes() -> None:
    envoy = {"kind": "envoy", "mode": "tcp", "upstream": "127.0.0.1:8080"}
    entry = {"backend": envoy, "nodePort": 30500}
    old, new = (
        kubelb_gen.from_data(document(tenant={"services": [one]}))
        for one in (
            service(entry, proxyProtocol="none", **PREFERRED),
            service(entry),
        )
    )
    prepare, *later = kubelb_gen.rollout(old, new)
    late = "where the server speaks first, it is heard after 1 s, until step 2"

    assert any(late in each for each in prepare.windows)
    assert not any("heard" in each for step in later for each in step.windows)
