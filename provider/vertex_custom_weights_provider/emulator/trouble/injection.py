"""Applies rules to calls: errors, lost connections, delays, operations that go another way."""

from __future__ import annotations

import time
from typing import Literal, cast

import msgspec
from msgspec.structs import replace
from werkzeug.wrappers import Response

from vertex_custom_weights_provider.emulator.admin import relative
from vertex_custom_weights_provider.emulator.contract import conformance
from vertex_custom_weights_provider.emulator.envelope import ApiError, parse_json
from vertex_custom_weights_provider.emulator.http.call import Call, Outcome
from vertex_custom_weights_provider.emulator.state.transaction import Transaction

from . import error_facts, faults, quota, scenarios, usage
from .rules import Rule, error_of

_AFTERWARDS = "emulator.rules_for_the_answer"
_QUOTAS = "emulator.rules_about_quota"
_EXCEEDED = "emulator.exceeded_quota"


class ConnectionLost(ConnectionResetError):
    """The connection broke, by order; in process this is the client's transport error."""


class Injection(msgspec.Struct, frozen=True):
    """The rules an emulator was started with, and the hooks that apply these and all others."""

    initial: tuple[Rule, ...] = ()

    def arrive(self, call: Call) -> None:
        """Apply what concerns the call itself, before anything looks at it."""
        if call.route.own:
            return
        with call.store.read() as tx:
            matching = self._matching(call, tx, "request")
        call.request.environ[_AFTERWARDS] = [rule for rule in matching if rule.reset == "after"]
        call.request.environ[_QUOTAS] = [rule for rule in matching if rule.quota]
        for rule in matching:
            if rule.reset != "after" and not rule.quota and self._taken(call, rule):
                _strike(call, rule)

    def leave(self, call: Call, response: Response) -> Response:
        """Lose the answer to a call that was carried out, if a rule says so."""
        waiting: list[Rule] = call.request.environ.get(_AFTERWARDS, [])
        if any(self._taken(call, rule) for rule in waiting):
            response.close()
            raise ConnectionLost(f"{call.method}: connection reset after the call was accepted")
        return response

    def decide(self, call: Call, stage: str) -> Outcome | None:
        """Say what becomes of an operation, or of another decision a handler asks about."""
        if stage == "request":
            for rule in call.request.environ.get(_QUOTAS, []):
                if _exceeds(call, rule):
                    raise _error(call, rule)
            return None
        for rule in self._matching(call, call.tx, stage):
            if (not rule.quota or _exceeds(call, rule)) and usage.take(call.tx, rule):
                return _outcome(call, rule)
        return None

    def _matching(self, call: Call, tx: Transaction, stage: str) -> list[Rule]:
        everyone = [*faults.waiting(tx), *scenarios.chosen(tx), *self.initial]
        # A request's own scenario is not counted: it says what this very request meets.
        own = [replace(rule, times=None, skip=0) for rule in scenarios.requested(call)]
        resource = relative(call.request.path)
        return [rule for rule in (*own, *everyone) if rule.matches(call.method, resource, stage)]

    def _taken(self, call: Call, rule: Rule) -> bool:
        with call.store.write() as tx:
            return usage.take(tx, rule)


def _strike(call: Call, rule: Rule) -> None:
    if rule.delay:
        time.sleep(rule.delay)
    if rule.reset:
        raise ConnectionLost(f"{call.method}: connection reset before the call was accepted")
    if rule.error is not None:
        raise _error(call, rule)


def _exceeds(call: Call, rule: Rule) -> bool:
    location = error_facts.location_of(relative(call.request.path))
    found = quota.exceeded(call.tx, location, call.body, rule.quota)
    call.request.environ[_EXCEEDED] = found
    return found is not None


def _error(call: Call, rule: Rule) -> ApiError:
    body = call.body
    if not body and call.route.body == "json" and call.raw:
        body = conformance.read_body(call, parse_json(call.raw))
    variables = error_facts.about(relative(call.request.path), body)
    if rule.quota:
        accelerator, limit = call.request.environ[_EXCEEDED]
        variables |= {"quota": error_facts.quota_id(accelerator), "limit": str(limit)}
    return error_of(rule.error or {}, variables)


def _outcome(call: Call, rule: Rule) -> Outcome:
    timing, usual = rule.timing, _usual_seconds(call)
    after = timing.after if timing.share is None else timing.share * usual
    seconds = timing.seconds if timing.factor is None else timing.factor * usual
    leaves = cast("tuple[Literal['endpoint', 'model'], ...]", timing.leaves)
    error = None if rule.error is None else _error(call, rule)
    return Outcome(error=error, after=after, seconds=seconds, stuck=timing.stuck, leaves=leaves)


def _usual_seconds(call: Call) -> float:
    deploys = call.method.endswith((".deploy", ".deployModel"))
    return call.settings.deploy_duration if deploys else call.settings.operation_duration
