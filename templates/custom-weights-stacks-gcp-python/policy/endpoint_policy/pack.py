"""The rules as policies of a pack, with what a stack may configure of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from . import rules
from .subject import Subject, read

NAME = "vertex-custom-weights"
_TEXTS = {"type": "array", "items": {"type": "string"}}
_USD = {"type": "number", "exclusiveMinimum": 0}
_LIMIT = {"maxUsdPerHour": _USD}
_RULES: Mapping[str, tuple[Callable[[Subject, rules.Settings], Iterator[str]], dict[str, Any]]] = {
    "not-public": (
        rules.not_public,
        {"except": _TEXTS, "vpcServiceControls": {"type": "boolean"}},
    ),
    "projects-allowed": (rules.projects_allowed, {"projects": _TEXTS}),
    "cost": (rules.cost, _LIMIT),
    "rollout-cost": (rules.rollout_cost, _LIMIT),
    "machines": (rules.machines, {"machines": _TEXTS}),
    "regions": (rules.regions, {"regions": _TEXTS}),
    "labels": (
        rules.labels,
        {"labels": _TEXTS, "values": {"type": "object", "additionalProperties": _TEXTS}},
    ),
    "guarded": (rules.guarded, {"except": _TEXTS}),
}
_STACK_RULES: Mapping[str, Callable[[Iterable[Subject], rules.Settings], Iterator[str]]] = {
    "endpoint-cost": rules.endpoint_cost,
    "total-cost": rules.total_cost,
}
# Asked for by those stacks only whose configuration sets a level for it.
_OPTIONAL = "guarded"


def pack() -> None:
    """Serve the pack; Pulumi talks to it until the run ends."""
    PolicyPack(name=NAME, policies=policies(), enforcement_level=EnforcementLevel.MANDATORY)


def policies() -> list[Policy]:
    """Return all policies."""
    found: list[Policy] = [
        ResourceValidationPolicy(
            name=name,
            description=str(rule.__doc__),
            validate=_validation(rule),
            enforcement_level=EnforcementLevel.DISABLED if name == _OPTIONAL else None,
            config_schema=PolicyConfigSchema(properties=properties),
        )
        for name, (rule, properties) in _RULES.items()
    ]
    together: list[Policy] = [
        StackValidationPolicy(
            name=name,
            description=str(rule.__doc__),
            validate=_stack_validation(rule),
            config_schema=PolicyConfigSchema(properties=_LIMIT),
        )
        for name, rule in _STACK_RULES.items()
    ]
    return [*found, *together]


def _validation(
    rule: Callable[[Subject, rules.Settings], Iterator[str]],
) -> Callable[[ResourceValidationArgs, ReportViolation], None]:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        subject = read(args.resource_type, args.name, args.props, args.opts.protect)
        if subject is not None:
            for problem in rule(subject, args.get_config()):
                report(f"{subject.name} {problem}", None)

    return validate


def _stack_validation(
    rule: Callable[[Iterable[Subject], rules.Settings], Iterator[str]],
) -> Callable[[StackValidationArgs, ReportViolation], None]:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        ours = (read(r.resource_type, r.name, r.props, r.opts.protect) for r in args.resources)
        for problem in rule([subject for subject in ours if subject], args.get_config()):
            report(problem, None)

    return validate
