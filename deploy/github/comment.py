"""Keeps one comment of a pull request up to date, found by its hidden marker.

An empty difference takes the comment away.  The standard library alone, and no other
address than that of the API that the runner names.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_PER_PAGE = 100
_MOST_PAGES = 50
_FORBIDDEN = 403


def main() -> int:
    """Write, replace or remove the comment, and return an exit code."""
    body = Path(os.environ["DIFF"]).read_text("utf-8")
    try:
        _update(body, f"<!-- kubelb-gen:{os.environ['NAME']} -->")
    except urllib.error.HTTPError as error:
        if error.code != _FORBIDDEN:
            raise
        # The token of a pull request from a fork may only read.
        _say("::warning title=kubelb-gen::the token may not comment: see the summary")
    return 0


def _update(body: str, marker: str) -> None:
    repository = f"/repos/{os.environ['GITHUB_REPOSITORY']}"
    thread = f"{repository}/issues/{int(os.environ['NUMBER'])}/comments"
    known = next((each for each in _comments(thread) if _is_ours(each, marker)), None)
    if known is None:
        if body:
            _ask("POST", thread, {"body": body})
        return
    comment = f"{repository}/issues/comments/{known['id']}"
    if not body:
        _ask("DELETE", comment)
    elif known["body"] != body:
        _ask("PATCH", comment, {"body": body})


def _comments(thread: str) -> Iterator[dict[str, Any]]:
    for page in range(1, _MOST_PAGES + 1):
        found = _ask("GET", f"{thread}?per_page={_PER_PAGE}&page={page}")
        yield from found
        if len(found) < _PER_PAGE:
            return


def _is_ours(comment: dict[str, Any], marker: str) -> bool:
    """Tell a comment that a bot began with *marker*; anybody could copy that."""
    is_bot = comment["user"]["type"] == "Bot"
    return is_bot and str(comment["body"]).startswith(marker)


def _ask(method: str, path: str, data: dict[str, str] | None = None) -> Any:  # noqa: ANN401
    request = urllib.request.Request(  # noqa: S310  the runner names the address
        os.environ["GITHUB_API_URL"] + path,
        method=method,
        data=None if data is None else json.dumps(data).encode(),
        headers={
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {os.environ['TOKEN']}",
            "Content-Type": "application/json",
            "X-GitHub-Api-Version": "2022-11-28",
        },
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        text = answer.read()
    return json.loads(text) if text else None


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    raise SystemExit(main())
