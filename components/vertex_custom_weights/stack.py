"""From stack configuration to components: the program that every stack runs."""

from collections.abc import Mapping
from typing import Any, cast

import pulumi

from vertex_custom_weights_provider.catalog.suggest import hint, nearest

from . import grants, later, shapes, sharing, versions
from .access_checks import unnamed
from .args import CustomWeightsEndpointArgs
from .deepseek import DeepSeekEndpoint
from .endpoint import OUTPUTS, CustomWeightsEndpoint
from .gemma import GemmaEndpoint
from .gpt_oss import GptOssEndpoint
from .llama import LlamaEndpoint
from .look_ahead import look_ahead
from .mistral import MistralEndpoint
from .phi import PhiEndpoint
from .qwen import QwenEndpoint

FAMILIES: Mapping[str, type[CustomWeightsEndpoint]] = {
    "custom": CustomWeightsEndpoint,
    "deepseek": DeepSeekEndpoint,
    "gemma": GemmaEndpoint,
    "gpt-oss": GptOssEndpoint,
    "llama": LlamaEndpoint,
    "mistral": MistralEndpoint,
    "phi": PhiEndpoint,
    "qwen": QwenEndpoint,
}
"""Values of `family`, and the component each stands for."""

DEFAULT_FAMILY = "custom"
_NOT_ARGUMENTS = ("family", "protect")
NAMESPACE = "vertex-custom-weights"
# Of fewer endpoints the folders are looked at one by one before an announcement has arrived.
_MANY = 4


def declare() -> None:
    """Declare what `vertex-custom-weights:endpoints` lists, and export each one's outputs.

    Raises:
        pulumi.RunError: names that do not exist, all of them at once; nothing is declared then.
    """
    wanted: Any = pulumi.Config(NAMESPACE).get_object("endpoints") or {}
    if not isinstance(wanted, dict):
        raise pulumi.RunError(f"{NAMESPACE}:endpoints must be an object of endpoints by name")
    entries = cast("Mapping[str, Any]", wanted)
    _refuse(entries)
    arguments = {name: _arguments(settings) for name, settings in entries.items()}
    if len(entries) >= _MANY:
        look_ahead(arguments.values())
    access = grants.for_stack(arguments)
    connections: dict[str, Any] = {}
    resolver = later.Resolver(connections)
    exported: dict[str, Any] = {}
    for name in sharing.in_order(arguments):
        options = pulumi.ResourceOptions(
            protect=entries[name].get("protect"), depends_on=access.get(name)
        )
        given = resolver.resolve(arguments[name])
        component = _family(entries[name])(name, given, options)
        connections[name] = component.connection
        exported[name] = {key: getattr(component, key) for key in _outputs(entries[name])}
    pulumi.export("endpoints", {name: exported[name] for name in entries})


def _refuse(entries: Mapping[str, Any]) -> None:
    """Refuse the configuration when anything is wrong with it, all at once."""
    known = {name: _arguments(entry) for name, entry in entries.items() if _is_object(entry)}
    found = {name: _problems(settings) for name, settings in entries.items()}
    for name, arguments in known.items():
        found[name] += sharing.problems(name, known)
        found[name] += versions.clashes(name, arguments, known)
        found[name] += unnamed(name, arguments, _camel)
    problems = [
        f"{NAMESPACE}:endpoints.{name}: {problem}"
        for name, listed in found.items()
        for problem in listed
    ]
    if problems:
        raise pulumi.RunError("\n".join(problems))


def _is_object(settings: Any) -> bool:
    return isinstance(settings, dict)


# Exported only where the key is given that fills them.
_ON_DEMAND = {
    "deployed_model_ids": ("versions",),
    "psc_ip_addresses": ("privateServiceConnect", "connections"),
}


def _outputs(settings: Mapping[str, Any]) -> list[str]:
    """Return the outputs to export."""

    def given(path: tuple[str, ...]) -> bool:
        value: Any = settings
        for key in path:
            value = value.get(key) if value else None
        return bool(value)

    return [key for key in OUTPUTS if key not in _ON_DEMAND or given(_ON_DEMAND[key])]


def _problems(settings: Any) -> list[str]:
    if not isinstance(settings, dict):
        return ["must be an object with at least weightsUri"]
    entry = cast("Mapping[str, Any]", settings)
    family = str(entry.get("family", DEFAULT_FAMILY))
    if family not in FAMILIES:
        return [f"family {family} does not exist. {hint(family, FAMILIES)}".rstrip()]
    arguments = _arguments(entry)
    late = list(shapes.misplaced(arguments, _camel))
    if late:
        return late  # the rest cannot be judged without them
    found = _misspelled(entry, arguments)
    found += FAMILIES[family].problems(arguments, _camel)
    if not isinstance(entry.get("protect", False), bool):
        found.append("protect must be true or false.")
    return found


def _misspelled(entry: Mapping[str, Any], arguments: dict[str, Any]) -> list[str]:
    """Take out of the arguments what was meant for a key that no component knows, and tell it."""
    known = CustomWeightsEndpointArgs.__annotations__
    keys = [*_NOT_ARGUMENTS, *map(_camel, known)]
    meant = {key: nearest(key, keys, 1) for key in entry if key not in keys}
    found = [key for key, near in meant.items() if set(near) & set(_NOT_ARGUMENTS)]
    for key in found:
        arguments.pop(_snake(key), None)
    return [f"{key} does not exist. {hint(key, keys)}" for key in found]


def _family(settings: Mapping[str, Any]) -> type[CustomWeightsEndpoint]:
    return FAMILIES[settings.get("family", DEFAULT_FAMILY)]


def _arguments(settings: Mapping[str, Any]) -> Any:
    """Return the component's arguments: configuration is camelCase, Python is snake_case."""
    return {
        _snake(key): _nested(key, value)
        for key, value in settings.items()
        if key not in _NOT_ARGUMENTS
    }


def _nested(key: str, value: Any) -> Any:
    meant = later.read(key, value)
    if isinstance(meant, list):
        return [_nested("", item) for item in cast("list[Any]", meant)]
    if not isinstance(meant, dict):
        return meant
    pairs = cast("dict[str, Any]", meant)
    if key == "labels":  # keys of the user's own
        return {name: later.read("", label) for name, label in pairs.items()}
    if key == "versions":  # names of the user's own
        return {name: _nested("", version) for name, version in pairs.items()}
    return {_snake(inner): _nested(inner, item) for inner, item in pairs.items()}


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)
