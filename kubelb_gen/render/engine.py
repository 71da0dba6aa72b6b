"""Runs templates; the only door to Jinja.

A template owns the layout.  Values reach it as data and leave it through a filter of
their target grammar; text from a spec is never compiled.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any

import jinja2

from kubelb_gen import assets
from kubelb_gen.errors import RenderError
from kubelb_gen.render import grammar
from kubelb_gen.render.shapes import Shapes, filling


def _cidrs(networks: Iterable[IPv4Network | IPv6Network]) -> list[str]:
    return [str(network) for network in networks]


def _laid_out(text: str) -> str:
    """Return the lines of *text*, which others laid out; the last goes on."""
    return text.removesuffix("\n")


OPTIONS: dict[str, Any] = {
    "undefined": jinja2.StrictUndefined,
    "trim_blocks": True,
    "lstrip_blocks": True,
    "keep_trailing_newline": True,
    # Not HTML: each value passes the filter of its own grammar instead.
    "autoescape": False,
    "auto_reload": False,
}
FILTERS: dict[str, Callable[..., Any]] = {
    "yaml": grammar.yaml_scalar,
    "quoted": grammar.yaml_quoted,
    "block": grammar.yaml_block,
    "nginx": grammar.nginx_token,
    "haproxy": grammar.haproxy_token,
    "caddy": grammar.caddy_token,
    "apache": grammar.apache_token,
    "literal": grammar.code_literal,
    "cidrs": _cidrs,
    "laid_out": _laid_out,
}


_TYPE_TESTS = (
    *("string", "number", "integer", "float", "boolean", "true", "false"),
    *("mapping", "sequence", "iterable", "callable", "sameas"),
)


class _Ours(jinja2.Environment):
    """Knows our templates and none of the user's."""


def lay_out(template: str, context: Mapping[str, object]) -> str:
    """Return the text that *template* makes of *context*.

    Raises `RenderError` when a value is missing or its grammar refuses it.
    """
    try:
        return _shapes(template).lay_out(context)
    except jinja2.TemplateError as error:
        line = getattr(error, "lineno", None)
        place = f"{template}:{line}" if line else template
        message = f"template {place}: {error.message or error}"
        raise RenderError(message) from error


def compile_templates(folder: Path) -> None:
    """Write every template as a Python module into *folder*, for `_environment`.

    Raises `RenderError` where a template is no template.
    """
    environment = _environment_of(_sources())
    try:
        environment.compile_templates(folder, zip=None, ignore_errors=False)
    except jinja2.TemplateError as error:
        raise RenderError(str(error)) from error


@cache
def _shapes(template: str) -> Shapes:
    return Shapes(_environment().get_template(template).render)


@cache
def _environment() -> jinja2.Environment:
    compiled = assets.compiled_templates()
    return _environment_of(
        _sources() if compiled is None else jinja2.ModuleLoader(compiled)
    )


def _sources() -> jinja2.FileSystemLoader:
    return jinja2.FileSystemLoader(assets.template_root())


def _environment_of(loader: jinja2.BaseLoader) -> jinja2.Environment:
    environment = _Ours(loader=loader, **OPTIONS)
    environment.filters.update(FILTERS)
    for name in FILTERS.keys() - {"cidrs"}:
        environment.filters[name] = filling(FILTERS[name], keep=name != "laid_out")
    # A hole of a shape is of no type, so that no template of ours may ask for one.
    for name in _TYPE_TESTS:
        del environment.tests[name]
    return environment
