"""Where a deployment onto a given endpoint is, or goes: endpoint, model, and id on the endpoint."""

from __future__ import annotations

import msgspec

from vertex_custom_weights_provider.api.messages import DeployedModel, Endpoint
from vertex_custom_weights_provider.lifecycle.contract import Outputs
from vertex_custom_weights_provider.lifecycle.deployment.live_inputs import local
from vertex_custom_weights_provider.lifecycle.identity import ids
from vertex_custom_weights_provider.lifecycle.steps import vertex_objects as objects
from vertex_custom_weights_provider.properties.custom_weights_deployment import (
    CustomWeightsDeploymentSpec,
)


class Place(msgspec.Struct, frozen=True):
    """The deployment that is wanted: where, and of what."""

    endpoint: str
    model: str
    deployed_id: str

    @property
    def resource_id(self) -> str:
        """The id of the resource that stands for it."""
        return f"{self.endpoint}/deployedModels/{self.deployed_id}"

    def find(self, endpoint: Endpoint) -> DeployedModel | None:
        """Return the deployment of our model among those on the endpoint."""
        there = endpoint.deployed_models
        return next((d for d in there if objects.serves(d, self.model)), None)


def intended_model(spec: CustomWeightsDeploymentSpec | None) -> str:
    """Return the name of the model that the inputs lead to; one that cannot be on an import."""
    if spec is None:
        return "projects/-/locations/-/models/none"
    parent = f"projects/{spec.project}/locations/{spec.location}"
    return f"{parent}/models/{spec.model_user_id or ids.choose(spec.owner or 'model')}"


def place_of(endpoint: Endpoint, name: str, model: str) -> Place:
    """Return where the model is or goes: what was imported has an id that others have chosen."""
    there = Place(name, model, "").find(endpoint)
    return Place(name, model, there.id if there else ids.number(model))


def known_place(
    name: str,
    deployed_id: str,
    endpoint: Endpoint,
    spec: CustomWeightsDeploymentSpec | None,
    outputs: Outputs,
) -> Place:
    """Return the place that state knows of, or an import names by the id of its deployment."""
    model = str(outputs.get("modelName") or "")
    if not model:
        own = endpoint.deployed(deployed_id)
        model = local(name, own.model) if own else intended_model(spec)
    return Place(name, model, str(outputs.get("deployedModelId") or "") or ids.number(model))
