"""`kubelb-gen probe`: what a running backend does with a PROXY header."""

import json
import math
import sys
from typing import Any

import click

from kubelb_gen.cli.terminal import format_option, result, say
from kubelb_gen.errors import UsageError
from kubelb_gen.probe import (
    MOST_CONNECTIONS,
    Attempt,
    Header,
    Question,
    Report,
    Verdict,
    parse_address,
    parse_name,
    parse_target,
    probe,
    unescape,
)

_SAID = {
    Header.NONE: "without a header",
    Header.V2: "PROXY v2",
    Header.V1: "PROXY v1",
    Header.LOCAL: "PROXY v2, LOCAL",
}


@click.command("probe")
@click.argument("target", metavar="HOST:PORT")
@click.option("--tls", is_flag=True, help="Speak TLS, behind the header.")
@click.option(
    "--server-name",
    metavar="NAME",
    help="Name for TLS and for the Host header; else HOST.",
)
@click.option(
    "--send",
    metavar="TEXT",
    help=r"Send TEXT in place of an HTTP request; knows \r \n \t \0 \\ \xHH.",
)
@click.option(
    "--source-address",
    metavar="IP",
    help="The client that the header names; else 192.0.2.1 or 2001:db8::1.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0.2, 60),
    default=3,
    show_default=True,
    metavar="SECONDS",
    help="For the name, and for each connection.",
)
@click.option(
    "--expect",
    type=click.Choice([str(each) for each in Verdict]),
    help="Exit 1 on any other verdict.",
)
@format_option("text", "json")
@click.option("-q", "--quiet", is_flag=True, help="Do not warn.")
def command(**options: Any) -> int:  # noqa: ANN401  click's own
    """Say whether a backend wants, allows, ignores or refuses a PROXY header.

    Connects to HOST:PORT at most four times: without a header, with version 2, with
    version 1, and with one that names nobody where that tells more.  An IPv6 address
    stands in brackets.  Certificates are not verified.
    """
    question = _question(options)
    if not options["quiet"]:
        say(
            f"warning: up to {MOST_CONNECTIONS} connections, which {question.target} "
            "may log as errors; run this from an address that the backend trusts"
        )
    report = probe(question, _announce)
    result(_as_json(report) if options["layout"] == "json" else _as_text(report))
    expected = options["expect"]
    if expected is None or expected == report.verdict:
        return 0
    say(f"error: expected '{expected}', found '{report.verdict}'")
    return 1


def _question(options: dict[str, Any]) -> Question:
    address, name, text = (
        options["source_address"],
        options["server_name"],
        options["send"],
    )
    if math.isnan(options["timeout"]):
        message = "--timeout takes a number of seconds"
        raise UsageError(message)
    return Question(
        target=parse_target(options["target"]),
        timeout=options["timeout"],
        client=None if address is None else parse_address(address),
        tls=options["tls"],
        name=None if name is None else parse_name(name),
        payload=None if text is None else unescape(text),
    )


def _announce(header: Header) -> None:
    if sys.stderr.isatty():
        say(f"connecting: {_SAID[header]}")


def _as_text(report: Report) -> str:
    lines = [f"{report.question.target}: {report.verdict}: {report.verdict.meaning}"]
    lines += [
        f"  {_SAID[each.header]:<18}{_described(each)}" for each in report.attempts
    ]
    lines += [f"  = note: {each}" for each in report.notes]
    return "\n".join(lines) + "\n"


def _described(attempt: Attempt) -> str:
    if attempt.words is None:
        why = f" ({attempt.failure})" if attempt.failure else ""
        return f"{attempt.outcome}{why}"
    words = attempt.words
    if words.status is not None:
        return f"{attempt.outcome}: HTTP {words.status}"
    protocol = "" if words.protocol == "unknown" else f"{words.protocol}, "
    return f'{attempt.outcome}: {protocol}"{attempt.shown}"'


def _as_json(report: Report) -> str:
    document = {
        "version": 1,
        "target": str(report.question.target),
        "address": report.address,
        "peer": report.peer,
        "client": report.client,
        "tls": report.question.tls,
        "verdict": report.verdict,
        "reads": report.reads,
        "believed": report.believed,
        "attempts": [_attempt(each) for each in report.attempts],
        "notes": report.notes,
    }
    return json.dumps(document, indent=2) + "\n"


def _attempt(attempt: Attempt) -> dict[str, object]:
    words = attempt.words
    return {
        "header": attempt.header,
        "outcome": attempt.outcome,
        "protocol": words.protocol if words else None,
        "status": words.status if words else None,
        "answer": attempt.shown,
        "names": attempt.named,
        "reason": attempt.failure,
    }
