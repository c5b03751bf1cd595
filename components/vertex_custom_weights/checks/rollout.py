"""Where a change of weights, machine or container goes: to a new endpoint, or to the same one."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from vertex_custom_weights.parts import replicas
from vertex_custom_weights_provider.catalog.suggest import hint

from .names import Spell

SAME_ENDPOINT = "same-endpoint"
ROLLOUTS = ("new-endpoint", SAME_ENDPOINT)
"""Values of `deployment.rollout`, the default first."""

_OF_THE_SAME = (
    "traffic_steps",
    "smoke_test",
    "access_logging",
    "request_logging",
    "inference_timeout",
    "encryption_key",
)


def keeps_endpoint(args: Mapping[str, Any]) -> bool:
    """Tell whether the endpoint stays when what it serves changes."""
    how = args.get("deployment")
    same = isinstance(how, dict) and cast("dict[str, Any]", how).get("rollout") == SAME_ENDPOINT
    return bool(args.get("versions")) or same


def rollout_problems(args: Mapping[str, Any], spell: Spell) -> Iterator[str]:
    """Yield what is wrong with `deployment.rollout`, and what needs it."""
    given = args.get("deployment")
    how = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
    here, rollout = spell("deployment"), how.get("rollout")
    if rollout is not None and rollout not in ROLLOUTS:
        yield f"{here}.rollout: {rollout} does not exist. {hint(str(rollout), ROLLOUTS)}"
        return
    if rollout == ROLLOUTS[0] and args.get("versions"):
        yield (
            f"{here}.rollout: {rollout} excludes {spell('versions')}, which share one endpoint. "
            "Remove one of them."
        )
    yield from _sleep_problems(args, spell)
    yield from _adoption_problems(args, how, here, spell)
    if not keeps_endpoint(args):
        for key in _OF_THE_SAME:
            if key in how:
                yield f"{here}.{spell(key)} needs {here}.rollout: {SAME_ENDPOINT}."


def _sleep_problems(args: Mapping[str, Any], spell: Spell) -> Iterator[str]:
    """Yield replicas that cannot go down to none where two deployments share an endpoint."""
    if not keeps_endpoint(args):
        return
    here, versions = spell("replicas"), args.get("versions")
    holders = {here: args.get("replicas")}
    for name, version in cast(
        "dict[str, Any]", versions if isinstance(versions, dict) else {}
    ).items():
        if isinstance(version, dict):
            given: Any = cast("dict[str, Any]", version).get("replicas")
            holders[f"{spell('versions')}.{name}.{here}"] = given
    for path, given in holders.items():
        if replicas.sleeps(given):
            why = (
                spell("versions") if versions else f"{spell('deployment')}.rollout: {SAME_ENDPOINT}"
            )
            yield (
                f"{path}.min: 0 excludes {why}: Vertex AI scales to zero only what has an endpoint "
                "for itself, and two deployments share it there. Set min to 1 or more."
            )


def _adoption_problems(
    args: Mapping[str, Any], how: Mapping[str, Any], here: str, spell: Spell
) -> Iterator[str]:
    name = how.get("adopt")
    if not isinstance(name, str):
        return  # said where types are checked
    if args.get("versions"):
        yield (
            f"{here}.adopt excludes {spell('versions')}: it names one deployment. Take over one "
            "with rollout: same-endpoint first, and add versions then."
        )
    elif keeps_endpoint(args) and "/deployedModels/" not in name:
        yield (
            f"{here}.adopt names an endpoint. With {here}.rollout: {SAME_ENDPOINT} name what is "
            "deployed on it, …/deployedModels/ID."
        )
    elif not keeps_endpoint(args) and "/deployedModels/" in name:
        yield (
            f"{here}.adopt names a deployment on an endpoint. Set {here}.rollout: "
            f"{SAME_ENDPOINT}, or name the endpoint alone."
        )
