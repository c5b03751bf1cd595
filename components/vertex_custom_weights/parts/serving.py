"""What an endpoint component declares to serve its weights, in one of three ways.

- a deployment that makes its own endpoint: the default;
- an endpoint, and a deployment onto it: changes roll out behind the same name and address;
- an endpoint, a deployment onto it for each version, and the split of the traffic among them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

import pulumi

from vertex_custom_weights.args import (
    CustomWeightsEndpointArgs,
    DeploymentArgs,
    MachineArgs,
    VersionArgs,
)
from vertex_custom_weights.args_private import PrivateAccessArgs
from vertex_custom_weights.checks import base_model
from vertex_custom_weights.checks.rollout import keeps_endpoint
from vertex_custom_weights.checks.versions import ONLY
from vertex_custom_weights_provider.resources.custom_weights_deployment import (
    CustomWeightsDeployment,
)
from vertex_custom_weights_provider.resources.endpoint import Endpoint
from vertex_custom_weights_provider.resources.traffic_split import TrafficSplit

from .machines import dedicated_resources

_DEPLOYED = "/deployedModels/"


@dataclass(frozen=True)
class Serving:
    """What is known of that which serves. Of several versions the leading one is described.

    Attributes:
        endpoint_name: Full resource name of the endpoint.
        model_name: Full resource name of the registered model.
        deployed_model_id: Id of the deployment.
        deployed_model_ids: Id of the deployment of each version.
        service_attachment: Of a private endpoint; empty for a public one.
        dedicated_dns: Of a public endpoint; empty for a private one.
    """

    endpoint_name: pulumi.Output[str]
    model_name: pulumi.Output[str]
    deployed_model_id: pulumi.Output[str]
    deployed_model_ids: Mapping[str, pulumi.Output[str]]
    service_attachment: pulumi.Output[str]
    dedicated_dns: pulumi.Output[str]


@dataclass(frozen=True)
class Place:
    """Where an endpoint is, under what it hangs in the program, and what it serves alone.

    Attributes:
        family: The family of models of its component; None for any.
    """

    project: Any
    location: Any
    below: pulumi.ResourceOptions
    family: Optional[str] = None


def serve(name: str, args: CustomWeightsEndpointArgs, place: Place) -> Serving:
    """Declare what serves the weights.

    Args:
        name: Of the component.
        args: Its arguments, which have passed the checks.
        place: Where.
    """
    versions = args.get("versions")
    if versions:
        return _side_by_side(name, args, versions, place)
    weights = VersionArgs(weights_uri=args.get("weights_uri", ""), traffic=100)
    endpoint = _endpoint(name, args, place) if keeps_endpoint(args) else None
    return _described(args, _deploy(f"{name}-{ONLY}", name, args, weights, place, endpoint))


def leading(versions: Mapping[str, VersionArgs]) -> str:
    """Return the version with most traffic, the first by name of several.

    New versions begin with little of it, so this one is known in previews already.
    """
    return min(versions, key=lambda version: (-versions[version]["traffic"], version))


def _side_by_side(
    name: str,
    args: CustomWeightsEndpointArgs,
    versions: Mapping[str, VersionArgs],
    place: Place,
) -> Serving:
    # By name: programs in other languages give them in no order, and shares in another order would
    # be a change.
    versions = dict(sorted(versions.items()))
    endpoint, first = _endpoint(name, args, place), leading(versions)
    # Whoever had one deployment on the endpoint before had it under this name.
    aliases = [] if ONLY in versions else [pulumi.Alias(name=f"{name}-{ONLY}")]
    formerly = pulumi.ResourceOptions(aliases=aliases)
    made = {
        version: _deploy(
            f"{name}-{version}",
            f"{name}-{version}",
            args,
            weights,
            place,
            endpoint,
            formerly if version == first else None,
        )
        for version, weights in versions.items()
    }
    TrafficSplit(
        f"{name}-mix",
        endpoint=endpoint.endpoint_name,
        traffic=[
            {
                "deployed_model_id": made[version].deployed_model_id,
                "percent": weights["traffic"],
                "name": version,
            }
            for version, weights in versions.items()
        ],
        opts=place.below,
    )
    ids = {version: deployment.deployed_model_id for version, deployment in made.items()}
    return _described(args, made[first], ids)


def _described(
    args: CustomWeightsEndpointArgs,
    made: CustomWeightsDeployment,
    ids: Optional[Mapping[str, pulumi.Output[str]]] = None,
) -> Serving:
    # Private and public exclude each other, so that the one says what the other will not have.
    none, public = pulumi.Output.from_input(""), bool(args.get("public"))
    return Serving(
        endpoint_name=made.endpoint_name,
        model_name=made.model_name,
        deployed_model_id=made.deployed_model_id,
        deployed_model_ids=ids or {},
        service_attachment=none if public else made.service_attachment,
        dedicated_dns=made.dedicated_endpoint_dns if public else none,
    )


def _endpoint(name: str, args: CustomWeightsEndpointArgs, place: Place) -> Endpoint:
    """Declare the endpoint alone, for deployments that come and go behind its name."""
    how = args.get("deployment") or DeploymentArgs()
    return Endpoint(
        f"{name}-api",
        project=place.project,
        location=place.location,
        display_name=name,
        labels=args.get("labels"),
        private_service_connect_config=private(args, place.project),
        dedicated_endpoint_enabled=True if args.get("public") else None,
        predict_request_response_logging_config=how.get("request_logging"),
        client_connection_config=_in_block("inference_timeout", how.get("inference_timeout")),
        encryption_spec=_in_block("kms_key_name", how.get("encryption_key")),
        adopt=_adopted_endpoint(how),
        timeouts=how.get("timeouts"),
        opts=place.below,
    )


def _deploy(
    resource: str,
    display_name: str,
    args: CustomWeightsEndpointArgs,
    weights: VersionArgs,
    place: Place,
    endpoint: Optional[Endpoint] = None,
    more: Optional[pulumi.ResourceOptions] = None,
) -> CustomWeightsDeployment:
    """Declare a deployment: onto the endpoint, or without one with an endpoint of its own."""
    how = args.get("deployment") or DeploymentArgs()
    return CustomWeightsDeployment(
        resource,
        gcs_uri=weights["weights_uri"],
        project=place.project,
        location=place.location,
        model_display_name=display_name,
        labels=args.get("labels"),
        dedicated_resources=_resources(args, weights),
        container_spec=how.get("container"),
        enable_container_logging=how.get("container_logging"),
        service_account=how.get("service_account"),
        base_model=_base_model(args, weights),
        family=place.family,
        preflight=how.get("preflight"),
        weights_changes=how.get("weights_changes"),
        adopt=how.get("adopt"),
        generation=how.get("generation"),
        timeouts=how.get("timeouts"),
        opts=pulumi.ResourceOptions.merge(place.below, more),
        **_route(display_name, args, place, endpoint),
    )


def _route(
    display_name: str, args: CustomWeightsEndpointArgs, place: Place, endpoint: Optional[Endpoint]
) -> dict[str, Any]:
    """Return what a deployment says of its endpoint, or of the way onto one that is given."""
    if endpoint is None:
        return {
            "endpoint_display_name": display_name,
            "private_service_connect_config": private(args, place.project),
        }
    how: Mapping[str, Any] = args.get("deployment") or {}
    onto = {key: how.get(key) for key in ("smoke_test", "traffic_steps")}
    logged = {"enable_access_logging": how.get("access_logging")}
    return {**onto, **logged, "endpoint": endpoint.endpoint_name}


def _in_block(key: str, value: Any) -> Any:
    """Return the API's block around a value, None without one."""
    return None if value is None else {key: value}


