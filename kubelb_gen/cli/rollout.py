"""`kubelb-gen rollout`: steps from one spec to another that break no connection."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from kubelb_gen import api
from kubelb_gen.artifacts import LOCK_NAME, Artifact, Artifacts
from kubelb_gen.artifacts.bench import BENCH
from kubelb_gen.cli.sides import places, read
from kubelb_gen.cli.specs import overlay_option
from kubelb_gen.cli.terminal import (
    color_option,
    format_option,
    result,
    say,
    wants_color,
)
from kubelb_gen.errors import OutputError, UsageError
from kubelb_gen.model import Fleet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubelb_gen.cli.sides import Place, State
    from kubelb_gen.rollout import Rollout, Step


@click.command("rollout")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@format_option(
    "text",
    "json",
    "markdown",
    help="Drawn, as JSON with each step's spec, or as a checklist.",
)
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    help="Write each step to DIR/NN-.../: its spec.yaml, and the files of that.",
)
@overlay_option
@click.option("-q", "--quiet", is_flag=True, help="Print nothing; the exit code tells.")
@color_option
def command(**options: Any) -> int:  # noqa: ANN401  click's own
    """Say in which steps OLD becomes NEW so that no connection breaks.

    OLD and NEW are specs: a file, a folder, -, or git:REF or git:REF:PATH.  Receivers
    change before senders where PROXY comes, after them where it goes; where neither
    order is safe, `rollout.strategy` of a service says what stands between, or the
    safest that its program allows is taken.

    Exit code 1 says that no order breaks nothing; the steps are the least bad one.
    """
    if options["output"] == "":
        raise UsageError("-o names no folder")
    old, new = places(options["old"], options["new"])
    states = zip((old, new), read(old, new), strict=True)
    rollout = api.rollout(*(_fleet(*each) for each in states))
    if options["output"] is not None:
        _write(rollout, options["output"])
        if not options["quiet"]:
            steps = "1 step" if len(rollout) == 1 else f"{len(rollout)} steps"
            say(f"{steps} written to {options['output']}")
    if not options["quiet"]:
        result(_shown(rollout, options))
    return 0 if rollout.safe else 1


def _fleet(place: Place, state: State) -> Fleet:
    if not isinstance(state, Fleet):
        raise UsageError(f"{place.shown} is rendered files: a rollout starts at specs")
    return state


def _shown(rollout: Rollout, options: dict[str, Any]) -> str:
    # A command imports the one format that it prints.
    if options["layout"] == "json":
        from kubelb_gen.report.rollout_json import rollout_json  # noqa: PLC0415

        return rollout_json(rollout)
    if options["layout"] == "markdown":
        from kubelb_gen.report.rollout_markdown import (  # noqa: PLC0415
            rollout_markdown,
        )

        return rollout_markdown(rollout)
    from kubelb_gen.report.rollout_text import rollout_text  # noqa: PLC0415

    return rollout_text(rollout, color=wants_color(sys.stdout))


def _write(rollout: Rollout, folder: str) -> None:
    """Write all steps as one tree, so that a write that is cut short is completed."""
    from kubelb_gen.report.rollout_json import rollout_json  # noqa: PLC0415
    from kubelb_gen.report.rollout_markdown import rollout_markdown  # noqa: PLC0415

    _refuse_strangers(folder)
    files = [each for step in rollout for each in _files(step)]
    files.append(_file("README.md", rollout_markdown(rollout)))
    files.append(_file("rollout.json", rollout_json(rollout)))
    Artifacts(files, spec=f"rollout of {rollout.name}").write(folder)


def _files(step: Step) -> Iterator[Artifact]:
    for path, each in step.artifacts.items():
        yield _file(f"{step.name}/{path}", each.text)
    yield _file(f"{step.name}/{LOCK_NAME}", step.artifacts.lock.text())
    yield _file(f"{step.name}/spec.yaml", step.spec)


def _file(path: str, text: str) -> Artifact:
    return Artifact(path=path, kind="rollout", role="file", cluster="all", text=text)


def _refuse_strangers(folder: str) -> None:
    """Refuse a folder that holds something, and nothing that we wrote or began."""
    try:
        names = set(os.listdir(folder))  # noqa: PTH208  names are enough
    except FileNotFoundError:
        return
    except OSError as error:
        raise OutputError(f"cannot read '{folder}': {error.strerror}") from error
    if names and not names & {LOCK_NAME, BENCH}:
        raise OutputError(f"'{folder}' holds files that are no rollout's")
