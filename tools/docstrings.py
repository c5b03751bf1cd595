"""The docstrings under the annotations of a class: what Python itself throws away."""

from __future__ import annotations

import ast
import inspect
import textwrap


def described(owner: type) -> dict[str, str]:
    """Return the docstrings under the annotations of a class, by name."""
    (node,) = ast.parse(textwrap.dedent(inspect.getsource(owner))).body
    assert isinstance(node, ast.ClassDef)
    pairs = zip(node.body, node.body[1:], strict=False)
    return {
        key.target.id: " ".join(about.value.value.split())
        for key, about in pairs
        if isinstance(key, ast.AnnAssign)
        and isinstance(key.target, ast.Name)
        and isinstance(about, ast.Expr)
        and isinstance(about.value, ast.Constant)
        and isinstance(about.value.value, str)
    }
