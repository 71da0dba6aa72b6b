from __future__ import annotations

import json
import socket
import sys
import time
from typing import TYPE_CHECKING

import jsonschema
import pytest

from kubelb_gen.assets import schema_text
from kubelb_gen.cli.boundary import run
from tests.support.applications import http_application
from tests.support.loopback import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def target() -> Iterator[str]:
    with http_application() as application:
        yield f"127.0.0.1:{application.port}"


def test_the_verdict_comes_first_and_each_connection_has_a_line(
    target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 0 == run(["probe", target])

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{target}: refuses: ")
    assert "  without a header  served: HTTP 200" == lines[1]
    assert "  PROXY v2          closed" == lines[2]
    assert lines[3].startswith("  PROXY v1          rejected: ")


def test_the_owner_of_the_log_is_warned_unless_asked_not_to(
    target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["probe", target])
    warned = capsys.readouterr().err
    run(["probe", target, "--quiet"])
    silent = capsys.readouterr().err

    assert f"warning: up to 4 connections, which {target} may log" in warned
    assert "" == silent


def test_progress_is_told_on_a_terminal(
    target: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)

    run(["probe", target, "-q"])

    expected = ["without a header", "PROXY v2", "PROXY v1"]
    told = capsys.readouterr().err.splitlines()
    assert [f"connecting: {each}" for each in expected] == told


def test_json_has_the_shape_that_its_schema_tells(
    target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    schema = json.loads(schema_text("probe-v1.json"))
    jsonschema.Draft202012Validator.check_schema(schema)

    assert 0 == run(["probe", target, "--format", "json", "-q"])

    document = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator(schema).validate(document)
    assert "refuses" == document["verdict"]
    assert ["none", "v2", "v1"] == [each["header"] for each in document["attempts"]]
    assert 200 == document["attempts"][0]["status"]


@pytest.mark.parametrize(("expected", "code"), [("refuses", 0), ("wants", 1)])
def test_another_verdict_than_the_expected_one_exits_1(
    target: str, expected: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert code == run(["probe", target, "--expect", expected, "-q"])

    told = capsys.readouterr().err
    assert ("error: expected 'wants', found 'refuses'\n" if code else "") == told


@pytest.mark.parametrize(
    "arguments",
    [
        ["127.0.0.1"],
        ["127.0.0.1:80", "--source-address", "me"],
        ["127.0.0.1:80", "--server-name", "a b"],
        ["127.0.0.1:80", "--send", "\\q"],
        ["127.0.0.1:80", "--timeout", "0"],
        ["127.0.0.1:80", "--timeout", "nan"],
        ["127.0.0.1:80", "--timeout", "inf"],
        ["127.0.0.1:80", "--expect", "everything"],
        [],
    ],
)
def test_a_question_that_makes_no_sense_exits_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert 2 == run(["probe", *arguments])

    assert "Traceback" not in capsys.readouterr().err


def test_a_port_that_nobody_listens_on_exits_4(
    capsys: pytest.CaptureFixture[str],
) -> None:
    port = free_port()

    assert 4 == run(["probe", f"127.0.0.1:{port}", "-q"])

    expected = (
        f"error: cannot connect to 127.0.0.1:{port}: 127.0.0.1: connection refused\n"
    )
    assert ("", expected) == capsys.readouterr()


def test_a_port_that_drops_connections_exits_4_in_time(
    capsys: pytest.CaptureFixture[str],
) -> None:
    port = free_port()
    with (
        socket.create_server(("127.0.0.1", port), backlog=0),
        socket.create_connection(("127.0.0.1", port)),  # who waits fills the queue
    ):
        started = time.monotonic()

        assert 4 == run(["probe", f"127.0.0.1:{port}", "-q", "--timeout", "0.3"])

    assert time.monotonic() - started < 2
    assert "127.0.0.1: timed out" in capsys.readouterr().err


def test_a_name_that_the_resolver_cannot_encode_exits_4(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def strict(*_: object, **__: object) -> None:
        raise UnicodeError("label too long")

    monkeypatch.setattr(socket, "getaddrinfo", strict)

    assert 4 == run(["probe", "web.example:80", "-q"])

    expected = "error: cannot resolve 'web.example': label too long\n"
    assert ("", expected) == capsys.readouterr()


def test_a_name_without_an_address_exits_4(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    assert 4 == run(["probe", "web.example:80", "-q"])

    expected = "error: cannot resolve 'web.example': Name or service not known\n"
    assert ("", expected) == capsys.readouterr()


def test_a_resolver_that_never_answers_is_not_waited_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def asleep(*_: object, **__: object) -> None:
        time.sleep(3)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure")

    monkeypatch.setattr(socket, "getaddrinfo", asleep)
    started = time.monotonic()

    assert 4 == run(["probe", "web.example:80", "-q", "--timeout", "0.3"])

    assert time.monotonic() - started < 2
    assert "no answer within 0.3 s" in capsys.readouterr().err


def test_the_first_address_that_takes_a_connection_is_kept(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with http_application(address="127.0.0.3") as application:
        answers = [
            (socket.AF_INET, 0, 0, "", (address, application.port))
            for address in ("127.0.0.2", "127.0.0.3")
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)

        assert 0 == run(["probe", "web.example:80", "-q", "--format", "json"])

    assert "127.0.0.3" == json.loads(capsys.readouterr().out)["address"]
