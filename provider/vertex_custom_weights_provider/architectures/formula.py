"""Formulas over a configuration: what a tensor's size is, and where it is.

A formula is written in our tables, never by users, in a few of Python's operators:
`num_attention_heads * head_dim`, `layer_types[layer] == "full_attention"`. Names are keys of
`config.json` (`vision.hidden_size` is the one in its `vision_config`) or values derived from them;
a name that has an index, such as `layer`, makes a formula's value one for each index.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

Values = Mapping[str, Any]

_BINARY: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda one, other: one + other,
    ast.Sub: lambda one, other: one - other,
    ast.Mult: lambda one, other: one * other,
    ast.FloorDiv: lambda one, other: one // other,
    ast.Mod: lambda one, other: one % other,
    ast.Pow: lambda one, other: one**other,
}
_COMPARED: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: lambda one, other: one == other,
    ast.NotEq: lambda one, other: one != other,
    ast.Lt: lambda one, other: one < other,
    ast.GtE: lambda one, other: one >= other,
    ast.In: lambda item, items: item in items,
    ast.NotIn: lambda item, items: item not in items,
}


class FormulaError(ValueError):
    """The configuration does not hold what a formula needs; the message names the key."""


def value(text: str, values: Values) -> Any:
    """Return what a formula comes to.

    Raises:
        FormulaError: a key is missing, or is of another kind than the formula takes.
    """
    try:
        return _compiled(text)(values)
    except KeyError as missing:
        raise FormulaError(str(missing.args[0])) from None
    except (TypeError, IndexError, ZeroDivisionError, AttributeError, OverflowError):
        raise FormulaError(", ".join(sorted(names(text)))) from None


@cache
def names(text: str) -> frozenset[str]:
    """Return the names that a formula reads."""
    return frozenset(node.id for node in ast.walk(_tree(text)) if isinstance(node, ast.Name))


@cache
def _tree(text: str) -> ast.expr:
    return ast.parse(text.strip(), mode="eval").body


@cache
def _compiled(text: str) -> Callable[[Values], Any]:
    return _translate(_tree(text))


def _translate(node: ast.expr) -> Callable[[Values], Any]:
    match node:
        case ast.Constant(found):
            return lambda _: found
        case ast.Name(name):
            return lambda values: values[name]
        case ast.Attribute(owner, key):
            part = _translate(owner)
            return lambda values: part(values)[key]
        case ast.Subscript(owner, index):
            items, at = _translate(owner), _translate(index)
            return lambda values: items(values)[at(values)]
        case _:
            return _operation(node)


def _operation(node: ast.expr) -> Callable[[Values], Any]:
    match node:
        case ast.BinOp(left, sign, right):
            return _pair(_whole(_BINARY[type(sign)]), left, right)
        case ast.Compare(left, [sign], [right]):
            return _pair(_COMPARED[type(sign)], left, right)
        case ast.UnaryOp(ast.Not(), inner):
            denied = _translate(inner)
            return lambda values: not denied(values)
        case ast.BoolOp(ast.And(), parts):
            every = [_translate(part) for part in parts]
            return lambda values: all(part(values) for part in every)
        case ast.BoolOp(ast.Or(), parts):
            return _first([_translate(part) for part in parts])
        case ast.IfExp(test, then, otherwise):
            return _choice(_translate(test), _translate(then), _translate(otherwise))
        case _:
            message = f"a formula cannot hold {ast.unparse(node)}"
            raise SyntaxError(message)


def _whole(sign: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Let a sign work on whole numbers only: a text times a million is a text of a terabyte."""

    def checked(one: Any, other: Any) -> Any:
        if type(one) is not int or type(other) is not int:
            message = "not a whole number"
            raise TypeError(message)
        return sign(one, other)

    return checked


def _pair(
    sign: Callable[[Any, Any], Any], left: ast.expr, right: ast.expr
) -> Callable[[Values], Any]:
    first, second = _translate(left), _translate(right)
    return lambda values: sign(first(values), second(values))


def _first(parts: list[Callable[[Values], Any]]) -> Callable[[Values], Any]:
    """Return the first part that is true, or the last: `head_dim or hidden_size // heads`."""

    def found(values: Values) -> Any:
        last = None
        for part in parts:
            last = part(values)
            if last:
                return last
        return last

    return found


def _choice(
    test: Callable[[Values], Any], then: Callable[[Values], Any], otherwise: Callable[[Values], Any]
) -> Callable[[Values], Any]:
    return lambda values: then(values) if test(values) else otherwise(values)
