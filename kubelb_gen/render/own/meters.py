"""Puts meters into a template, where a step of it may cost more than it shows.

They are filters whose names no template can write; the sandbox makes them pay.
"""

from __future__ import annotations

from typing import Any

from jinja2 import nodes
from jinja2.visitor import NodeTransformer

METER, LOOP, JOINED, INCLUDED = "-meter", "-loop", "-joined", "-included"
_LONG_TEXT = 64


class Meters(NodeTransformer):
    """Rewrites a template that was parsed and not compiled yet."""

    def visit_For(self, node: nodes.For) -> nodes.Node:
        self.generic_visit(node)
        node.iter = _filtered(node.iter, LOOP)
        return node

    def visit_Output(self, node: nodes.Output) -> nodes.Node:
        self.generic_visit(node)
        node.nodes = [
            _filtered(nodes.Const(each.data, lineno=each.lineno), METER)
            if isinstance(each, nodes.TemplateData) and len(each.data) >= _LONG_TEXT
            else each
            for each in node.nodes
        ]
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        self.generic_visit(node)
        return _filtered(nodes.List(node.nodes, lineno=node.lineno), JOINED)

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:
        self.generic_visit(node)
        return node if node.ctx != "load" else _filtered(node, METER)

    def metered(self, node: nodes.Expr) -> nodes.Node:
        self.generic_visit(node)
        return _filtered(node, METER)

    visit_List = visit_Dict = metered

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:
        self.generic_visit(node)
        node.expr = _filtered(node.expr, METER)
        for each in node.ops:
            each.expr = _filtered(each.expr, METER)
        return node

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:
        self.generic_visit(node)
        if isinstance(node.arg, nodes.Slice):
            node.node = _filtered(node.node, METER)
        return node

    def named(self, node: Any) -> nodes.Node:
        self.generic_visit(node)
        node.template = _filtered(node.template, INCLUDED)
        return node  # type: ignore[no-any-return]

    visit_Include = visit_Import = visit_FromImport = named


def _filtered(node: Any, name: str) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)
