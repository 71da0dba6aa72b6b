"""Runs templates of the user's: in Jinja's sandbox, and on a budget.

What a template can name is listed here, and nothing else is there: filters, tests,
methods of texts and lists.  None of it reads a file, tells a time or draws at random.
Every step that a template takes is paid for (`budget`): Jinja's own sandbox keeps
templates from Python, and not from looping or filling the memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import wraps
from typing import TYPE_CHECKING, Any

import jinja2
import jinja2.sandbox
from jinja2 import nodes
from jinja2.runtime import BlockReference, LoopContext, Macro
from jinja2.utils import Cycler, Joiner, Namespace

from kubelb_gen.errors import RenderError
from kubelb_gen.render.own.budget import Budget, TooMuchError
from kubelb_gen.render.own.meters import INCLUDED, JOINED, LOOP, METER, Meters

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jinja2.runtime import Context

_FILTERS = frozenset(
    {
        *("abs", "capitalize", "count", "d", "default", "dictsort", "first", "float"),
        *("groupby", "indent", "int", "items", "join", "last", "length", "list"),
        *("lower", "map", "max", "min", "reject", "rejectattr", "replace", "reverse"),
        *("round", "select", "selectattr", "sort", "string", "sum", "title", "trim"),
        *("truncate", "unique", "upper", "wordcount", "wordwrap"),
    }
)
_TEXT = frozenset(
    {
        *("capitalize", "count", "endswith", "find", "isalnum", "isalpha", "isdigit"),
        *("islower", "isupper", "lower", "lstrip", "partition", "removeprefix"),
        *("removesuffix", "rfind", "rpartition", "rsplit", "rstrip", "split"),
        *("splitlines", "startswith", "strip", "title", "upper"),
    }
)
# groupby's pairs are tuples with names.
_METHODS: Mapping[type, frozenset[str]] = {
    str: _TEXT,
    list: frozenset({"count", "index"}),
    tuple: frozenset({"count", "index", "grouper", "list"}),
    dict: frozenset({"get", "items", "keys", "values"}),
}
_OURS = (BlockReference, Cycler, Joiner, LoopContext, Macro, Namespace)
_CALLABLE = (BlockReference, Cycler, Joiner, LoopContext, Macro)
_OPERATORS = frozenset({"+", "-", "*", "/", "//", "**", "%"})
_STEPS_OF_AN_INCLUDE = 50
# What Jinja passes to a filter before the value itself.
_PASSED = (jinja2.Environment, nodes.EvalContext, jinja2.runtime.Context)


class Sandbox(jinja2.sandbox.ImmutableSandboxedEnvironment):
    """An environment whose templates pay from *budget* for what they do."""

    intercepted_binops = _OPERATORS

    def __init__(
        self, filters: Mapping[str, Callable[..., Any]], **options: Any
    ) -> None:
        self.budget = Budget(no_value=_is_function)
        # What Jinja works out while it compiles, nobody would have paid for.
        super().__init__(
            optimized=False, finalize=self._finalized, cache_size=-1, **options
        )
        known: dict[str, Callable[..., Any]] = dict(self.filters)
        known = {name: known[name] for name in _FILTERS} | dict(filters)
        self.filters = {name: self._paid(each) for name, each in known.items()}
        self.filters["join"] = self._joined(self.filters["join"])
        self.filters |= {
            METER: self._metered,
            LOOP: self.budget.metered,
            INCLUDED: self._included,
            JOINED: self._concatenated,
        }
        tests: Any = self.tests
        self.tests = {name: self._paid(each) for name, each in tests.items()}
        for name in set(self.globals) - {"range", "dict", "cycler", "joiner"}:
            del self.globals[name]
        self.globals["namespace"] = Namespace

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Allow what is listed; names of a module are what a template exported."""
        if not super().is_safe_attribute(obj, attr, value):
            return False
        for kind, names in _METHODS.items():
            if isinstance(obj, kind):
                return attr in names
        return isinstance(obj, (*_OURS, jinja2.environment.TemplateModule)) or (
            type(obj) is jinja2.runtime.TemplateReference
        )

    def is_safe_callable(self, obj: Any) -> bool:
        """Allow what templates define, and methods that `is_safe_attribute` allows."""
        # What is out of reach says so itself when it is called.
        if isinstance(obj, (*_CALLABLE, jinja2.Undefined)):
            return True
        if any(obj is each for each in self.globals.values()):
            return True
        holder, name = getattr(obj, "__self__", None), getattr(obj, "__name__", "")
        return isinstance(holder, (*_METHODS, *_OURS)) and self.is_safe_attribute(
            holder, name, obj
        )

    def wrap_str_format(self, value: Any) -> None:
        """Wrap nothing: `format` can write a gigabyte in ten characters."""
        del value

    def call(
        __self,  # noqa: N805  as Jinja has it: a macro may have an argument `self`
        __context: Context,  # noqa: PYI063  the same
        __obj: Any,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        """Call *__obj*, and let the template pay for it."""
        __self.budget.spend(getattr(__obj, "__self__", None), args, kwargs, steps=8)
        return super().call(__context, __obj, *args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Work out *left* and *right*, where that costs what they show."""
        if operator == "*":
            self.budget.spend_on_product(left, right)
        elif operator == "**" or (operator == "%" and isinstance(left, str)):
            raise TooMuchError(f"'{operator}' is not worked out here")
        self.budget.spend(left, right)
        return super().call_binop(context, operator, left, right)

    def _parse(
        self, source: str, name: str | None, filename: str | None
    ) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        metered = Meters().visit(tree)
        metered.set_environment(self)
        return metered  # type: ignore[no-any-return]

    @staticmethod
    @jinja2.pass_context
    def _finalized(context: Context, value: Any) -> Any:
        environment = context.environment
        if isinstance(environment, Sandbox):
            environment.budget.spend(value)
        if isinstance(value, Iterator):
            raise RenderError("what is worked out one by one is no text: add | list")
        return value

    def _metered(self, value: Any) -> Any:
        self.budget.spend(value)
        return value

    def _included(self, name: Any) -> Any:
        self.budget.spend(steps=_STEPS_OF_AN_INCLUDE)
        return name

    def _concatenated(self, values: list[Any]) -> str:
        self.budget.spend(values)
        return "".join(map(str, values))

    def _paid(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def paid(*args: Any, **kwargs: Any) -> Any:
            self.budget.spend(args, kwargs)
            subject, *others = [each for each in args if not isinstance(each, _PASSED)]
            for each in (*others, *kwargs.values()):
                self.budget.spend_on_argument(subject, each)
            return function(*args, **kwargs)

        return paid

    def _joined(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def joined(context: Any, value: Any, d: str = "", attribute: Any = None) -> Any:
            listed = list(self.budget.metered(value))  # type: ignore[call-overload]
            self.budget.spend_on_product(str(d), len(listed))
            return function(context, listed, d, attribute)

        return joined


def _is_function(value: object) -> bool:
    # What is undefined says so itself, and can be called to do so.
    return callable(value) and not isinstance(value, (*_OURS, jinja2.Undefined))
