"""The hooks of the parts that watch and bend requests: contract, rules, log, private hosts."""

from __future__ import annotations

from . import admin, conformance, contract, scenarios, versions
from .call import Call
from .compute import psc
from .hooks import Hooks
from .injection import Injection
from .settings import Settings


def hooks(settings: Settings) -> Hooks:
    """Return the hooks with everything plugged in."""
    injection = Injection(scenarios.started_with(settings.scenario))

    def arrive(call: Call) -> None:
        conformance.read_query(call)
        injection.arrive(call)

    return Hooks(
        arrive=arrive,
        canonicalise=conformance.read_body,
        accepted=admin.record,
        render=versions.render,
        leave=injection.leave,
        decide=injection.decide,
        psc_target=psc.target_of,
        psc_reachable=psc.reachable,
        method_of=contract.unserved,
    )
