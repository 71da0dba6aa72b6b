"""How a diagnostic looks; the drawings are those of the design."""

from __future__ import annotations

import pytest

from kubelb_gen.diagnostics import DataPath, Diagnostic, Location, Severity
from kubelb_gen.report.text import draw, draw_all


def located(text: str, column: int, width: int = 4, line: int = 31) -> Diagnostic:
    return Diagnostic(
        id="port-in-use",
        severity=Severity.ERROR,
        message="port 5000/TCP is used twice",
        location=Location(
            source="acme.yaml", line=line, column=column, width=width, text=text
        ),
    )


def lines(diagnostic: Diagnostic) -> list[str]:
    return draw(diagnostic).splitlines()[3:5]


def test_a_diagnostic_is_drawn_as_in_the_design() -> None:
    at = DataPath("acme.yaml") / "spec" / "tenants" / 0 / "services" / 0
    drawn = draw(
        Diagnostic(
            id="port-in-use",
            severity=Severity.ERROR,
            message="port 5000/TCP is used twice by service 'my-tcp-service'",
            at=at / "ports" / 1 / "port",
            label="first used on line 30",
            hint="give the second port its own number",
            location=Location(
                source="acme.yaml",
                line=31,
                column=22,
                width=4,
                text="            - {port: 5000, targetPort: 5001}",
            ),
        )
    )

    assert (
        """\
error[port-in-use]: port 5000/TCP is used twice by service 'my-tcp-service'
  --> acme.yaml:31:22  at spec.tenants[0].services[0].ports[1].port
   |
31 |             - {port: 5000, targetPort: 5001}
   |                      ^^^^ first used on line 30
   = hint: give the second port its own number
"""
        == drawn
    )


def test_a_line_number_of_one_digit_keeps_the_gutter_and_four_digits_widen_it() -> None:
    assert [" 9 | a", "   | ^"] == lines(located("a", 1, 1, line=9))
    assert ["1234 | a", "     | ^"] == lines(located("a", 1, 1, line=1234))


def test_without_text_the_path_is_told() -> None:
    diagnostic = Diagnostic(
        id="x",
        severity=Severity.WARNING,
        message="m",
        at=DataPath("<data>") / "spec",
        label="first defined at spec.a",
    )

    assert (
        "warning[x]: m\n  --> <data>  at spec\n   = first defined at spec.a\n"
        == draw(diagnostic)
    )


def test_without_a_place_only_the_message_is_told() -> None:
    assert "error[x]: m\n" == draw(
        Diagnostic(id="x", severity=Severity.ERROR, message="m")
    )


@pytest.mark.parametrize(
    ("shown", "text", "column", "width"),
    [
        (["31 |     a: b", "   |        ^"], "\ta: b", 5, 1),
        (["31 | 日本: x", "   |       ^"], "日本: x", 5, 1),
        (["31 | 日本", "   | ^^^^"], "日本", 1, 2),
        (["31 | e\u0301: x", "   |    ^"], "e\u0301: x", 5, 1),
        (["31 | a\\x1b[31m", "   |  ^^^^"], "a\x1b[31m", 2, 1),
        (["31 | a\\u202eb", "   |        ^"], "a\u202eb", 3, 1),
        (["31 |", "   | ^"], "", 1, 1),
        (["31 | a", "   |  ^"], "a", 2, 9),
    ],
)
def test_the_caret_stands_under_what_is_shown(
    shown: list[str], text: str, column: int, width: int
) -> None:
    assert shown == lines(located(text, column, width))


def test_a_long_line_is_cut_around_the_caret() -> None:
    text, caret = lines(located("a" * 5000 + "BAD" + "c" * 5000, 5001, 3))

    assert len(text) < 140
    assert "..." + "a" * 40 + "BAD" in text
    assert text.endswith("c...")
    assert text.index("BAD") == caret.index("^^^")


def test_a_long_value_does_not_draw_a_long_caret() -> None:
    text, caret = lines(located("a: " + "x" * 100_000, 4, 100_000))

    assert len(text) < 140
    assert len(caret) < 140


def test_text_of_the_user_cannot_move_the_terminal() -> None:
    drawn = draw(
        Diagnostic(
            id="x",
            severity=Severity.ERROR,
            message="'\x1b[2J' is not a name",
            at=DataPath("a\nb.yaml") / "k\r",
            hint="\x07",
        )
    )

    assert "\x1b" not in drawn
    assert ["error[x]: '\\x1b[2J' is not a name", "  --> a\\nb.yaml  at ['k\\r']"] == (
        drawn.splitlines()[:2]
    )


def test_color_is_asked_for() -> None:
    assert "\x1b[1;31merror[port-in-use]\x1b[0m: " in draw(located("a", 1), color=True)
    assert "\x1b" not in draw(located("a", 1))


def test_a_run_is_drawn_file_by_file_from_top_to_bottom() -> None:
    drawn = draw_all([located("b", 1, line=9), located("a", 1, line=2)])

    assert drawn.index(":2:1") < drawn.index("\n\nerror") < drawn.index(":9:1")
