"""Templates that try to reach Python, files, or the end of the machine."""

# ruff: noqa: ISC004  a template reads best in lines
from __future__ import annotations

FORBIDDEN = "template-forbidden"
TOO_MUCH = "template-too-much"
SYNTAX = "template-syntax"
MISSING = "template-missing"
UNDEFINED = "template-undefined"
FAILED = "template-failed"
VALUE = "template-value"

_GROW = (
    "{{% set ns = namespace(x={start}) %}}{{% for i in range(100) %}}"
    "{{% set ns.x = {step} %}}{{% endfor %}}{{{{ ns.x }}}}"
)
_LONG = "{% set a = 'a' * 1000000 %}"
_RANGE = "{{% for i in range(100000) %}}{}{{% endfor %}}"

# From 3.13 on, Python compiles them; before, they are as good as nested.
BRANCHES = "{% if 1 %}" + "{% elif 1 %}" * 3000 + "{% endif %}"
ATTACKS: dict[str, tuple[str, str]] = {
    # Out of the sandbox.
    "mro": ("{{ ''.__class__.__mro__ }}", FORBIDDEN),
    "subclasses": ("{{ ().__class__.__base__.__subclasses__() }}", FORBIDDEN),
    "globals of a function": ("{{ range.__globals__ }}", FORBIDDEN),
    "globals of a macro": (
        "{% macro m() %}{% endmacro %}{{ m.__init__.__globals__ }}",
        FORBIDDEN,
    ),
    "the template itself": ("{{ self._TemplateReference__context }}", FORBIDDEN),
    "its constructor": ("{{ self.__init__.__globals__ }}", FORBIDDEN),
    "a cycler": ("{{ cycler(1, 2).__init__.__globals__ }}", FORBIDDEN),
    "a joiner": ("{{ joiner.__init__.__globals__ }}", FORBIDDEN),
    "a namespace": ("{{ namespace.__init__ }}", FORBIDDEN),
    "a loop": ("{% for i in [1] %}{{ loop.__init__ }}{% endfor %}", FORBIDDEN),
    "a private part of a loop": (
        "{% for i in [1] %}{{ loop._iterable }}{% endfor %}",
        FORBIDDEN,
    ),
    "a module": (
        "{% import '_header.j2' as h with context %}{{ h.__class__ }}",
        FORBIDDEN,
    ),
    "by subscript": ("{{ ''['__class__'] }}", FORBIDDEN),
    "format": ("{{ '{0.__class__}'.format(1) }}", FORBIDDEN),
    "format_map": ("{{ '{a.__class__}'.format_map({'a': 1}) }}", FORBIDDEN),
    "encode": ("{{ 'x'.encode('idna') }}", FORBIDDEN),
    "translate": ("{{ 'x'.translate({}) }}", FORBIDDEN),
    "append": ("{% set x = [1].append(2) %}", FORBIDDEN),
    "update": ("{% set x = {}.update({1: 2}) %}", FORBIDDEN),
    "bits of a number": ("{{ (1).to_bytes(10) }}", FORBIDDEN),
    "attr": ("{{ ''|attr('__class__') }}", SYNTAX),
    "lipsum": ("{{ lipsum.__globals__ }}", UNDEFINED),
    "random": ("{{ [1, 2]|random }}", SYNTAX),
    "debug": ("{% debug %}", SYNTAX),
    "do": ("{% do [].append(1) %}", SYNTAX),
    "our meters": ("{{ 1|-meter }}", SYNTAX),
    # What is written otherwise at each run.
    "the address of a function": ("{{ range }}", VALUE),
    "the address of a method": ("{{ ''.upper }}", VALUE),
    "an address in a list": ("{{ [range]|string }}", VALUE),
    "an address in a text": ("{{ 'a' ~ range }}", VALUE),
    "a generator": ("{{ [1]|map('string') }}", VALUE),
    # Out of the folder.
    "a file above": ("{% include '../../../etc/passwd' %}", MISSING),
    "an absolute file": ("{% include '/etc/passwd' %}", MISSING),
    "a file above ours": ("{% include 'kubelb-gen/../../pyproject.toml' %}", MISSING),
    # Time and memory.
    "a long range": ("{% for i in range(1000000000) %}x{% endfor %}", TOO_MUCH),
    "loops in loops": (_RANGE.format(_RANGE.format("")), TOO_MUCH),
    "loops that choose nothing": (
        _RANGE.format("{% for j in range(100000) if false %}{% endfor %}"),
        TOO_MUCH,
    ),
    "a long text": ("{{ 'x' * 1000000000 }}", TOO_MUCH),
    "a long list": ("{{ [1] * 1000000000 }}", TOO_MUCH),
    "the other way": ("{{ 1000000000 * 'ab' }}", TOO_MUCH),
    "a power": ("{{ 9 ** 9 ** 9 }}", TOO_MUCH),
    "squares": (_GROW.format(start="3", step="ns.x * ns.x"), TOO_MUCH),
    "a width": ("{{ '%1000000000d' % 1 }}", TOO_MUCH),
    "texts that double": (_GROW.format(start="'xx'", step="ns.x ~ ns.x"), TOO_MUCH),
    "texts that are added": (_GROW.format(start="'xx'", step="ns.x + ns.x"), TOO_MUCH),
    "lists that double": (_GROW.format(start="[1]", step="[ns.x, ns.x]"), TOO_MUCH),
    "tuples that double": (_GROW.format(start="1", step="(ns.x, ns.x)"), TOO_MUCH),
    "mappings that double": (
        _GROW.format(start="1", step="{'a': ns.x, 'b': ns.x}"),
        TOO_MUCH,
    ),
    "calls that double": (
        _GROW.format(start="1", step="dict(a=ns.x, b=ns.x)"),
        TOO_MUCH,
    ),
    "blocks that double": (
        _RANGE.format(
            "{% set y %}{{ ns.x }}{{ ns.x }}{% endset %}{% set ns.x = y %}"
        ).join(("{% set ns = namespace(x='xx') %}", "")),
        TOO_MUCH,
    ),
    "a macro that calls itself": (
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        TOO_MUCH,
    ),
    "a macro that calls itself twice": (
        "{% macro m(n) %}{% if n %}{{ m(n - 1) ~ m(n - 1) }}{% endif %}{% endmacro %}"
        "{{ m(100) }}",
        TOO_MUCH,
    ),
    "including itself": ("{% include 'kubernetes/service.yaml.j2' %}", TOO_MUCH),
    "extending itself": ("{% extends 'kubernetes/service.yaml.j2' %}", TOO_MUCH),
    "including itself twice": (
        (
            "{% set n = (n|default(60)) - 1 %}{% if n %}"
            "{% include 'kubernetes/service.yaml.j2' %}"
            "{% include 'kubernetes/service.yaml.j2' %}{% endif %}"
        ),
        TOO_MUCH,
    ),
    "replace": (_LONG + "{{ a|replace('a', a) }}", TOO_MUCH),
    "replace nothing": (_LONG + "{{ a|replace('', 'b' * 1000)|length }}", TOO_MUCH),
    "join": (_LONG + "{{ range(100000)|join(a) }}", TOO_MUCH),
    "indent": ("{{ 'x\ny'|indent(1000000000) }}", TOO_MUCH),
    "indent with a text": ("{{ ('x\n' * 10000)|indent('x' * 9000) }}", TOO_MUCH),
    "block": ("{{ 'x\ny\n'|block(1000000000) }}", TOO_MUCH),
    "wordwrap": (_LONG + "{{ 'x y'|wordwrap(1, wrapstring=a) }}", TOO_MUCH),
    "truncate": (_LONG + "{{ 'a'|truncate(5, end=a) }}", TOO_MUCH),
    "round": ("{{ 1.5|round(1000000000) }}", TOO_MUCH),
    "center": ("{{ 'x'|center(1000000000) }}", SYNTAX),
    "ljust": ("{{ 'x'.ljust(1000000000) }}", FORBIDDEN),
    "expandtabs": ("{{ '\t'.expandtabs(1000000000) }}", FORBIDDEN),
    "sums of lists": ("{{ ([[1] * 1000] * 900)|sum(start=[])|length }}", TOO_MUCH),
    "lists in loops": (_RANGE.format("{% set x = range(100000)|list %}"), TOO_MUCH),
    "searches in loops": (
        "{% set l = range(100000)|list %}" + _RANGE.format("{% set x = -1 in l %}"),
        TOO_MUCH,
    ),
    "tests in loops": (
        "{% set l = range(100000)|list %}" + _RANGE.format("{% set x = -1 is in l %}"),
        TOO_MUCH,
    ),
    "slices in loops": (_LONG + _RANGE.format("{% set b = a[1:] %}"), TOO_MUCH),
    "text in loops": (_RANGE.format("x" * 60000), TOO_MUCH),
    "text in macros": (
        f"{{% macro m() %}}{'x' * 60000}{{% endmacro %}}{{% set y %}}"
        + _RANGE.format("{{ m() }}")
        + "{% endset %}",
        TOO_MUCH,
    ),
    # The compiler.
    "a deep expression": ("{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}", TOO_MUCH),
    "many signs": ("{{ " + "-" * 20000 + "1 }}", TOO_MUCH),
    "deep lists": ("{{ " + "[" * 5000 + "]" * 5000 + " }}", TOO_MUCH),
    "deep blocks": ("{% if 1 %}" * 500 + "{% endif %}" * 500, TOO_MUCH),
    "many filters": ("{{ 1" + "|string" * 5000 + " }}", TOO_MUCH),
    "a long sum": ("{{ 1" + "+1" * 10000 + " }}", TOO_MUCH),
    "a long number": ("{{ " + "9" * 5000 + " }}", FAILED),
    # What would be no file.
    "half a character": ("{{ '\\ud800' }}", VALUE),
    "a control character": ("a\x00b", VALUE),
    "what NGINX would read": ("{{ 'a$b'|nginx }}", VALUE),
    "nothing": ("{{ 1 // 0 }}", FAILED),
}
