"""What is printed, made in several places, and put together by paths alone.

A run is the files of one folder that no two places share, since each has tenants of its
own.  Runs sort like the files in them.
"""

from collections.abc import Iterable
from itertools import groupby

from kubelb_gen.artifacts.artifact import Artifact


def runs(artifacts: Iterable[Artifact]) -> dict[str, list[Artifact]]:
    """Return *artifacts*, in order of their paths, by the names of their runs."""
    return {name: [*some] for name, some in groupby(artifacts, key=_run_of)}


def _run_of(artifact: Artifact) -> str:
    """Return the second folder: each tenant has its own, but for management's."""
    top, _, below = artifact.path.partition("/")
    folder, slash, _ = below.partition("/")
    # Which tenants' files are in management's folders is in their names.
    return artifact.path if top == "management" or not slash else f"{top}/{folder}/"
