"""Fuzzing that is guided by coverage, where atheris (libFuzzer) is installed.

    python -m tests.hostile.guided -runs=100000 -max_len=2048 FOLDER

FOLDER gets every input that reached something new; the corpus is the seed.  What fails
is written to a file by libFuzzer, and belongs into the corpus.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
_LARGEST_SEED = 2048


def main() -> None:
    """Run libFuzzer with the arguments of the command line."""
    # Imported here, since tests are collected where it is not installed.
    import atheris  # noqa: PLC0415

    with atheris.instrument_imports(include=["kubelb_gen", "ruamel"]):
        from tests.hostile import targets  # noqa: PLC0415
        from tests.hostile.inputs import Input  # noqa: PLC0415

    folder = Path(tempfile.mkdtemp(prefix="guided-"))
    (folder / "valid.yaml").write_bytes(b"")
    seeds = folder / "seeds"
    seeds.mkdir()
    for path in CORPUS.glob("*/*"):
        if path.stat().st_size <= _LARGEST_SEED:
            (seeds / f"{path.parent.name}-{path.name}").write_bytes(path.read_bytes())

    # Whole commands write files, which is slow, and theirs are the texts of others.
    targets.commands_one_in = sys.maxsize

    def one(content: bytes) -> None:
        kind, text = ("lock", content[1:]) if content[:1] == b"L" else ("spec", content)
        targets.feed(Input(kind, text), folder)

    atheris.Setup([*sys.argv, str(seeds)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
