"""What others have deployed on an endpoint that is to be removed."""

from __future__ import annotations

from collections.abc import Mapping

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.api.messages import Endpoint, Model
from vertex_custom_weights_provider.api.names import last
from vertex_custom_weights_provider.lifecycle.deployment.live_inputs import local, strangers
from vertex_custom_weights_provider.lifecycle.identity import ownership


def before_removal(
    cloud: Cloud, name: str, endpoint: Endpoint, owner: str | None, own_model: str = ""
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
    served = {deployed.id: deployed.model for deployed in endpoint.deployed_models}
    spared: dict[str, str] = {}
    for deployed_id in others:
        model = cloud.vertex.find(Model, local(name, served[deployed_id]))
        labels = model.labels if model else {}
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
        f"{last(name)} --deployed-model-id={next(iter(spared))} --region={location} "
        f"--project={project}"
    )
