"""Artifacts on standard output: one YAML stream, or one JSON document.

The document's shape is `schemas/render-v1.json`.
"""

import json
from collections.abc import Iterable, Iterator, Sequence

from kubelb_gen.artifacts.artifact import Artifact

_BATCH = 1000


def yaml_stream(artifacts: Iterable[Artifact]) -> str:
    r"""Return the texts of *artifacts* as one stream, each under its path.

    >>> text = "a: 1\n"
    >>> one = Artifact(path="x.yaml", kind="k", role="apply", cluster="c", text=text)
    >>> yaml_stream([one])
    '---\n# Source: x.yaml\na: 1\n'
    """
    return "".join(_document(each) for each in artifacts)


def yaml_batches(artifacts: Sequence[Artifact]) -> Iterator[str]:
    """Yield `yaml_stream` bit by bit, so that it is not in memory as a whole."""
    for start in range(0, len(artifacts), _BATCH):
        yield yaml_stream(artifacts[start : start + _BATCH])


def files_json(artifacts: Iterable[Artifact]) -> str:
    """Return the texts of *artifacts* by path, as version 1 of our JSON."""
    members = json_members(artifacts)
    return "".join(joined_json([members] if members else []))


def json_members(artifacts: Iterable[Artifact]) -> str:
    """Return the lines of `files_json` that are about *artifacts*."""
    encode = json.JSONEncoder(ensure_ascii=False).encode
    return ",\n".join(
        f"    {encode(each.path)}: {encode(each.text)}" for each in artifacts
    )


def joined_json(members: Iterable[str]) -> Iterator[str]:
    """Yield what `files_json` returns, of the texts that `json_members` returned."""
    before, end = (
        '{\n  "version": 1,\n  "files": {\n',
        '{\n  "version": 1,\n  "files": {',
    )
    for each in members:
        yield before
        yield each
        before, end = ",\n", "\n  "
    yield end + "}\n}\n"


def _document(artifact: Artifact) -> str:
    # A text without a last newline would run into the next document's head.
    end = "" if artifact.text.endswith("\n") else "\n"
    # Three dashes are no comment to the readers of configurations in other grammars.
    start = "---\n" if artifact.path.endswith(".yaml") else ""
    return f"{start}# Source: {artifact.path}\n{artifact.text}{end}"
