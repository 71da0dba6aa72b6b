"""A fleet rendered in parts, wherever, has the bytes of one rendered whole."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import kubelb_gen
from kubelb_gen.cli.jobs import Forks
from kubelb_gen.errors import OutputError, RenderError
from kubelb_gen.render import parts

if TYPE_CHECKING:
    from kubelb_gen.model import Fleet

pytestmark = pytest.mark.property

SERVICES = [
    {
        "name": f"app-{number:02}",
        "namespace": f"team-{number % 4}",
        "selector": {"app": f"app-{number:02}"},
        "backend": {
            "kind": ("nginx", "haproxy")[number % 2],
            "mode": "http",
            "upstream": "127.0.0.1:8080",
            **(
                {"workload": {"name": "shared", "container": f"web-{number}"}}
                if number in (4, 16)
                else {}
            ),
        },
        "ports": [
            {"name": "main", "port": 80, "targetPort": 8081, "nodePort": 30000 + number}
        ],
    }
    for number in range(23)
]


@cache
def fleet() -> Fleet:
    """Many services of a tenant, two of which share a pod."""
    spec = {
        "kubelb": {"version": "1.4.3", "edition": "CE"},
        "management": {
            "loadBalancer": {"provider": "metallb-bgp"},
            "egressCIDRs": ["10.3.0.0/16"],
        },
        "tenants": [{"name": "primary", "nodes": ["10.2.0.21"], "services": SERVICES}],
    }
    head = {"apiVersion": "kubelb-gen/v1alpha1", "kind": "ClientIPSpec"}
    return kubelb_gen.from_data({**head, "metadata": {"name": "acme"}, "spec": spec})


def texts(executor: Executor | None) -> dict[str, str]:
    files = kubelb_gen.render(fleet(), executor=executor)
    return {path: each.text for path, each in files.items()}


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts.parts, "__defaults__", (5,))


def test_in_forks() -> None:
    assert texts(None) == texts(Forks(3))


def test_in_threads() -> None:
    with ThreadPoolExecutor(2) as executor:
        assert texts(None) == texts(executor)


def test_in_a_pool_of_processes() -> None:
    # Started anew, they have nothing of ours but what they are sent.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as executor:
        assert texts(None) == texts(executor)


def test_on_a_cluster_of_dask() -> None:
    distributed = pytest.importorskip("distributed", reason="dask is not installed")
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, dashboard_address=None, processes=False
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        assert texts(None) == texts(client.get_executor())


def _refuse(number: int) -> int:
    if number == 1:
        raise RenderError("number 1")
    return number


def _die(number: int) -> int:
    if number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_what_a_fork_refuses_is_refused() -> None:
    with pytest.raises(RenderError, match="number 1"):
        Forks(2).map(_refuse, range(4))


def _fail(number: int) -> float:
    return 1 / (number - 1)


def test_a_bug_in_a_fork_is_one_of_its_parent() -> None:
    with pytest.raises(ZeroDivisionError) as found:
        Forks(2).map(_fail, range(4))

    assert "in _fail" in found.value.__notes__[0]


def test_a_fork_that_is_killed_is_told() -> None:
    with pytest.raises(OutputError, match="ended from outside"):
        Forks(2).map(_die, range(4))


def test_forks_answer_in_the_order_of_the_calls() -> None:
    assert list(range(10)) == list(Forks(3).map(abs, range(10)))


def children() -> str:
    here = Path(f"/proc/self/task/{threading.get_native_id()}/children")
    if not here.is_file():
        pytest.skip(f"{here} is not there")
    return here.read_text("utf-8")


def test_no_fork_is_left_behind() -> None:
    before = children()
    list(Forks(2).map(abs, range(4)))

    assert before == children()


def test_a_single_call_is_made_at_once() -> None:
    done: Future[int] = Forks(2).submit(abs, -1)

    assert 1 == done.result()
