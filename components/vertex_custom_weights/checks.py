"""What is wrong with a component's arguments, said before anything is declared.

Only what the provider cannot see: names that do not exist, and options that exclude each other.
Values are checked by the provider, which reports those of the whole stack at once.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from . import replicas, versions
from .rollout import rollout_problems
from .shapes import Spell, endpoint_problems


def problems(args: Mapping[str, Any], spell: Spell = str) -> list[str]:
    """Return everything wrong with the arguments of an endpoint, one sentence each.

    Args:
        args: The arguments, in snake_case.
        spell: How the user wrote the names; stack configuration has them in camelCase.
    """
    found = list(endpoint_problems(args, spell))
    found += replicas.problems(args.get("replicas"), spell("replicas"), spell)
    found += versions.problems(args, spell)
    found += rollout_problems(args, spell)
    access = args.get("private_service_connect")
    if isinstance(access, dict):
        found += _access(cast("Mapping[str, Any]", access), bool(args.get("public")), spell)
    return found


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
