"""What a run uses of what others kept, what it keeps, and when it gives up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from kubelb_gen import api
from kubelb_gen.cache import fleet as judging
from kubelb_gen.cache.rendering import render_files
from kubelb_gen.cache.store import LostError
from kubelb_gen.errors import SpecError
from tests.support.leaves import ITSELF, context, document, fleet, leaf, service, texts
from tests.support.watched_store import WatchedStore

if TYPE_CHECKING:
    from pathlib import Path

    from kubelb_gen.cache.rendering import Rendered

Data = dict[str, Any]
Files = dict[str, Data]

COUNT = 6
QUIET: Data = {"clientIP": "ignored", "because": "a test says so"}
NOTHING: Data = {
    "backend": {"kind": "other", "proxyProtocol": "none"},
    "proxyProtocol": "none",
    **QUIET,
}
WARNED: Data = {"sessionAffinity": "ClientIP"}
WORKS: Data = {"workload": {"name": "app", "container": "proxy", "mountPath": "/a"}}


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "LEAST", 2)


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


class Runs:
    """Runs side by side: with one cache, and without any."""

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder)
        self.used = self.kept = 0
        self.told: list[tuple[str, str]] = []

    def __call__(self, files: Files, *, printed: bool = False) -> bool:
        """Render *files*; say whether the cache was asked, and hold it to the truth."""
        store = WatchedStore(self.folder)
        done = render_files(texts(files), store, printed=printed)
        self.used, self.kept = store.used, store.kept
        if done is None:
            return False
        artifacts, report = api.render_and_report(api.from_sources(texts(files)))

        assert dict(artifacts) == dict(done.artifacts)
        assert artifacts.lock == done.artifacts.lock
        assert report.warnings == done.warnings
        self.told = [(each.id, each.at.source) for each in done.warnings if each.at]
        return True


def refused(files: Files) -> bool:
    try:
        api.render_and_report(api.from_sources(texts(files)))
    except SpecError:
        return True
    return False


def test_after_one_edit_one_leaf_is_fresh(runs: Runs) -> None:
    files = fleet(COUNT)
    assert runs(files)
    assert (0, COUNT) == (runs.used, runs.kept)
    assert runs(files)
    assert (COUNT, 0) == (runs.used, runs.kept)
    files["s003.json"] = leaf(service("app-3", 30777))
    assert runs(files)
    assert (COUNT - 1, 1) == (runs.used, runs.kept)
    assert runs(files, printed=True)
    assert (COUNT, 0) == (runs.used, runs.kept)


def test_a_leaf_is_known_by_what_it_says(runs: Runs) -> None:
    files = fleet(COUNT)
    runs(files)
    files["moved.json"] = files.pop("s003.json")
    assert runs(files)
    assert (COUNT, 0) == (runs.used, runs.kept)


def test_one_that_came_back_is_known(runs: Runs) -> None:
    files = fleet(COUNT)
    runs(files)
    gone = files.pop("s003.json")
    assert runs(files)
    assert (COUNT - 1, 0) == (runs.used, runs.kept)
    assert runs(files | {"s003.json": gone})
    assert (COUNT, 0) == (runs.used, runs.kept)


def test_another_context_makes_all_fresh(runs: Runs) -> None:
    files = fleet(COUNT)
    runs(files)
    files["base.json"] = context({"egressCIDRs": ["10.3.0.0/16"]})
    assert runs(files)
    assert (0, COUNT) == (runs.used, runs.kept)


def test_a_bootstrap_is_of_its_context(runs: Runs) -> None:
    files = fleet(COUNT)
    runs(files)
    for number in (9902, 9903):
        files["base.json"] = context({"envoy": {"adminPort": number}})
        assert runs(files)
        assert runs(files)


def test_defaults_of_a_document_are_the_leaf_s_own(runs: Runs) -> None:
    files = fleet(COUNT)
    runs(files)
    local = {"externalTrafficPolicy": "Local"}
    files["s003.json"] = leaf(service("app-3", 30003), defaults=local)
    assert runs(files)
    assert (COUNT - 1, 1) == (runs.used, runs.kept)


def test_what_is_warned_of_is_told_in_each_run(runs: Runs) -> None:
    files = fleet(COUNT) | {"s003.json": leaf(service("app-3", 30003, **WARNED))}
    for used in (0, COUNT - 1, COUNT - 1):
        assert runs(files)
        assert [("affinity-not-followed", "s003.json")] == runs.told
        assert used == runs.used


@pytest.mark.parametrize("given", ["profile", "defaults"])
def test_a_warning_that_stands_in_the_context_is_told_in_each_run(
    runs: Runs, given: str
) -> None:
    wide: Data = {
        "backend": {"kind": "nginx", "mode": "stream", "upstream": "127.0.0.1:80"}
    }
    wide["backend"] |= {"trustedCIDRs": ["10.0.0.0/8", "8.0.0.0/8"]}
    files = fleet(COUNT)
    files["base.json"] = context(profiles={"wide": wide})
    own = service("app-3", 30003)
    del own["backend"]
    if given == "profile":
        files["s003.json"] = leaf(own | {"profile": "wide"})
    else:
        files["s003.json"] = leaf(own, defaults=wide)
    assert runs(files)
    first = runs.told
    assert first
    for _ in range(2):
        assert runs(files)
        assert first == runs.told
        assert COUNT - 1 == runs.used


def test_a_tenant_s_finding_stands_in_the_leaf_that_names_it_first(runs: Runs) -> None:
    files = fleet(COUNT)
    unknown = ITSELF | {"internalCIDRs": "unknown"}
    files["zz.json"] = files.pop("base.json")
    files["zz.json"]["spec"]["tenants"] = [unknown]
    for each in range(COUNT):
        own = service(f"app-{each}", 30000 + each, **NOTHING)
        files[f"s{each:03}.json"] = leaf(own)
    for _ in range(2):
        assert runs(files)
        assert [("unknown-fact", "s000.json")] == runs.told
    assert COUNT - 1 == runs.used
    # One that is known comes first now.
    files["first.json"] = files.pop("s003.json")
    assert runs(files)
    assert [("unknown-fact", "first.json")] == runs.told


CLAIMS = {
    "a name": service("app-3", 30777),
    "a nodePort": service("new", 30003),
    "a port of Envoy": service(
        "new", 30777, ports=[{"port": 1, "nodePort": 30777, "envoyPort": 30003}]
    ),
}


@pytest.mark.parametrize("what", CLAIMS)
def test_what_a_known_leaf_has_is_taken(runs: Runs, what: str) -> None:
    files = fleet(COUNT)
    runs(files)
    files["t.json"] = leaf(CLAIMS[what])
    assert refused(files)
    assert not runs(files)


def test_the_same_leaf_twice_is_no_known_one(runs: Runs) -> None:
    files = fleet(COUNT)
    runs(files)
    files["t.json"] = files["s003.json"]
    assert refused(files)
    assert not runs(files)


def test_what_a_known_leaf_names_is_taken(runs: Runs) -> None:
    plain = [{"name": "m", "port": 5000, "nodePort": 30777, "plain": {"port": 6000}}]
    files = fleet(COUNT) | {"t.json": leaf(service("web", 30777, ports=plain))}
    runs(files)
    files["u.json"] = leaf(service("web-plain", 30778))
    assert refused(files)
    assert not runs(files)


def test_leaves_that_share_a_workload_are_rendered_together(runs: Runs) -> None:
    files = fleet(COUNT)
    for each in (0, 1):
        own = service(f"app-{each}", 30000 + each)
        own["backend"] = own["backend"] | WORKS
        own["backend"]["workload"] = WORKS["workload"] | {"mountPath": f"/m{each}"}
        files[f"s{each:03}.json"] = leaf(own)
        assert (each == 0) == runs(files)


def test_a_list_of_annotations_is_that_of_all_leaves(runs: Runs) -> None:
    files = fleet(COUNT)
    files["base.json"] = context({"loadBalancer": {"provider": "aws-elb-classic"}})
    for each in range(COUNT):
        own = service(f"app-{each}", 30000 + each, **NOTHING)
        files[f"s{each:03}.json"] = leaf(own)
    runs(files)
    first = files["s003.json"]
    # Its annotation has to be let through, for the Services of all other leaves, too.
    files["s003.json"] = leaf(service("app-3", 30003))
    for there in (files, files | {"s003.json": first}):
        assert runs(there)
        assert (0, COUNT) == (runs.used, runs.kept)
        assert runs(there)
        assert (COUNT, 0) == (runs.used, runs.kept)


def test_a_suppression_may_name_a_service_of_a_known_leaf(runs: Runs) -> None:
    files = fleet(COUNT) | {"s003.json": leaf(service("app-3", 30003, **WARNED))}
    accepted = {"rule": "affinity-not-followed", "tenant": "primary", "reason": "test"}
    files["base.json"] = context(suppress=[accepted | {"service": "app-3"}])
    for used in (0, COUNT):
        assert runs(files)
        assert [] == runs.told
        assert used == runs.used


def test_a_leaf_that_others_use_is_the_context(runs: Runs) -> None:
    files = fleet(COUNT)
    runs(files)
    before = files["s003.json"]
    files["s003.json"] = leaf(service("app-3", 30003), profiles={"quiet": QUIET})
    assert runs(files)
    assert (0, COUNT - 1) == (runs.used, runs.kept)
    assert runs(files | {"s003.json": before})
    assert (0, COUNT) == (runs.used, runs.kept)


def test_owners_files_are_leaves_each_of_a_tenant(runs: Runs) -> None:
    names = [f"team-{number}" for number in range(COUNT)]
    listed: Data = context()
    listed["kind"], listed["spec"]["tenants"] = (
        "ManagementSpec",
        [{"name": each} for each in names],
    )
    files = {"base.json": listed}
    for each in names:
        own = ITSELF | {"name": each, "services": [service("app", 30001)]}
        files[f"{each}.json"] = document({"tenants": [own]}, "TenantSpec")
    assert runs(files)
    assert (0, COUNT) == (runs.used, runs.kept)
    assert runs(files)
    assert (COUNT, 0) == (runs.used, runs.kept)
    files["more.json"] = document(
        {"tenants": [{"name": "team-3", "services": [service("new", 30002)]}]},
        "TenantSpec",
    )
    assert runs(files)
    # What is said of that tenant in one file is used by the other now.
    assert (0, COUNT) == (runs.used, runs.kept)


def test_a_text_that_is_lost_is_asked_for_once(runs: Runs, tmp_path: Path) -> None:
    files = fleet(COUNT)
    runs(files)
    (tmp_path / "texts").unlink()
    with pytest.raises(LostError):
        rendered(files, tmp_path, printed=True)
    assert runs(files, printed=True)
    assert (0, COUNT) == (runs.used, runs.kept)


def rendered(files: Files, folder: Path, *, printed: bool) -> Rendered | None:
    return render_files(texts(files), WatchedStore(str(folder)), printed=printed)
