"""Files whose texts are fetched when somebody asks, and not before."""

import pickle
from pathlib import Path

import pytest

from kubelb_gen.artifacts import Artifact, Artifacts, Kept, files_json, yaml_stream
from kubelb_gen.errors import RenderError
from tests.support.trees import on_disk, tree, wholly

TEXTS = {"a/x.yaml": "one\n", "a/y.yaml": "two\n", "b/é.yaml": "drei\n"}
READY = tree(TEXTS)


class Store:
    """A place that texts are fetched from."""

    def __init__(self) -> None:
        self.fetched: list[str] = []

    def fetch(self, kept: Kept) -> str:
        self.fetched.append(kept.path)
        return TEXTS[kept.path]

    def artifacts(self) -> Artifacts:
        kept = (
            Kept(each.path, each.kind, each.role, each.cluster, each.sha256, self.fetch)
            for each in READY.values()
        )
        return Artifacts(kept, spec=READY.spec)


def test_of_a_tree_that_stands_no_text_is_fetched(tmp_path: Path) -> None:
    READY.write(tmp_path)
    store = Store()
    report = store.artifacts().write(tmp_path)
    is_same = store.artifacts().compare(tmp_path).same

    assert store.fetched == []
    assert report.unchanged == tuple(TEXTS)
    assert is_same


def test_what_is_missing_or_another_is_fetched_and_written(tmp_path: Path) -> None:
    READY.write(tmp_path)
    (tmp_path / "a/x.yaml").unlink()
    (tmp_path / "b/é.yaml").write_text("edited")
    store = Store()
    store.artifacts().write(tmp_path, force=True)

    assert store.fetched == ["a/x.yaml", "b/é.yaml"]
    assert on_disk(tmp_path) == wholly(READY)


def test_a_text_that_is_not_what_was_kept_is_refused_and_nothing_changes(
    tmp_path: Path,
) -> None:
    old = tree({"a/x.yaml": "old\n"})
    old.write(tmp_path)
    wrong = Kept("a/x.yaml", "k", "apply", "c", "0" * 64, lambda _: "anything")
    with pytest.raises(RenderError, match=r"kept of 'a/x\.yaml'"):
        Artifacts([wrong], spec="acme").write(tmp_path)

    assert on_disk(tmp_path) == wholly(old)


def test_a_kept_file_is_the_file_and_is_pickled_as_it() -> None:
    store = Store()
    kept = store.artifacts()

    assert kept == READY
    assert kept.lock.data() == READY.lock.data()
    assert "a/x.yaml" in repr(kept["a/x.yaml"])
    assert store.fetched == []
    other = next(iter(tree({"a/x.yaml": "other\n"}).values()))
    assert kept["a/x.yaml"] != other
    assert kept["a/x.yaml"].__eq__("a/x.yaml") is NotImplemented
    assert {hash(each) for each in kept.values()} == {hash(e) for e in READY.values()}
    again = pickle.loads(pickle.dumps(kept["a/x.yaml"]))  # noqa: S301  ours
    assert type(again) is Artifact
    assert again == kept["a/x.yaml"] == READY["a/x.yaml"]


def test_what_is_printed_is_fetched_once() -> None:
    store = Store()
    kept = store.artifacts()

    assert yaml_stream(kept.values()) == yaml_stream(READY.values())
    assert files_json(kept.values()) == files_json(READY.values())
    assert store.fetched == list(TEXTS)
