"""Endpoints and the models on them: what several lifecycles do with them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.api.messages import (
    DeployedModel,
    Endpoint,
    Json,
    Model,
    Named,
    Operation,
)
from vertex_custom_weights_provider.api.names import last
from vertex_custom_weights_provider.lifecycle.identity import ownership
from vertex_custom_weights_provider.lifecycle.steps.conditional_write import until_first
from vertex_custom_weights_provider.lifecycle.steps.waiting import Goal, achieve, finish, unfinished

V = TypeVar("V", Endpoint, Model)
_BEATEN = (errors.Aborted, errors.FailedPrecondition, errors.AlreadyExists)


def patch(cloud: Cloud, kind: type[V], name: str, change: Callable[[V], Mapping[str, Any]]) -> V:
    """Change an endpoint or a model under its etag, reading again when somebody was faster.

    Args:
        cloud: Where.
        kind: Which of the two.
        name: Its name.
        change: Given the object as it is, returns the fields to write; none means no call.
    """

    def changed() -> V:
        live = cloud.vertex.get(kind, name)
        fields = change(live)
        if not fields:
            return live
        body = {**fields, "etag": live.etag}
        return cloud.vertex.patch(kind, name, body, ",".join(sorted(fields)))

    return until_first(cloud, name, changed, lambda refused: isinstance(refused, _BEATEN))


def relabelled(
    found: Named,
    labels: Mapping[str, str] | None,
    by: ownership.Stamp,
    formerly: Mapping[str, str] | None = None,
) -> dict[str, dict[str, str]]:
    """Return the `labels` field to write so that ours are right and strangers' are kept."""
    wanted = ownership.restamp(found, labels, by, formerly)
    return {} if wanted == found.labels else {"labels": wanted}


def serves(deployed: DeployedModel, model: str) -> bool:
    """Tell whether a deployed model is of the registry model named `model`."""
    return last(deployed.model) == last(model)


def attachment(endpoint: Endpoint, deployed: DeployedModel | None) -> str:
    """Return the service attachment, wherever the service put it."""
    at_model = deployed.private_endpoints.service_attachment if deployed else ""
    return at_model or endpoint.private_service_connect_config.service_attachment


def psc_inputs(endpoint: Endpoint, written: Json | None = None) -> Json:
    """Return the private-access inputs of a live endpoint, without what the service filled in.

    Args:
        endpoint: The endpoint.
        written: The same as the program writes it; projects are spelled as there.
    """
    config: Json = dict(endpoint.json.get("privateServiceConnectConfig", {}))
    config.pop("serviceAttachment", None)
    automation = [
        {key: item[key] for key in ("projectId", "network") if key in item}
        for item in config.pop("pscAutomationConfigs", [])
    ]
    if automation:
        config["pscAutomationConfigs"] = automation
    return _spelled(config, written or {})


def _spelled(live: Json, written: Json) -> Json:
    """Spell projects as the program does: by id, by number, or as `projects/…`."""
    allowed: list[str] = live.get("projectAllowlist", [])
    names = _as_written(allowed, written.get("projectAllowlist") or [])
    found = {**live, "projectAllowlist": names} if names != allowed else dict(live)
    listed: list[Json] = live.get("pscAutomationConfigs", [])
    ours: list[Json] = written.get("pscAutomationConfigs") or []
    if len(listed) == len(ours):
        found |= (
            {
                "pscAutomationConfigs": [
                    {**one, "projectId": _as_written([one["projectId"]], [own["projectId"]])[0]}
                    for one, own in zip(listed, ours, strict=True)
                ]
            }
            if listed
            else {}
        )
    return found


def _as_written(live: list[str], written: list[str]) -> list[str]:
    """Return the program's spelling where it may mean the same projects.

    Which number an id has is not to be known from here, so that an id and a number count as two
    spellings of one project wherever one of each is left over.
    """
    there, ours = ({name.removeprefix("projects/") for name in names} for names in (live, written))
    new, gone = there - ours, ours - there
    numbers = {name.isdigit() for name in new}
    exchanged = len(numbers) <= 1 and not numbers & {name.isdigit() for name in gone}
    same = len(there) == len(ours) and len(live) == len(written)
    return written if same and (not new or exchanged) else live


