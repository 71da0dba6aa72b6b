"""What fills a shape is what its template would have made of the same values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelb_gen import assets
from kubelb_gen.build import build
from kubelb_gen.checks import run
from kubelb_gen.document import Sources, plain
from kubelb_gen.errors import RenderError
from kubelb_gen.plan.decide import make_plan
from kubelb_gen.render import engine, shapes, tree
from kubelb_gen.render.shapes import Shapes, filling
from tests.support.random_specs import specs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

pytestmark = pytest.mark.property

DIRECT = jinja2.Environment(  # noqa: S701  no HTML
    loader=jinja2.FileSystemLoader(assets.template_root()), **engine.OPTIONS
)
DIRECT.filters.update(engine.FILTERS)
TEXTS = st.sampled_from(["", "a", "b-c", "no", "1", 'say "x"', "a b"])
CONTEXTS = st.fixed_dictionaries(
    {
        "text": TEXTS,
        "number": st.sampled_from([0, 1, 80]),
        "flag": st.sampled_from([True, False, None, 1.0]),
        "pairs": st.lists(st.tuples(TEXTS, TEXTS), max_size=2).map(tuple),
        "inner": st.none() | st.fixed_dictionaries({"word": TEXTS}),
        "either": TEXTS | st.lists(TEXTS, max_size=2),
    }
)
TEMPLATE = """\
{{ text | yaml }}: {{ number | yaml }}{% if text %} full{% endif %}
{% if flag %}flag {{ flag | yaml }}{% endif %}
{% for key, value in pairs %}{{ loop.index }} {{ key | quoted }}={{ value | yaml }}
{% endfor %}
{% if inner %}{{ inner.word | quoted }}{% if inner.word == "a" %} is a{% endif %}
{% endif %}
{{ (text ~ "_x") | quoted }} {{ either | length }} {{ text | block(2) }}
"""


@pytest.fixture(scope="module", autouse=True)
def _stencils_are_cut_at_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shapes, "_OFTEN", 0)
        yield


def laid_out(template: str) -> tuple[Any, Shapes]:
    plainly, shaped = jinja2.Environment(), jinja2.Environment()  # noqa: S701  no HTML
    for name in ("yaml", "quoted", "block"):
        plainly.filters[name] = engine.FILTERS[name]
        shaped.filters[name] = filling(engine.FILTERS[name])
    return (
        plainly.from_string(template).render,
        Shapes(shaped.from_string(template).render),
    )


def written_directly(template: str, context: Mapping[str, object]) -> str:
    return DIRECT.get_template(template).render(context)


@given(st.lists(CONTEXTS, min_size=1, max_size=12))
def test_whatever_a_template_asks_of_its_values(contexts: list[dict[str, Any]]) -> None:
    direct, shaped = laid_out(TEMPLATE)
    # Each shape is laid out with holes the second time, and filled the third; from the
    # fourth on by a function of its own.
    for context in contexts * 5:
        assert direct(context) == shaped.lay_out(context)


@pytest.mark.parametrize(
    "other", ["", 0, 7, None, True, 1.0, (), ("a",), ["a"], {}, {"a": "b"}, {"b": "b"}]
)
@pytest.mark.parametrize("often", ["a", 1, True, {"a": "b"}])
def test_a_function_of_one_shape_leaves_others_alone(
    often: object, other: object
) -> None:
    direct, shaped = laid_out("{{ it | quoted if it else 'none' }}")
    for value in [often] * 5 + [other]:
        context = {"it": value, "list": [{"it": value}, value]}

        assert direct(context) == shaped.lay_out(context)


def test_a_shape_is_filled_from_the_third_time_on() -> None:
    asked = []

    def lay_out(context: Any) -> str:  # noqa: ANN401 - a context
        asked.append(context)
        return "x\n"

    shaped = Shapes(lay_out)
    for name in "abcd":
        shaped.lay_out({"name": name, "list": [name]})

    # Twice for itself, once with holes.
    assert 3 == len(asked)


@given(st.lists(specs(), min_size=1, max_size=3))
def test_of_every_file_of_every_spec(drawn: list[dict[str, Any]]) -> None:
    for data in drawn:
        plan = make_plan(build(Sources([plain(data)])))
        if run(plan).errors:
            continue
        try:
            direct = tree.render_plan(plan, write=written_directly)
        except RenderError:
            continue
        for _ in range(4):
            shaped = tree.render_plan(plan)

            assert {path: each.text for path, each in direct.items()} == {
                path: each.text for path, each in shaped.items()
            }
