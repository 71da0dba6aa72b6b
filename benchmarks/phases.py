"""Where the time of one rendering goes; run as a program of its own, with a spec.

Prints a line `name<TAB>seconds` for each phase, imports first.
"""

from __future__ import annotations

import sys
import tempfile
import time


class _Clock:
    def __init__(self) -> None:
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        sys.stdout.write(f"{name}\t{now - self._last}\n")
        self._last = time.perf_counter()


def main(spec: str) -> None:
    """Render *spec* step by step."""
    # ruff: noqa: PLC0415, F401  imports are what is measured
    clock = _Clock()
    import click

    clock.lap("import click")
    import kubelb_gen.cli.boundary
    import kubelb_gen.cli.render

    clock.lap("import our command line, model and artifacts")
    import ruamel.yaml

    clock.lap("import ruamel.yaml")
    import jsonschema

    clock.lap("import jsonschema")
    import jinja2

    clock.lap("import jinja2")
    import kubelb_gen.build
    import kubelb_gen.checks
    import kubelb_gen.document
    import kubelb_gen.plan.decide
    import kubelb_gen.render.tree

    clock.lap("import the rest of ours")
    from kubelb_gen.build import build
    from kubelb_gen.checks import run
    from kubelb_gen.document import Sources, parse, read_sources
    from kubelb_gen.plan.decide import make_plan
    from kubelb_gen.render.tree import render_plan
    from kubelb_gen.schema import validate
    from kubelb_gen.trace.meaning import meaning

    texts = read_sources([spec])
    sources = Sources(parse(text) for text in texts)
    clock.lap("read YAML")
    for document in sources.documents:
        validate(document)
    clock.lap("check against the schema")
    fleet = build(sources)
    clock.lap("build the model (checks against the schema again)")
    plan = make_plan(fleet)
    clock.lap("decide")
    run(plan)
    clock.lap("judge by the rules")
    meaning(plan)
    clock.lap("trace, for the lock")
    artifacts = render_plan(plan)
    clock.lap("render, with templates compiled")
    render_plan(plan)
    clock.lap("render again, templates in memory")
    assert artifacts.lock.text()  # noqa: S101  it is made when it is asked for
    clock.lap("hash for the lock")
    with tempfile.TemporaryDirectory() as folder:
        artifacts.write(folder)
        clock.lap("write")


if __name__ == "__main__":
    main(sys.argv[1])
