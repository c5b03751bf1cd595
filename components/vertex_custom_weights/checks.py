"""What is wrong with a component's arguments, said before anything is declared.

Only what the provider cannot see: names that do not exist, and options that exclude each other.
Values are checked by the provider, which reports those of the whole stack at once.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from vertex_custom_weights_provider.catalog.suggest import hint

from .args import (
    CustomWeightsEndpointArgs,
    DeploymentArgs,
    MachineArgs,
    PrivateAccessArgs,
    ReplicasArgs,
)

Spell = Callable[[str], str]

_NESTED: Mapping[str, Any] = {
    "machine": MachineArgs,
    "replicas": ReplicasArgs,
    "private_service_connect": PrivateAccessArgs,
    "deployment": DeploymentArgs,
}


def problems(args: Mapping[str, Any], spell: Spell = str) -> list[str]:
    """Return everything wrong with the arguments of an endpoint, one sentence each.

    Args:
        args: The arguments, in snake_case.
        spell: How the user wrote the names; stack configuration has them in camelCase.
    """
    found = list(_strays(args, CustomWeightsEndpointArgs, "", spell))
    for key, shape in _NESTED.items():
        nested = args.get(key)
        if isinstance(nested, dict):
            found += _strays(cast("Mapping[str, Any]", nested), shape, f"{spell(key)}.", spell)
        elif isinstance(nested, (str, int, float, list)):
            keys = ", ".join(spell(inner) for inner in shape.__annotations__)
            found.append(f"{spell(key)} must be an object with keys of these: {keys}.")
    if args.get("weights_uri") is None:
        found.append(f"{spell('weights_uri')} is missing: the folder of the weights, gs://…")
    access = args.get("private_service_connect")
    if isinstance(access, dict):
        found += _access(cast("Mapping[str, Any]", access), bool(args.get("public")), spell)
    return found


def _strays(given: Mapping[str, Any], shape: Any, path: str, spell: Spell) -> Iterator[str]:
    known = [spell(key) for key in shape.__annotations__]
    for key in given:
        if key not in shape.__annotations__:
            near = hint(spell(key), known)
            yield f"{path}{spell(key)} does not exist. {near}".rstrip()


def _access(access: Mapping[str, Any], public: bool, spell: Spell) -> Iterator[str]:
    here = spell("private_service_connect")
    if public:
        yield f"public and {here} exclude each other. Remove one of them."
    if ("network" in access) != ("subnetwork" in access):
        yield f"{here}: network and subnetwork come together. Give both, or neither."
    if "network" not in access:
        for key in ("ip_address", "global_access"):
            if key in access:
                yield f"{here}.{spell(key)} needs a network and a subnetwork to connect."
