"""What is wrong with a component's arguments, said before anything is declared.

Only what the provider cannot see: names that do not exist, and options that exclude each other.
Values are checked by the provider, which reports those of the whole stack at once.
"""

from collections.abc import Mapping
from typing import Any

from vertex_custom_weights.parts import replicas

from . import private_access, versions
from .names import Spell, endpoint_problems, misplaced
from .rollout import rollout_problems


def problems(args: Mapping[str, Any], spell: Spell = str) -> list[str]:
    """Return everything wrong with the arguments of an endpoint, one sentence each.

    Args:
        args: The arguments, in snake_case.
        spell: How the user wrote the names; stack configuration has them in camelCase.
    """
    late = list(misplaced(args, spell))
    if late:  # what else is wrong cannot be judged without them
        return [*late, *endpoint_problems(args, spell)]
    found = list(endpoint_problems(args, spell))
    found += replicas.problems(args.get("replicas"), spell("replicas"), spell)
    found += versions.problems(args, spell)
    found += rollout_problems(args, spell)
    found += private_access.problems(args, spell)
    return found
