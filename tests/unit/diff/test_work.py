"""A large fleet with one change: what cannot differ is neither traced nor written."""

from __future__ import annotations

import importlib
from collections import Counter
from typing import TYPE_CHECKING, Any

import kubelb_gen
from tests.support.wishes import NGINX, document, service

if TYPE_CHECKING:
    import pytest

# The function of the package has the name of its package.
tree = importlib.import_module("kubelb_gen.render.tree")


def _fleet(number: int, **last: Any) -> kubelb_gen.Fleet:  # noqa: ANN401
    services = [
        {
            **service({"backend": NGINX, "nodePort": 30000 + index}),
            "name": f"web-{index}",
        }
        for index in range(number)
    ]
    services[-1] |= last
    return kubelb_gen.from_data(document(tenant={"services": services}))


def test_one_changed_service_is_traced_and_written_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: Counter[str] = Counter()
    laid_out = tree.laid_out

    def counted(draft: Any, *more: Any) -> Any:  # noqa: ANN401
        done["files"] += 1
        return laid_out(draft, *more)

    monkeypatch.setattr(tree, "laid_out", counted)
    old, new = _fleet(40), _fleet(40, externalTrafficPolicy="Cluster")
    changes = kubelb_gen.diff(old, new)
    traced = {each["path"] for each in (*changes.old.meaning, *changes.new.meaning)}

    assert 1 == len(changes.regressions)
    assert {"primary/default/web-39:5000/TCP"} == traced
    # Backend, ConfigMap, Service, LoadBalancer and Envoy Service, and the first twice.
    assert 12 >= done["files"]
