"""What every test may ask for."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import hypothesis
import pytest

pytest.register_assert_rewrite("tests.support")

from tests.support.golden import Golden  # noqa: E402 - after the rewrite is set

hypothesis.settings.register_profile("quick", max_examples=25, deadline=None)
hypothesis.settings.register_profile(
    "ci",
    max_examples=60,
    deadline=None,
    derandomize=True,  # a submission fails for what it changed, and only for that
    print_blob=True,
)

_UNCOUNTED = {"property", "hostile", "e2e", "pipelines", "conformance", "docs"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write the golden files anew; review the change as code",
    )


def pytest_configure(config: pytest.Config) -> None:
    _use_a_cache_of_our_own(config)
    in_ci = bool(os.environ.get("CI"))
    if in_ci and config.getoption("--update-golden"):
        message = "--update-golden is refused in CI: nobody would review it"
        raise pytest.UsageError(message)
    # A profile that was asked for by name stays.
    if not config.getoption("--hypothesis-profile"):
        hypothesis.settings.load_profile("ci" if in_ci else "quick")


def _use_a_cache_of_our_own(config: pytest.Config) -> None:
    """Keep tests, and programs that they start, off the developer's cache.

    Caches of others are still found, as that of pip.
    """
    known = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    cache = Path(tempfile.mkdtemp(prefix="kubelb-gen-cache-"))
    for each in Path(known).glob("*"):
        if each.name != "kubelb-gen":
            (cache / each.name).symlink_to(each)
    os.environ["XDG_CACHE_HOME"] = str(cache)
    config.add_cleanup(lambda: shutil.rmtree(cache, ignore_errors=True))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Measure coverage by the tests that look at one part each, which are quick.

    Counting lines would double the time of those that run the whole many times.
    """
    for item in items:
        if set(item.path.parts) & _UNCOUNTED:
            item.add_marker("no_cover")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    return Golden(update=bool(request.config.getoption("--update-golden")))


@pytest.fixture(scope="session")
def repository() -> Path:
    """The checkout's root folder."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def examples(repository: Path) -> Path:
    """The folder that holds one folder for each example."""
    return repository / "examples"
