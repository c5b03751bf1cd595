"""Rules: which calls are to go wrong, in what way, and how often.

A fault is one rule that somebody added; a scenario is a named set of them. This module reads rules
and says which calls they match; `injection` applies them.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, TypeVar, cast

import msgspec

from vertex_custom_weights_provider.emulator.envelope import RPC, RPC_CODE, ApiError, Json, refuse

T = TypeVar("T")

STAGES = ("request", "operation", "conflict", "quota", "psc_automation", "connection")
_KEYS = {
    "method": str,
    "resource": str,
    "stage": str,
    "times": int,
    "skip": int,
    "error": dict,
    "reset": str,
    "delaySeconds": (int, float),
    "operation": dict,
    "quota": dict,
}
_LONGEST_DELAY = 3600
_LEFT = ("endpoint", "model")
_ERROR_KEYS = ("status", "http", "message", "details", "reason")


class Timing(msgspec.Struct, frozen=True):
    """How an operation goes instead of as usual.

    Attributes:
        after: Virtual seconds until the error.
        share: The same as a part of the operation's usual time.
        seconds: Virtual seconds of the whole operation.
        factor: The same as a multiple of the usual time.
        stuck: It never ends.
        leaves: What a failed deployment leaves behind: `endpoint`, `model`.
    """

    after: float | None = None
    share: float | None = None
    seconds: float | None = None
    factor: float | None = None
    stuck: bool = False
    leaves: tuple[str, ...] = ()


class Rule(msgspec.Struct, frozen=True):
    """One way for calls to go wrong.

    Attributes:
        id: What its uses are counted under.
        method: Glob over discovery ids.
        resource: Glob over relative resource names, as addressed.
        stage: Where it applies: `request` is the call itself, `operation` what it starts.
        times: How often; None means always.
        skip: How many matching calls pass first.
        error: What to answer; None where the rule does something else.
        reset: Drop the connection `before` the call is looked at or `after` it was carried out.
        delay: Seconds by which the answer is late.
        timing: What becomes of the operation.
        quota: The rule applies to deployments that exceed one of these accelerator counts.
    """

    id: str
    method: str
    resource: str = "*"
    stage: str = "request"
    times: int | None = None
    skip: int = 0
    error: Json | None = None
    reset: str = ""
    delay: float = 0.0
    timing: Timing = msgspec.field(default_factory=Timing)
    quota: Mapping[str, int] = msgspec.field(default_factory=dict[str, int])

    def matches(self, method: str, resource: str, stage: str) -> bool:
        """Whether the rule is about a call at a stage of it."""
        return (
            stage == self.stage
            and fnmatchcase(method, self.method)
            and fnmatchcase(resource, self.resource)
        )


def parse(raw: Json, rule_id: str) -> Rule:
    """Read a rule.

    Raises:
        ApiError: 400, saying what is wrong with it.
    """
    _check_keys("rule", raw, _KEYS)
    for key, kind in _KEYS.items():
        if key in raw and (not isinstance(raw[key], kind) or isinstance(raw[key], bool)):
            refuse("INVALID_ARGUMENT", f"{key} of a rule cannot be {raw[key]!r}.")
    operation: Json = dict(raw.get("operation", {}))
    error = cast("Json | None", operation.pop("error", raw.get("error")))
    _check_keys("error", error or {}, _ERROR_KEYS)
    if not raw.get("method"):
        refuse("INVALID_ARGUMENT", "A rule needs a method, such as '*.endpoints.get'.")
    stage = raw.get("stage") or ("operation" if "operation" in raw else "request")
    if stage not in STAGES:
        refuse("INVALID_ARGUMENT", f"stage {stage!r} is none of {', '.join(STAGES)}.")
    if raw.get("reset", "before") not in ("before", "after"):
        refuse("INVALID_ARGUMENT", f"reset {raw['reset']!r} is neither before nor after.")
    if not 0 <= raw.get("delaySeconds", 0) <= _LONGEST_DELAY:
        refuse("INVALID_ARGUMENT", f"delaySeconds is between 0 and {_LONGEST_DELAY}.")
    if error is not None:
        _check_error(error)
    rule = Rule(
        id=rule_id,
        method=raw["method"],
        resource=raw.get("resource", "*"),
        stage=stage,
        times=raw.get("times"),
        skip=raw.get("skip", 0),
        error=error,
        reset=raw.get("reset", ""),
        delay=float(raw.get("delaySeconds", 0)),
        timing=_timing(operation),
        quota=_converted("quota", raw.get("quota", {}), dict[str, int]),
    )
    if rule == Rule(rule.id, rule.method, rule.resource, "request", rule.times, rule.skip):
        refuse("INVALID_ARGUMENT", "A rule needs error, reset, delaySeconds or operation.")
    return rule


def _check_keys(
    what: str, given: Mapping[str, Any], known: Mapping[str, Any] | tuple[str, ...]
) -> None:
    unknown = [key for key in given if key not in known]
    if unknown:
        listed = ", ".join(known)
        refuse("INVALID_ARGUMENT", f"{unknown[0]!r} is no field of a {what}: {listed}.")


def _timing(raw: Json) -> Timing:
    _check_keys("operation", raw, Timing.__struct_fields__)
    leaves: Any = raw.get("leaves", [])
    if not isinstance(leaves, list) or any(one not in _LEFT for one in cast("list[Any]", leaves)):
        refuse("INVALID_ARGUMENT", f"leaves is a list of {' and '.join(_LEFT)}, not {leaves!r}.")
    return _converted("operation", raw, Timing)


def _converted(what: str, raw: Json, kind: type[T]) -> T:
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        refuse("INVALID_ARGUMENT", f"{what} of a rule: {error}.")


def _check_error(error: Json) -> None:
    """Refuse an error that could not be made when its time has come."""
    try:
        error_of(error, {})
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        refuse(
            "INVALID_ARGUMENT",
            "An error of a rule has an http status or a google.rpc status, and texts in which only"
            f" names stand in braces, not {error!r}.",
        )


def error_of(raw: Json, variables: Mapping[str, str]) -> ApiError:
    """Make the error of a rule; `{name}` in its texts stands for a variable."""
    http = int(raw.get("http") or RPC[RPC_CODE[raw["status"]]][0])
    status = raw.get("status") or _status_of(http)
    text = raw.get("message", f"The emulator was told to answer {http}.")
    known = _Variables(variables)
    details = cast("list[Json]", _filled(raw.get("details", []), known))
    return ApiError(http, status, text.format_map(known), details, raw.get("reason", ""))


def _status_of(http: int) -> str:
    return next((name for code, name in RPC.values() if code == http), "UNKNOWN")


class _Variables(dict[str, str]):
    """Leaves a name nobody set as it is."""

    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


def _filled(value: Any, variables: _Variables) -> Any:
    if isinstance(value, str):
        return value.format_map(variables)
    if isinstance(value, list):
        return [_filled(item, variables) for item in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {key: _filled(item, variables) for key, item in cast("Json", value).items()}
    return value
