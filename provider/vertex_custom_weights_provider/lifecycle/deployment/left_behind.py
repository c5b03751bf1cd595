"""Endpoints that a killed run may have left behind: told about, never removed.

A create that dies before it can answer is mended by the next one, which finds its work by id. When
the inputs change in between, the id changes too, and nothing in the state names the first endpoint.
Its owner label does. But what a replacement is about to remove bears the same label, and so does
what a forced replacement has kept for later: only the engine knows which is which, and it does not
say. So the person is told, and decides.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.api.messages import Endpoint, Model
from vertex_custom_weights_provider.api.names import last
from vertex_custom_weights_provider.lifecycle.identity import ownership


class Replaced:
    """Ids of endpoints that the engine removes by itself once their successors are there."""

    def __init__(self) -> None:
        """Start with none."""
        self._ids: set[str] = set()

    def expect(self, outputs: Mapping[str, Any]) -> None:
        """Note the endpoint of a resource that is about to be replaced."""
        self._ids.add(last(str(outputs.get("endpointName") or "")))

    def __contains__(self, endpoint_id: str) -> bool:
        """Tell whether an endpoint is one of these."""
        return endpoint_id in self._ids


def _of_another_state(found: Endpoint, owner: str, cloud: Cloud) -> bool:
    return ownership.left_to_another_state(found.labels, owner, cloud.state)


def tell(owner: str | None, name: str, cloud: Cloud) -> None:
    """Warn of endpoints that the resource has made besides `name` and nobody has spoken of.

    One listing. Trouble with it is not worth failing a creation that has succeeded.
    """
    if not owner:
        return
    replaced = cloud.memory.of(Replaced)
    parent, _, kept = name.rpartition("/endpoints/")
    label = f'labels.{ownership.OWNER}="{ownership.owner_key(owner)}"'
    with contextlib.suppress(errors.VcwError):
        ours = cloud.vertex.list(Endpoint, parent, filter=label)
        found = [last(one.name) for one in ours if not _of_another_state(one, owner, cloud)]
        for left in (one for one in found if one != kept and one not in replaced):
            project, location = parent.split("/")[1::2]
            cloud.report.warn(
                f"{parent}/endpoints/{left} was made by this resource too, with other inputs: a "
                "run that was killed may have left it. If `pulumi stack export` does not name it, "
                "undeploy its models and remove it: "
                f"gcloud ai endpoints delete {left} --region={location} --project={project}"
            )


def tell_model(name: str, model_name: str, cloud: Cloud) -> None:
    """Warn of a model that is left without its endpoint: after this no state knows of it."""
    if model_name and cloud.vertex.find(Model, model_name) is not None:
        project, location = model_name.split("/")[1:4:2]
        cloud.report.warn(
            f"{name} is gone, but its model is still registered. `pulumi up` "
            "with the same inputs removes it; otherwise: gcloud ai models delete "
            f"{last(model_name)} --region={location} --project={project}"
        )
