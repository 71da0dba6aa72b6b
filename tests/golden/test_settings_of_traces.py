"""A setting that a trace names stands in the file that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import kubelb_gen

if TYPE_CHECKING:
    from pathlib import Path

    from kubelb_gen import Artifacts
    from kubelb_gen.trace.path import Setting


def test_what_a_trace_names_is_what_was_rendered(examples: Path) -> None:
    missing = []
    named = 0
    for example in sorted(examples.iterdir()):
        specs = example / "specs"
        fleet = kubelb_gen.load(specs if specs.is_dir() else example / "spec.yaml")
        rendered = kubelb_gen.render(fleet)
        for path in kubelb_gen.trace(fleet):
            for hop in path.hops:
                if hop.setting is not None:
                    named += 1
                    if not _stands(hop.setting, rendered):
                        missing.append(f"{example.name}: {hop.setting}")

    assert [] == missing
    assert named > len(list(examples.iterdir()))


def _stands(setting: Setting, rendered: Artifacts) -> bool:
    if setting.file not in rendered:
        return False
    text = rendered[setting.file].text
    # A nested key is told with dots, annotations have dots of their own.
    key = setting.key if setting.key in text else setting.key.rpartition(".")[2]
    values = setting.value.split(", ")
    return key in text and all(value in text for value in values)
