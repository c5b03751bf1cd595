"""From stack configuration to components: the program that every stack runs."""

from collections.abc import Mapping
from types import NoneType
from typing import Any, cast

import pulumi

from vertex_custom_weights_provider.catalog.suggest import hint, nearest
from vertex_custom_weights_provider.resources import form
from vertex_custom_weights_provider.spelling import camel, snake

from .args import CustomWeightsEndpointArgs
from .checks import versions
from .checks.private_access import unnamed
from .config import references, shared_connections
from .config.look_ahead import look_ahead
from .config.turns import warn_of_turns
from .endpoint import OUTPUTS, CustomWeightsEndpoint
from .families.deepseek import DeepSeekEndpoint
from .families.gemma import GemmaEndpoint
from .families.glm import GlmEndpoint
from .families.gpt_oss import GptOssEndpoint
from .families.llama import LlamaEndpoint
from .families.mistral import MistralEndpoint
from .families.phi import PhiEndpoint
from .families.qwen import QwenEndpoint
from .gcp import grants

FAMILIES: Mapping[str, type[CustomWeightsEndpoint]] = {
    "custom": CustomWeightsEndpoint,
    "deepseek": DeepSeekEndpoint,
    "gemma": GemmaEndpoint,
    "glm": GlmEndpoint,
    "gpt-oss": GptOssEndpoint,
    "llama": LlamaEndpoint,
    "mistral": MistralEndpoint,
    "phi": PhiEndpoint,
    "qwen": QwenEndpoint,
}
"""Values of `family`, and the component each stands for."""

DEFAULT_FAMILY = "custom"
_NOT_ARGUMENTS = ("family", "protect", "aliases")
NAMESPACE = "vertex-custom-weights"
SETTINGS = (
    "endpoints",
    "backend",
    "emulatorState",
    "emulatorBuckets",
    "emulatorDeploySeconds",
    "emulatorUrl",
)
"""Keys of the namespace: this module's, and what the provider reads."""
# How much a setting has to resemble one that exists to be a misspelling, of 1.
_ALIKE = 0.9
# Of fewer endpoints the folders are looked at one by one before an announcement has arrived.
_MANY = 4


def declare() -> None:
    """Declare what `vertex-custom-weights:endpoints` lists, and export each one's outputs.

    A preview goes on with the entries that are in order, so that it also tells which of their
    values the provider refuses.

    Raises:
        pulumi.RunError: names that do not exist, all of them at once; nothing is created then.
    """
    with form.stack_file():
        _declare_all(_entries())


def _declare_all(entries: Mapping[str, Any]) -> None:
    problems = _problems_by_name(entries)
    lines = _misspelled_settings()
    lines += [f"{_path(name)}: {said}" for name, listed in problems.items() for said in listed]
    if lines and not pulumi.runtime.is_dry_run():
        raise pulumi.RunError("\n".join(lines))
    if not lines:
        _declare(entries)
        return
    for line in lines:
        pulumi.log.error(line)
    _declare(_sound(entries, problems))
    raise pulumi.RunError("nothing is changed before this configuration is mended")


def _entries() -> Mapping[str, Any]:
    wanted: Any = pulumi.Config(NAMESPACE).get_object("endpoints") or {}
    if not isinstance(wanted, dict):
        raise pulumi.RunError(f"{_path()} must be an object of endpoints by name")
    return cast("Mapping[str, Any]", wanted)


def _declare(entries: Mapping[str, Any]) -> None:
    arguments = {name: _arguments(settings) for name, settings in entries.items()}
    if len(entries) >= _MANY:
        look_ahead(arguments.values())
    access = grants.for_stack(arguments)
    connections: dict[str, Any] = {}
    resolver = references.Resolver(connections)
    exported: dict[str, Any] = {}
    deployed: list[pulumi.Output[str]] = []
    for name in shared_connections.in_order(arguments):
        options = pulumi.ResourceOptions(
            protect=entries[name].get("protect"),
            depends_on=access.get(name),
            aliases=[pulumi.Alias(name=old) for old in entries[name].get("aliases") or ()],
        )
        given = resolver.resolve(arguments[name])
        component = FAMILIES[_family(entries[name])](name, given, options)
        connections[name] = component.connection
        deployed.append(component.deployed_model_id)
        exported[name] = {key: getattr(component, key) for key in _outputs(entries[name])}
    warn_of_turns(deployed)
    pulumi.export("endpoints", {name: exported[name] for name in entries})


