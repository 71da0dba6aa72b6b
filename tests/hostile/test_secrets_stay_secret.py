"""Values of annotations that look like credentials are told by no comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kubelb_gen.cli.boundary import run
from tests.support.specs import service

if TYPE_CHECKING:
    from pathlib import Path

OLD = {
    "example.com/db-password": "hunter2-of-old",
    "example.com/x": "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "example.com/url": "https://user:p4ssw0rd@host.example/",
    "example.com/shown": "plain-old",
}
NEW = {
    "example.com/db-password": "hunter3-of-new",
    "example.com/x": "ghp_zyxwvutsrqponmlkjihgfedcba9876543210",
    "example.com/url": "https://user:q5ssw1rd@host.example/",
    "example.com/shown": "plain-new",
}
SECRET = ("hunter", "ghp_", "p4ssw0rd", "q5ssw1rd")


def spec(folder: Path, name: str, annotations: dict[str, str]) -> str:
    told = ", ".join(f'"{key}": "{value}"' for key, value in annotations.items())
    text = service(
        more=f"annotations: {{{told}}}",
        tenant="nodes: [10.2.0.21]\ninternalCIDRs: [10.2.0.0/16]",
    )
    path = folder / name
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("layout", ["text", "json", "markdown", "github"])
@pytest.mark.parametrize("command", ["diff", "drift"])
def test_a_comparison_masks_what_looks_like_a_secret(
    command: str, layout: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = spec(tmp_path, "old.yaml", OLD), spec(tmp_path, "new.yaml", NEW)
    other = [new]
    if command == "drift":
        run(["render", new, "--cluster", "primary", "--only", "service"])
        dump = tmp_path / "dump.yaml"
        dump.write_text(capsys.readouterr().out)
        other = ["--tenant", f"primary={dump}"]
    code = run([command, old, *other, "--format", layout])
    told = "".join(capsys.readouterr())

    assert code == 1
    assert "plain-new" in told or layout in {"github", "markdown"}
    assert not [each for each in SECRET if each in told]