def running_deploy(cloud: Cloud, parent: str, model: str) -> Operation | None:
    """Return the unfinished `:deploy` operation that registers the model named `model`.

    It lives under the location, not under the endpoint, and may be visible before the endpoint is.
    One that names no model may be it: to wait for somebody else's costs time, not to wait for ours
    would cost a second deployment.
    """
    found = [
        operation
        for operation in unfinished(cloud, parent)
        if operation.metadata.type.endswith(".DeployOperationMetadata")
        and last(operation.metadata.model_id or model) == last(model)
    ]
    return min(found, key=lambda operation: not operation.metadata.model_id, default=None)


def stop_deploying(cloud: Cloud, name: str, model: str, seconds: float) -> None:
    """End a deployment that still runs: ask to cancel it, and in any case see its end.

    Vertex AI may not honour the request, and refuses to delete an endpoint meanwhile. What the
    operation leaves behind is for the caller to remove.
    """
    operation = running_deploy(cloud, name.rsplit("/endpoints/", 1)[0], model)
    if operation is None:
        return
    if operation.metadata.model_id:  # else it may be somebody else's
        with contextlib.suppress(errors.ApiError, errors.NoAnswer):
            cloud.vertex.cancel(operation)
    with contextlib.suppress(errors.OperationFailed, errors.NotFound):
        finish(cloud, operation, f"waiting until {last(name)} can be removed", seconds)


def remove(cloud: Cloud, name: str, models: Iterable[str], seconds: float) -> None:
    """Undeploy everything, delete the endpoint, then delete these registry models."""

    def start() -> Operation | None:
        if endpoint := cloud.vertex.find(Endpoint, name):
            # A model with traffic cannot go before those that could not take it over.
            for deployed_id in sorted(_ids(endpoint), key=lambda id: endpoint.split.get(id, 0)):
                undeploy(cloud, name, deployed_id, seconds)
        return cloud.vertex.delete(name)

    def gone() -> bool:
        return cloud.vertex.find(Endpoint, name) is None

    achieve(cloud, Goal(f"deleting endpoint {last(name)}", name, gone, start), seconds)
    for model in models:
        remove_model(cloud, model, seconds)


def remove_model(cloud: Cloud, name: str, seconds: float) -> None:
    """Delete a model; gone already is fine."""
    goal = Goal(
        what=f"deleting model {last(name)}",
        scope=name,
        reached=lambda: cloud.vertex.find(Model, name) is None,
        start=lambda: cloud.vertex.delete(name),
    )
    achieve(cloud, goal, seconds)


def undeploy(cloud: Cloud, name: str, deployed_id: str, seconds: float) -> None:
    """Take one model off an endpoint; gone already is fine."""

    def reached() -> bool:
        return deployed_id not in _ids(cloud.vertex.find(Endpoint, name))

    def start() -> Operation:
        body: dict[str, Any] = {"deployedModelId": deployed_id}
        endpoint = cloud.vertex.find(Endpoint, name)
        there, split = _ids(endpoint), endpoint.split if endpoint else {}
        if split.get(deployed_id) and len(there) > 1:
            body["trafficSplit"] = _without({id: split.get(id, 0) for id in there}, deployed_id)
        try:
            return cloud.vertex.start(f"{name}:undeployModel", body)
        except errors.InvalidArgument:
            if _ids(cloud.vertex.find(Endpoint, name)) == there:
                raise
            # One that was to get traffic has left between the look and the request.
            left = f"what is deployed on {last(name)} has changed meanwhile"
            raise errors.Aborted(left, http_status=409) from None

    what = f"undeploying {deployed_id} from {last(name)}"
    achieve(cloud, Goal(what, name, reached, start), seconds)


def _ids(endpoint: Endpoint | None) -> list[str]:
    return [deployed.id for deployed in endpoint.deployed_models] if endpoint else []


def _without(split: Mapping[str, int], leaving: str) -> dict[str, int]:
    """Share the leaving model's traffic among those that stay, in their proportions."""
    staying = {key: int(value) for key, value in split.items() if key != leaving}
    total = sum(staying.values())
    if total == 0:
        first = next(iter(staying))
        return {**staying, first: 100}
    shared = {key: value * 100 // total for key, value in staying.items()}
    heaviest = max(shared, key=lambda key: shared[key])
    return {**shared, heaviest: shared[heaviest] + 100 - sum(shared.values())}