def _path(name: str = "") -> str:
    return f"{NAMESPACE}:endpoints" + (f".{name}" if name else "")


def _problems_by_name(entries: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return all that is wrong with the entries, by their names."""
    known = {name: _arguments(entry) for name, entry in entries.items() if _is_object(entry)}
    found = {name: _problems(settings) for name, settings in entries.items()}
    for name, arguments in known.items():
        found[name] += shared_connections.problems(name, known)
        found[name] += versions.clashes(name, arguments, known)
        found[name] += unnamed(name, arguments, camel)
    if "" in found:
        found[""].append("a name is empty. Name every endpoint.")
    return found


def _misspelled_settings() -> list[str]:
    """Return what settings were meant to be; what resembles none may be the program's own."""
    prefix, config = f"{NAMESPACE}:", pulumi.runtime.config
    configured = config.CONFIG.get() or config.get_config_env()
    given = [key.removeprefix(prefix) for key in configured if key.startswith(prefix)]
    return [
        f"{prefix}{key} does not exist. {hint(key, SETTINGS)}"
        for key in given
        if key not in SETTINGS and nearest(key, SETTINGS, 1, like=_ALIKE)
    ]


def _sound(entries: Mapping[str, Any], problems: Mapping[str, list[str]]) -> Mapping[str, Any]:
    """Return the entries that can be declared although others cannot."""
    fine = {name: entry for name, entry in entries.items() if not problems[name]}
    lenders = {name: shared_connections.lender(_arguments(entry)) for name, entry in fine.items()}
    return {name: fine[name] for name, other in lenders.items() if other is None or other in fine}


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
        return ["must be an object with at least weightsUri."]
    entry = cast("Mapping[str, Any]", settings)
    family = _family(entry)
    if family not in FAMILIES:
        return [f"family {family} does not exist. {hint(family, FAMILIES)}".rstrip()]
    arguments = _arguments(entry)
    found = _misspelled(entry, arguments)
    found += FAMILIES[family].problems(arguments, camel)
    if not isinstance(entry.get("protect"), (bool, NoneType)):
        found.append("protect must be true or false.")
    if not _are_names(entry.get("aliases")):
        found.append("aliases must be a list of names that the endpoint had before.")
    return found


def _are_names(aliases: Any) -> bool:
    listed = cast("list[Any]", [] if aliases is None else aliases)
    return isinstance(aliases, (list, NoneType)) and all(isinstance(one, str) for one in listed)


def _misspelled(entry: Mapping[str, Any], arguments: dict[str, Any]) -> list[str]:
    """Take out of the arguments what was meant for a key that no component knows, and tell it."""
    known = CustomWeightsEndpointArgs.__annotations__
    keys = [*_NOT_ARGUMENTS, *map(camel, known)]
    meant = {key: nearest(key, keys, 1) for key in entry if key not in keys}
    found = [key for key, near in meant.items() if set(near) & set(_NOT_ARGUMENTS)]
    for key in found:
        arguments.pop(snake(key), None)
    return [f"{key} does not exist. {hint(key, keys)}" for key in found]


def _family(settings: Mapping[str, Any]) -> str:
    given = settings.get("family")
    return DEFAULT_FAMILY if given is None else str(given)


def _arguments(settings: Mapping[str, Any]) -> Any:
    """Return the component's arguments: configuration is camelCase, Python is snake_case.

    A key without a value is left out, as if it were not there.
    """
    return {
        snake(key): _nested(key, value)
        for key, value in settings.items()
        if key not in _NOT_ARGUMENTS and value is not None
    }


def _nested(key: str, value: Any) -> Any:
    meant = references.read(key, value)
    if isinstance(meant, list):
        return [_nested("", item) for item in cast("list[Any]", meant)]
    if not isinstance(meant, dict):
        return meant
    pairs = cast("dict[str, Any]", meant)
    if key == "labels":  # keys of the user's own
        return {name: references.read("", label) for name, label in pairs.items()}
    if key == "versions":  # names of the user's own
        return {name: _nested("", version) for name, version in pairs.items()}
    given = {inner: item for inner, item in pairs.items() if item is not None}
    return {snake(inner): _nested(inner, item) for inner, item in given.items()}
