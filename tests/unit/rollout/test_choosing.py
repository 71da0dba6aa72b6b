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
