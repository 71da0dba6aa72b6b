"""What `rule` answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kubelb_gen.checks import RULES
from tests.support.command_line import kubelb_gen

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from tests.support.command_line import Done

    Cli = Callable[..., Done]


def test_every_rule_is_listed_with_its_severity_and_a_line(cli: Cli) -> None:
    done = cli("rule")
    lines = done.out.splitlines()

    assert (0, "") == (done.code, done.err)
    assert list(RULES) == [line.split()[0] for line in lines]
    assert [rule.SEVERITY for rule in RULES.values()] == [
        line.split()[1] for line in lines
    ]


def test_the_manual_page_of_one_rule_is_printed(cli: Cli) -> None:
    done = cli("rule", "trust-range-wide")

    assert (0, "") == (done.code, done.err)
    assert done.out.startswith("trust-range-wide (warning)\n\nA pinned trust range ")
    assert "\n    backend: {kind: nginx, mode: stream}\n" in done.out


def test_a_rule_that_is_not_there_is_a_usage_error(cli: Cli) -> None:
    done = cli("rule", "trust-range-wid")

    assert (2, "") == (done.code, done.out)
    assert "did you mean 'trust-range-wide'?" in done.err


def test_json_holds_all_rules_or_the_one_that_was_asked_for(cli: Cli) -> None:
    every = json.loads(cli("rule", "--format", "json").out)
    one = json.loads(cli("rule", "client-ip-lost", "--format", "json").out)

    assert (1, list(RULES)) == (
        every["version"],
        [each["id"] for each in every["rules"]],
    )
    assert ["client-ip-lost"] == [each["id"] for each in one["rules"]]


def test_a_terminal_gets_lines_that_fit(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    lines = cli("rule", "client-ip-lost").out.splitlines()

    assert all(len(each) <= 40 for each in lines if not each.startswith("    "))
    assert "Why: logs, rate limits and allow-lists" in lines


def test_a_pipe_gets_each_paragraph_as_one_line() -> None:
    done = kubelb_gen("rule", "client-ip-lost", environment={"COLUMNS": "30"})
    paragraphs = done.out.split("\n\n")

    assert 0 == done.code
    assert all(
        "\n" not in each.strip() for each in paragraphs if not each.startswith("    ")
    )
