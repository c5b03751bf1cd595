"""A Python program of resources that adopt what was found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from vertex_custom_weights_provider.adopt_command import arguments
from vertex_custom_weights_provider.adopt_command.found import Group, Survey, Thing
from vertex_custom_weights_provider.adopt_command.names import variable
from vertex_custom_weights_provider.adopt_command.python_layout import Code, call, comment
from vertex_custom_weights_provider.api.names import same

_MODULE = "vertex_custom_weights.resources"
_WIDTH = 88


def program(survey: Survey) -> str:
    """Return the program text."""
    parts = [_head(survey), _imports(survey)]
    parts += [part for group in survey.groups for part in _group(group, survey.defaults)]
    return "\n\n".join(filter(None, [*parts, *_left_out(survey)])) + "\n"


def _head(survey: Survey) -> str:
    where = f"{survey.project} ({', '.join(survey.locations)})"
    return (
        f'"""Custom weights that `vcw adopt` found in project {where}.\n\n'
        "`pulumi preview` says what is taken over and what is changed in place, and `pulumi up`\n"
        "does it. From then on `adopt` has no effect and can be removed.\n"
        '"""'
    )


def _imports(survey: Survey) -> str:
    kinds = sorted({thing.kind for group in survey.groups for thing in group.free})
    if not kinds:
        return ""
    line = f"from {_MODULE} import {', '.join(kinds)}"
    if len(line) <= _WIDTH:
        return line
    return "\n".join([f"from {_MODULE} import (", *(f"    {kind}," for kind in kinds), ")"])


def _group(group: Group, defaults: Mapping[str, str]) -> Iterator[str]:
    written = {
        thing.name: {
            "adopt": thing.id,
            **{
                key: _linked(key, value, group.free)
                for key, value in arguments.of(thing, defaults).items()
            },
        }
        for thing in group.free
    }
    used = {name for given in written.values() for name in _variables(given)}
    for index, thing in enumerate(group.things):
        lines = comment(f"{group.title}: {group.endpoint}") if index == 0 else []
        if thing.holder:
            lines += comment(f"{thing.id} belongs to {thing.holder} (project/stack/resource).")
            yield "\n".join(lines)
            continue
        lines += [line for remark in thing.remarks for line in comment(remark)]
        name = variable(thing.name)
        target = f"{name} = {thing.kind}" if name in used else thing.kind
        yield "\n".join([*lines, call(target, thing.name, written[thing.name])])


def _linked(key: str, value: Any, things: Iterable[Thing]) -> Any:
    """Return an output of another resource of the program where the value is one."""
    if key == "traffic":
        return [
            {inner: _linked(inner, item, things) for inner, item in target.items()}
            for target in value
        ]
    kind, output, wire = _LINKS.get(key, ("", "", ""))
    for thing in things:
        there = thing.outputs.get(wire) if thing.kind == kind else None
        if there and same(str(there), str(value)):
            return Code(f"{variable(thing.name)}.{output}")
    return value


def _variables(value: Any) -> Iterator[str]:
    """Yield the variables that a value refers to."""
    if isinstance(value, Code):
        yield value.text.partition(".")[0]
    elif isinstance(value, Mapping):
        for entry in cast("Mapping[str, Any]", value).values():
            yield from _variables(entry)
    elif isinstance(value, list):
        for entry in cast("list[Any]", value):
            yield from _variables(entry)


_LINKS: Mapping[str, tuple[str, str, str]] = {
    "endpoint": ("Endpoint", "endpoint_name", "endpointName"),
    "target": ("CustomWeightsDeployment", "service_attachment", "serviceAttachment"),
    "address": ("PscAddress", "ip_address", "ipAddress"),
    "deployed_model_id": ("CustomWeightsDeployment", "deployed_model_id", "deployedModelId"),
}
"""Arguments that are outputs of other resources: class, attribute, and property."""


def _left_out(survey: Survey) -> Iterator[str]:
    if survey.passed_over:
        told = [line for sentence in survey.passed_over for line in comment(sentence)]
        yield "\n".join(["# Not taken over:", *told])
