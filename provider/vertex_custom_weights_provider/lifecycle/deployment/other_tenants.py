"""What others have deployed on an endpoint that is to be removed."""

from __future__ import annotations

from collections.abc import Mapping

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.api.rest import Json
from vertex_custom_weights_provider.lifecycle.deployment.live_inputs import local, strangers
from vertex_custom_weights_provider.lifecycle.identity import ownership
from vertex_custom_weights_provider.lifecycle.steps import vertex_objects as objects


def before_removal(
    cloud: Cloud, name: str, endpoint: Json, owner: str | None, own_model: str = ""
) -> None:
    """Spare what another stack has deployed there, and warn of everything else that will go.

    Args:
        cloud: Where.
        name: Name of the endpoint.
        endpoint: The endpoint as it is.
        owner: URN of the resource that is to be removed.
        own_model: Name of the model that goes with it.

    Raises:
        errors.ForeignOwner: the program of another project or stack has deployed something there.
    """
    others = strangers(endpoint, own_model)
    served = {str(d["id"]): str(d["model"]) for d in endpoint.get("deployedModels", [])}
    spared: dict[str, str] = {}
    for deployed_id in others:
        model = cloud.vertex.find(local(name, served[deployed_id])) or {}
        labels: Mapping[str, str] = model.get("labels", {})
        if ownership.of_another_stack(labels, owner):
            spared[deployed_id] = ownership.holder(labels)
    if spared:
        raise errors.ForeignOwner(_refusal(name, spared))
    if others:
        told = ", ".join(others)
        cloud.report.warn(f"undeploying what others had deployed on {name}: {told}")


def _refusal(name: str, spared: Mapping[str, str]) -> str:
    told = ", ".join(f"{deployed_id} of {holder}" for deployed_id, holder in spared.items())
    project, location = name.split("/")[1:4:2]
    return (
        f"{name} stays, because another stack has deployed onto it: {told} "
        "(project/stack/resource). Remove that deployment there, or give it another endpoint, then "
        "run again. Should that stack be no more: gcloud ai endpoints undeploy-model "
        f"{objects.last(name)} --deployed-model-id={next(iter(spared))} --region={location} "
        f"--project={project}"
    )
