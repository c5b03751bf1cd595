"""From stack configuration to components: the program that every stack runs."""

from collections.abc import Mapping
from typing import Any

import pulumi

from .endpoint import OUTPUTS, CustomWeightsEndpoint
from .llama import LlamaEndpoint

FAMILIES: Mapping[str, type[CustomWeightsEndpoint]] = {
    "custom": CustomWeightsEndpoint,
    "llama": LlamaEndpoint,
}
"""Values of `family`, and the component each stands for."""

NAMESPACE = "vertex-custom-weights"


def declare() -> None:
    """Declare what `vertex-custom-weights:endpoints` lists, and export each one's outputs."""
    wanted = pulumi.Config(NAMESPACE).get_object("endpoints") or {}
    exported: dict[str, Any] = {}
    for name, settings in wanted.items():
        component = _endpoint(name, settings)
        exported[name] = {key: getattr(component, key) for key in OUTPUTS}
    pulumi.export("endpoints", exported)


def _endpoint(name: str, settings: Mapping[str, Any]) -> CustomWeightsEndpoint:
    family = settings.get("family", "custom")
    if family not in FAMILIES:
        known = ", ".join(sorted(FAMILIES))
        raise ValueError(f"endpoints.{name}.family is {family!r}; it must be one of {known}")
    args: Any = _snake({key: value for key, value in settings.items() if key != "family"})
    return FAMILIES[family](name, args)


def _snake(value: Any, free_form: bool = False) -> Any:
    """Turn the camelCase keys of stack configuration into the components' snake_case."""
    if not isinstance(value, dict):
        return value
    pairs: dict[str, Any] = value
    if free_form:
        return dict(pairs)
    return {_snake_name(key): _snake(item, key == "labels") for key, item in pairs.items()}


def _snake_name(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)
