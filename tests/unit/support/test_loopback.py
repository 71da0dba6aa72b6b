"""The harness tells the truth about who connected and what was sent."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.applications import http_application, tcp_application
from tests.support.loopback import (
    CLIENT,
    connect,
    eventually,
    exchange,
    free_port,
    free_ports,
    listening,
    request,
    running,
)
from tests.support.proxy_protocol import v2

if TYPE_CHECKING:
    from pathlib import Path


def test_free_ports_differ() -> None:
    assert len(set(free_ports(20))) == 20


def test_a_port_listens_only_while_its_application_runs() -> None:
    port = free_port()

    assert not listening(port)
    with tcp_application(port=port):
        assert listening(port)
    assert not listening(port)


def test_an_http_application_tells_and_keeps_what_it_got() -> None:
    with http_application() as application:
        answer = request(
            application.port, path="/x?y=1", headers=[("X-A", "1"), ("x-a", "2")]
        )

    told = answer.json()
    (kept,) = application.requests
    assert answer.status == 200
    assert (told["peer"], told["path"]) == (CLIENT, "/x?y=1")
    assert kept.peer == (CLIENT, told["peerPort"])
    assert ["X-A", "1"] in told["headers"]
    assert kept.all("X-A") == ("1", "2")
    assert kept.header("x-a") == "1, 2"
    assert kept.header("absent") is None


def test_a_client_comes_from_the_address_that_the_test_says() -> None:
    with http_application(address="127.0.0.2") as application:
        request(application.port, address="127.0.0.2", source="127.0.0.77")

    (kept,) = application.requests
    assert kept.peer[0] == "127.0.0.77"


def test_a_tcp_application_keeps_bytes_and_splits_the_header_off() -> None:
    header = v2(("192.0.2.7", 4711), ("192.0.2.1", 443))
    with tcp_application() as application:
        echo = exchange(application.port, header + b"HELLO")
        connection = application.talk()

    found, rest = connection.split()
    assert echo == header + b"HELLO"
    assert connection.peer[0] == CLIENT
    assert found is not None
    assert (found.source, rest) == (("192.0.2.7", 4711), b"HELLO")


def test_a_silent_connection_is_kept_and_is_no_talk() -> None:
    with tcp_application(greeting=b"220 hi\r\n") as application:
        with connect(application.port) as link:
            assert link.recv(100) == b"220 hi\r\n"
        exchange(application.port, b"x")
        talk = application.talk()

    assert len(application.connections) == 2
    assert talk.received == b"x"


def test_an_answer_that_is_not_http_is_a_connection_error() -> None:
    with (
        tcp_application(greeting=b"\x00\x01") as application,
        pytest.raises(ConnectionError),
    ):
        request(application.port, timeout=2)


def test_a_program_that_ends_at_once_fails_with_its_own_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('the reason')"]

    with (
        pytest.raises(ChildProcessError, match="the reason"),
        running(command, folder=tmp_path, ports=[free_port()]),
    ):
        pytest.fail("it is not running")


def test_a_program_is_gone_after_its_block(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)]

    with running(command, folder=tmp_path, ports=[port]) as program:
        assert request(port).status == 200
        assert "GET / HTTP/1.1" in eventually(program.log_text)

    assert program.process.poll() is not None
    assert not listening(port)


def test_eventually_fails_with_the_last_failure() -> None:
    def attempt() -> bool:
        message = "no such thing"
        raise AssertionError(message)

    with pytest.raises(AssertionError, match="no such thing"):
        eventually(attempt, timeout=0.1)
    with pytest.raises(AssertionError, match="still None"):
        eventually(lambda: None, timeout=0.1)
