"""A fleet rendered in parts, wherever, has the bytes of one rendered whole."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
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
from tests.support.loopback import free_ports

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from distributed import Client

    from kubelb_gen.model import Fleet

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"

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


def texts(executor: Executor | None, of: Fleet | None = None) -> dict[str, str]:
    files = kubelb_gen.render(of or fleet(), executor=executor)
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


@pytest.fixture
def dask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A client of a cluster on this machine, whose workers are processes."""
    # Imported, it writes its defaults to the home folder, or else to this one.
    monkeypatch.setenv("DASK_CONFIG", str(tmp_path / "config"))
    distributed = pytest.importorskip("distributed", reason="dask is not installed")
    scheduler, page = free_ports(2)
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            scheduler_port=scheduler,
            dashboard_address=f"127.0.0.1:{page}",
            local_directory=str(tmp_path),
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def test_on_a_cluster_of_dask(dask: Client) -> None:
    there: Collection[int] = dask.run(os.getpid).values()
    assert 2 == len({*there} - {os.getpid()})

    executor: Executor = dask.get_executor()  # type: ignore[no-untyped-call]
    every = kubelb_gen.load(EXAMPLES / "every-backend" / "spec.yaml")
    assert texts(None) == texts(executor)
    assert texts(None, every) == texts(executor, every)

    laid_out = dask.run(lambda: "kubelb_gen.render.engine" in sys.modules)
    assert any(laid_out.values())


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
