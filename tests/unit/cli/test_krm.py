"""`kubelb-gen krm` as orchestrators call it: streams and exit codes."""

from __future__ import annotations

import sys
from io import BytesIO, TextIOWrapper
from typing import TYPE_CHECKING

import pytest

from tests.support.functions import resource_list, results

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.command_line import Done

    Cli = Callable[..., Done]


@pytest.fixture
def piped(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    def piped(text: str, *arguments: str) -> Done:
        stdin = TextIOWrapper(BytesIO(text.encode()))
        monkeypatch.setattr(sys, "stdin", stdin)
        return cli("krm", *arguments)

    return piped


def test_a_list_is_answered_on_standard_output(piped: Cli, spec: Path) -> None:
    done = piped(resource_list(config=spec.read_text("utf-8")))

    assert (0, "") == (done.code, done.err)
    assert "\n- apiVersion: v1\n  kind: Service\n" in done.out


def test_an_error_exits_with_the_results_printed(piped: Cli, unmet: Path) -> None:
    done = piped(resource_list(config=unmet.read_text("utf-8")))

    assert 3 == done.code
    assert "error[client-ip-lost]" in done.err
    assert "functionConfig:" in done.err
    assert ["error"] == [each["severity"] for each in results(done.out)]


def test_a_warning_is_a_result_and_no_talk(piped: Cli, warned: Path) -> None:
    done = piped(resource_list(config=warned.read_text("utf-8")))

    assert (0, "") == (done.code, done.err)
    assert ["warning"] == [each["severity"] for each in results(done.out)]


@pytest.mark.parametrize("text", ["", "a: [", "kind: List\nitems: []\n", "\x00"])
def test_what_is_no_list_prints_nothing(text: str, piped: Cli) -> None:
    done = piped(text)

    assert (3, "") == (done.code, done.out)
    assert done.err.startswith("error[")


def test_what_goes_is_told(piped: Cli, spec: Path) -> None:
    config = spec.read_text("utf-8")
    first = piped(resource_list(config=config)).out
    gone = first.replace("      - name: web\n", "      - name: shop\n")
    done = piped(gone)

    assert "removed: Service 'web' in namespace 'default'" in done.err
    assert "" == piped(gone, "--quiet").err


def test_a_config_is_printed_as_its_objects(cli: Cli, spec: Path) -> None:
    assert cli("render", spec).out == cli("krm", spec).out


def test_a_config_for_several_clusters_needs_one(cli: Cli, two_tenants: Path) -> None:
    done = cli("krm", two_tenants)

    assert (3, "") == (done.code, done.out)
    assert "error[cluster-unclear]" in done.err
    assert cli("render", "--cluster", "team-b", two_tenants).out == (
        cli("krm", "--cluster", "team-b", two_tenants).out
    )


def test_force_is_about_items(cli: Cli, spec: Path) -> None:
    assert 2 == cli("krm", "--force", spec).code


def test_a_terminal_is_no_list(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)

    assert 2 == cli("krm").code
