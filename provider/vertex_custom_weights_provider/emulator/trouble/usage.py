"""The account of rules: how many calls matched each, and to how many it was applied."""

from __future__ import annotations

import msgspec

from vertex_custom_weights_provider.emulator.state.transaction import Transaction

from .rules import Rule

_KIND = "ruleUse"


class Usage(msgspec.Struct, frozen=True):
    """What a rule was used for so far."""

    seen: int
    used: int


def of(tx: Transaction, rule_id: str) -> Usage:
    """Return the account of a rule."""
    body = tx.get(_KIND, rule_id)
    return Usage(body["seen"], body["used"]) if body else Usage(0, 0)


def due(rule: Rule, usage: Usage) -> bool:
    """Whether a rule applies to the next call that matches it."""
    return usage.seen >= rule.skip and (rule.times is None or usage.used < rule.times)


def take(tx: Transaction, rule: Rule) -> bool:
    """Count one matching call; say whether the rule applies to it.

    A rule without limits is not counted where the transaction cannot write.
    """
    usage = of(tx, rule.id)
    applies = due(rule, usage)
    if tx.writable:
        counted = {"seen": usage.seen + 1, "used": usage.used + applies}
        tx.put(_KIND, rule.id, counted)
    return applies


def forget(tx: Transaction, rule_id: str) -> None:
    """Start the account anew."""
    tx.delete(_KIND, rule_id)
