"""Of a leaf that something is to be said of, nothing is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from kubelb_gen.cache import fleet as judging
from kubelb_gen.cache.fleet import judge
from kubelb_gen.cache.spotless import spotless
from kubelb_gen.diagnostics import DataPath, Diagnostic, Severity
from kubelb_gen.document import parse
from tests.support.leaves import fleet, leaf, service, texts
from tests.support.watched_store import WatchedStore

if TYPE_CHECKING:
    from pathlib import Path

    from kubelb_gen.cache.fleet import Judged

COUNT = 4
EVERY = [f"s{number:03}.json" for number in range(COUNT)]


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "LEAST", 2)


def judged(folder: Path, **more: Any) -> Judged:  # noqa: ANN401
    files = fleet(COUNT) | {"s001.json": leaf(service("app-1", 30001) | more)}
    found = judge(texts(files), WatchedStore(str(folder)), parse)
    assert found is not None
    return found


def kept(given: Judged) -> list[str]:
    clean = spotless(given)
    return [each.file.source.name for each in given.fresh if each.file.digest in clean]


def warned(given: Judged, *found: Diagnostic) -> Judged:
    """The same, where building it led to *found*."""
    fleet = replace(given.plan.fleet, warnings=found)
    return given._replace(plan=replace(given.plan, fleet=fleet), warnings=found)


def finding(source: str | None, severity: Severity = Severity.WARNING) -> Diagnostic:
    at = None if source is None else DataPath(source)
    return Diagnostic(id="odd", severity=severity, message="it is odd", at=at)


def test_without_a_word_all_are_kept(tmp_path: Path) -> None:
    assert EVERY == kept(judged(tmp_path))


@pytest.mark.parametrize(
    "more",
    [
        {"sessionAffinity": "ClientIP"},
        {"ports": [{"name": "main", "port": 5000, "nodePort": 29999}]},
    ],
    ids=["found by a rule", "found while it was built"],
)
def test_who_is_warned_of_is_not(tmp_path: Path, more: dict[str, Any]) -> None:
    given = judged(tmp_path, **more)

    assert 1 == len(given.warnings)
    assert [each for each in EVERY if each != "s001.json"] == kept(given)


@pytest.mark.parametrize("place", ["base.json", None])
def test_of_a_word_that_nobody_owes_nothing_is_kept(
    tmp_path: Path, place: str | None
) -> None:
    given = judged(tmp_path)

    assert [] == kept(warned(given, finding(place)))


def test_a_note_is_no_word(tmp_path: Path) -> None:
    given = judged(tmp_path, sessionAffinity="ClientIP")
    (said,) = given.warnings
    also = finding("base.json", Severity.INFO)
    fleet = replace(given.plan.fleet, warnings=(also,))
    plan = replace(given.plan, fleet=fleet)

    assert [each for each in EVERY if each != "s001.json"] == kept(
        given._replace(plan=plan, warnings=(said,))
    )
