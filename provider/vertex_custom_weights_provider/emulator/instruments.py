"""The hooks of the parts that watch and bend requests: contract, rules, log, private hosts."""

from __future__ import annotations

from . import admin
from .compute import connections
from .contract import conformance, extract, v1_answers
from .http.call import Call
from .http.hooks import Hooks
from .settings import Settings
from .trouble import scenarios
from .trouble.injection import Injection


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
        render=v1_answers.render,
        leave=injection.leave,
        decide=injection.decide,
        psc_target=connections.target_of,
        psc_reachable=connections.reachable,
        method_of=extract.unserved,
    )
