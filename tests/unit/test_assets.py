from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kubelb_gen import assets

if TYPE_CHECKING:
    from pathlib import Path


def test_in_a_checkout_assets_are_one_level_up(repository: Path) -> None:
    assert repository / "templates" == assets.template_root()


def test_in_a_wheel_assets_are_beside_the_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "a.json").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(assets, "_HERE", tmp_path)

    assert tmp_path / "templates" == assets.template_root()
    assert assets.schema_text("a.json") == "{}"


def test_a_schema_that_is_not_there_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        assets.schema_text("absent.json")
