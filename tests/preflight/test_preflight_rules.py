"""The table of rules says what findings can be, and the page says what the table says."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from vertex_custom_weights_provider.preflight.rules import RULES

CHECKOUT = Path(__file__).parents[2]
PREFLIGHT = CHECKOUT / "provider/vertex_custom_weights_provider/preflight"
LOOKED_FOR = {"error", "warn", "info"}
# What is made with one severity and given another by `examine._weigh` and `tensors.check_tensors`.
RAISED_OR_LOWERED = {("Q1", "info"), ("M1", "error"), ("M1", "info"), ("S3", "warn")}


def rule_of(node: ast.expr) -> str | None:
    """`rules.F1` is F1."""
    named = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    return node.attr if named and node.value.id == "rules" else None


def makers(scope: ast.AST) -> dict[str, set[str]]:
    """Names that stand for one maker or another: `make = error if odd else warn`."""
    return {
        node.targets[0].id: {n.id for n in ast.walk(node.value) if isinstance(n, ast.Name)}
        & LOOKED_FOR
        for node in ast.walk(scope)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }


def made() -> Iterator[tuple[str, str]]:
    """Rule and severity of every finding that some line of preflight makes."""
    for file in sorted(PREFLIGHT.rglob("*.py")):
        for scope in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(scope, ast.FunctionDef):
                continue
            aliases = makers(scope)
            for call in ast.walk(scope):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.args:
                    rule = rule_of(call.args[0])
                    name = call.func.id
                    severities = {name} & LOOKED_FOR or aliases.get(name, set())
                    yield from ((rule, severity) for severity in severities if rule)


def test_table_lists_the_severities_that_findings_can_have():
    listed = {(rule.id, severity) for rule in RULES.values() for severity in rule.severities}
    assert listed == set(made()) | RAISED_OR_LOWERED


def test_page_says_what_the_table_says():
    """`python tools/preflight_rules.py` writes it anew."""
    check = [sys.executable, CHECKOUT / "tools" / "preflight_rules.py", "--check"]
    assert subprocess.run(check, check=False).returncode == 0
