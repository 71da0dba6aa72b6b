"""The comment of a pull request: small, sticky, silent where nothing changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import kubelb_gen
from kubelb_gen.report.diff_markdown import LIMIT, diff_markdown
from kubelb_gen.report.diff_text import diff_text
from tests.support.wishes import NGINX, PREFERRED, document, service

if TYPE_CHECKING:
    from pathlib import Path

WEB = {"backend": NGINX, "nodePort": 30500}


def fleet(*services: Any, **facts: Any) -> kubelb_gen.Fleet:  # noqa: ANN401
    return kubelb_gen.from_data(document(tenant={"services": [*services]}, **facts))


def many(number: int, **fields: Any) -> kubelb_gen.Fleet:  # noqa: ANN401
    listed = []
    for index in range(number):
        port = WEB | {"nodePort": 30000 + index}
        listed.append({**service(port), "name": f"web-{index:03}", **fields})
    return fleet(*listed)


def test_a_comment_begins_with_its_marker_and_nothing_makes_none() -> None:
    old = fleet(service(WEB))
    new = fleet({**service(WEB), "externalTrafficPolicy": "Cluster"})
    changes = kubelb_gen.diff(old, new)
    marker = f"<!-- kubelb-gen:{new.name} -->\n"

    assert diff_markdown(changes).startswith(marker)
    assert diff_markdown(changes, name="x-->y").startswith("<!-- kubelb-gen:x_-_y -->")
    assert "" == diff_markdown(kubelb_gen.diff(old, old))


def test_a_comment_about_many_services_stays_below_the_limit_and_says_so() -> None:
    old, new = many(120), many(120, externalTrafficPolicy="Cluster")
    comment = diff_markdown(kubelb_gen.diff(old, new))

    assert 0.8 * LIMIT < len(comment) <= LIMIT
    assert comment.count("<details>") == comment.count("</details>")
    assert 0 == comment.count("```") % 2
    assert "Left out here: " in comment
    assert "more files. All of it: `kubelb-gen diff old new`" in comment
    # What happens to all of them is told once.
    assert 1 == comment.count("\n| primary: ")
    assert "and 117 more" in comment


def test_only_so_many_different_rows_are_shown() -> None:
    listed = [
        {**service(WEB | {"nodePort": 30000 + n}), "name": f"w{n}-{'x' * 40}"}
        for n in range(60)
    ]
    changes = kubelb_gen.diff(fleet(*listed), fleet(listed[0]))

    assert len(diff_markdown(changes)) <= LIMIT


def test_names_of_users_are_no_markup() -> None:
    old = fleet(service(WEB))
    hostile = "a`b | <script> @team"
    new = fleet({**service(WEB), "annotations": {"example.com/x": hostile}})
    comment = diff_markdown(kubelb_gen.diff(old, new, names=("old", hostile)))
    outside = "".join(comment.split("```")[::2])

    assert "<script>" not in outside.replace("`` a`b | <script> @team", "")
    assert "@team" not in outside


@pytest.mark.parametrize("width", [3, 5])
def test_a_fence_is_longer_than_any_in_what_it_holds(width: int) -> None:
    ticks = "`" * width
    old = fleet(service(WEB))
    new = fleet({**service(WEB), "annotations": {"example.com/x": ticks}})

    assert f"\n{ticks}`diff\n" in diff_markdown(kubelb_gen.diff(old, new))


def test_text_escapes_what_could_move_a_terminal() -> None:
    old = fleet(service(WEB))
    new = fleet({**service(WEB), "annotations": {"example.com/x": "\u202eab"}})
    shown = diff_text(kubelb_gen.diff(old, new))

    assert "\u202e" not in shown
    assert "\\u202eab" in shown


def test_no_steps_are_promised_where_rollout_would_refuse() -> None:
    pinned = {**service(WEB), "externalTrafficPolicy": "Cluster"}
    changes = kubelb_gen.diff(fleet(service(WEB)), fleet(pinned))

    assert "each a change of its own, once the new spec has no error." in (
        diff_markdown(changes)
    )
    assert "rollout old new, once the new spec has no error\n" in diff_text(changes)


def test_rendered_files_are_no_specs_to_roll_out(tmp_path: Path) -> None:
    bare = service(WEB, proxyProtocol="none", **PREFERRED)
    kubelb_gen.render(fleet(bare)).write(tmp_path)
    changes = kubelb_gen.diff(tmp_path, fleet(service(WEB)))

    assert "the steps: kubelb-gen rollout, asked with both specs\n" in diff_text(
        changes
    )


def test_what_the_program_behind_the_backend_learns_is_part_of_the_meaning() -> None:
    by_header = {**NGINX, "mode": "http"}
    old = fleet(service(WEB | {"backend": {**NGINX, "mode": "stream"}}))
    changes = kubelb_gen.diff(old, fleet(service(WEB | {"backend": by_header})))
    sentence = (
        "the program behind it learns that address by a header; now it sees the "
        "backend's own address"
    )

    assert sentence in diff_markdown(changes)
    assert sentence in diff_text(changes)
    assert "meaning changes" in diff_text(changes).splitlines()[0]
