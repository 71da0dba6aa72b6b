"""What `render -o` does with the files of a fleet: it writes or compares them."""

import shlex
from typing import Any

from kubelb_gen.artifacts import Artifacts
from kubelb_gen.cli.specs import given_overlays
from kubelb_gen.cli.terminal import result, say, stage

# To read fewer again takes no time; to read more behind a write, so that they can be
# remembered, takes longer than the next run is likely to gain.
_MANY_ARTIFACTS, _MOST_ARTIFACTS = 500, 30_000


def keep(artifacts: Artifacts, options: dict[str, Any]) -> int:
    """Write or compare *artifacts*, as *options* of `render` say; return the code."""
    return (_check if options["check"] else _write)(artifacts, options)


def _memory(artifacts: Artifacts, options: dict[str, Any]) -> str | None:
    if options["no_cache"] or not _MANY_ARTIFACTS <= len(artifacts) <= _MOST_ARTIFACTS:
        return None
    from kubelb_gen.cache.place import tree_memory  # noqa: PLC0415  for large trees

    return tree_memory(options["output"])


def _check(artifacts: Artifacts, options: dict[str, Any]) -> int:
    directory = options["output"]
    stage(f"comparing {len(artifacts):,} files with {directory}")
    compared = artifacts.compare(directory)
    if compared.same:
        return 0
    for word, paths in (
        ("missing", compared.missing),
        ("different", compared.different),
        ("stale", compared.stale),
    ):
        result("".join(f"{word}: {path}\n" for path in paths))
    if not options["quiet"]:
        laid = [word for each in given_overlays() for word in ("--overlay", each)]
        named = [*options["specs"], *laid]
        again = shlex.join(["kubelb-gen", "render", *named, "-o", directory])
        say(f"{directory} is not what would be rendered: run `{again}`")
    return 1


def _write(artifacts: Artifacts, options: dict[str, Any]) -> int:
    stage(f"writing {len(artifacts):,} files to {options['output']}")
    report = artifacts.write(
        options["output"],
        force=options["force"],
        memory=_memory(artifacts, options),
    )
    if not options["quiet"]:
        say(
            f"{options['output']}: {len(report.written)} written, "
            f"{len(report.unchanged)} unchanged, {len(report.removed)} removed"
        )
    return 0
