"""With what earlier runs kept, a fleet of many files renders to what it is without.

A run says the same of a fleet whatever the runs before it have seen: other texts of its
files, fewer of them, more of them, under other names.
"""

from __future__ import annotations

from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, event, given, settings, target
from hypothesis import strategies as st

from kubelb_gen import api
from kubelb_gen.cache import fleet
from kubelb_gen.cache.rendering import render_files
from kubelb_gen.errors import SpecError
from tests.support.files import Edit, Files, edited, edits, estates, sources, splits
from tests.support.watched_store import WatchedStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubelb_gen.artifacts import Artifacts
    from kubelb_gen.diagnostics import Diagnostic
    from kubelb_gen.document import Source

pytestmark = pytest.mark.property


@pytest.fixture(autouse=True)
def _every_fleet_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet, "LEAST", 1)


def outcome(files: Artifacts, warnings: Sequence[Diagnostic]) -> object:
    texts = {path: (each.text, each.role, each.kind) for path, each in files.items()}
    return list(texts), texts, files.lock.data(), warnings


def without(texts: Sequence[Source]) -> object:
    try:
        artifacts, report = api.render_and_report(api.from_sources(texts))
    except SpecError as error:
        return error.diagnostics
    return outcome(artifacts, report.warnings)


def with_cache(
    texts: Sequence[Source], store: WatchedStore, *, printed: bool
) -> object:
    done = render_files(texts, store, printed=printed)
    return done and outcome(done.artifacts, done.warnings)


@given(
    estates().flatmap(splits),
    st.lists(edits, max_size=3),
    st.sampled_from(["\n", "\n", "\r\n"]),
    st.booleans(),
)
@settings(deadline=None, suppress_health_check=[*HealthCheck])
def test_every_run_says_what_it_would_say_without(
    files: Files, changes: list[Edit], end: str, printed: bool
) -> None:
    known = 0
    with TemporaryDirectory() as folder:
        for change in [None, None, *changes]:
            if change is not None:
                files = edited(files, change)
            store = WatchedStore(folder)
            texts = sources(files, end=end)
            found = with_cache(texts, store, printed=printed)
            event(f"{store.used} known" if found else "as without a cache")
            known += store.used
            if found is not None:
                assert found == without(texts)
    target(known)
