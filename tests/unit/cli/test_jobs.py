"""How many processes there are where nobody says how many."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from kubelb_gen.cli import jobs, render
from kubelb_gen.cli.jobs import Streams, cores
from kubelb_gen.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.command_line import Done

    Cli = Callable[..., Done]

MACHINES = [
    (4, "max 100000", 4),
    (4, "150000 100000", 1.5),
    (1, "400000 100000", 1),
    (2, None, 2),
]


@pytest.mark.parametrize(("number", "limit", "expected"), MACHINES)
def test_cores_are_those_that_a_container_may_use(
    number: int,
    limit: str | None,
    expected: float,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "cpu.max"
    if limit is not None:
        path.write_text(limit, "ascii")
    monkeypatch.setattr(jobs, "_LIMIT", path)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(number), raising=False)

    assert expected == cores()


def test_a_system_that_does_not_say_is_asked_for_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)

    assert os.cpu_count() == cores()


@pytest.mark.parametrize(
    ("number", "least", "forks"), [(2, 2, 1), (1, 2, 0), (2, 3, 0)]
)
def test_a_large_fleet_is_rendered_by_two_where_there_are_two_cores(
    number: int,
    least: int,
    forks: int,
    cli: Cli,
    two_tenants: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = []
    fork = os.fork

    def noted() -> int:
        made.append(1)
        return fork()

    monkeypatch.setattr(render, "_MANY_SERVICES", least)
    monkeypatch.setattr(jobs, "cores", lambda: number)
    monkeypatch.setattr(os, "fork", noted)

    assert 0 == cli("render", two_tenants, "--all").code
    assert forks == len(made)


def test_where_there_is_no_fork_one_process_does_it(
    cli: Cli, two_tenants: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = cli("render", two_tenants, "--all")
    monkeypatch.delattr(os, "fork")

    assert expected == cli("render", two_tenants, "--all", "--jobs", "2")


def test_where_no_process_is_to_be_had_this_one_does_it(
    cli: Cli, two_tenants: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = cli("render", two_tenants, "--all")

    def refuse() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refuse)

    assert expected == cli("render", two_tenants, "--all", "--jobs", "2")


def test_what_a_process_refuses_is_known_before_the_others_are_done() -> None:
    streams = Streams(2)

    def work(call: int) -> tuple[int, Iterator[bytes]]:
        if call == 1:
            raise RenderError("there")
        until = time.monotonic() + 20
        while time.monotonic() < until:
            streams.check()
            time.sleep(0.01)
        return call, iter(())

    with streams, pytest.raises(RenderError, match="there"):
        streams.map(work, [0, 1])


def test_a_process_that_is_ready_is_no_reason_to_stop() -> None:
    streams = Streams(2)

    def work(call: int) -> tuple[int, Iterator[bytes]]:
        if call == 0:
            time.sleep(0.2)
            streams.check()
        return call, iter((b"of %d" % call, b"and more"))

    with streams:
        answers = [(head, [*body]) for head, body in streams.map(work, [0, 1])]

    assert [(0, [b"of 0", b"and more"]), (1, [b"of 1", b"and more"])] == answers