def _resources(args: CustomWeightsEndpointArgs, weights: VersionArgs) -> Any:
    """Return machine and replicas: of the weights, else of the endpoint, else what fits them."""
    machine = weights.get("machine", args.get("machine")) or _default_machine(args, weights)
    return dedicated_resources(machine, weights.get("replicas", args.get("replicas")))


def _default_machine(args: CustomWeightsEndpointArgs, weights: VersionArgs) -> Any:
    """Return the catalog's machine for the base model; without one preflight chooses, once."""
    stated = _base_model(args, weights)
    known = base_model.default_machine(stated) if stated is not None else None
    if known is not None:
        return known
    how = args.get("deployment") or DeploymentArgs()
    return None if how.get("preflight", "enforce") != "enforce" else MachineArgs(type="auto")


def _base_model(args: CustomWeightsEndpointArgs, weights: VersionArgs) -> Optional[str]:
    return weights.get("base_model", args.get("base_model"))


def _adopted_endpoint(how: DeploymentArgs) -> Optional[str]:
    """Return the endpoint under the deployment that is to be taken over."""
    name = how.get("adopt")
    return None if name is None else name.partition(_DEPLOYED)[0]


def private(args: CustomWeightsEndpointArgs, project: Any) -> Any:
    """Return `privateServiceConnectConfig`: this project alone unless told otherwise."""
    if args.get("public"):
        return None
    access = args.get("private_service_connect") or PrivateAccessArgs()
    allowed = access.get("allowed_projects", [project])
    config: dict[str, Any] = {"enable_private_service_connect": True, "project_allowlist": allowed}
    if "check_permissions" in access:
        config["enable_secure_private_service_connect"] = access["check_permissions"]
    return config
