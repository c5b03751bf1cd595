"""The hooks of the parts that watch and bend requests: contract, private connections."""

from __future__ import annotations

from . import admin, conformance, contract, versions
from .compute import psc
from .hooks import Hooks


def hooks() -> Hooks:
    """Return the hooks with everything plugged in."""
    return Hooks(
        arrive=conformance.read_query,
        canonicalise=conformance.read_body,
        render=versions.render,
        accepted=admin.record,
        psc_target=psc.target_of,
        psc_reachable=psc.reachable,
        method_of=contract.unserved,
    )
