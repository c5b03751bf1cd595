"""Private Service Connect automation: addresses and rules that Google makes in consumer networks.

It begins when the first model is deployed and ends well or badly by itself: a failure neither fails
the deployment nor heals, and what was made goes with the last deployment (Google's documentation).
"""

from __future__ import annotations

from typing import TypeVar

from msgspec.structs import replace

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.api.messages import AutomationOutcome, Endpoint, Json
from vertex_custom_weights_provider.api.names import last
from vertex_custom_weights_provider.lifecycle.contract import Live, Outputs
from vertex_custom_weights_provider.lifecycle.diff import PropertyChange
from vertex_custom_weights_provider.lifecycle.steps.waiting import END_UNSEEN, pauses, resumable
from vertex_custom_weights_provider.properties.base import IN_PLACE, Spec

S = TypeVar("S", bound=Spec)
OUTPUT = "pscAutomation"
_STATE = "PSC_AUTOMATION_STATE_"
_DONE, _FAILED, _NONE = f"{_STATE}SUCCESSFUL", f"{_STATE}FAILED", f"{_STATE}UNSPECIFIED"
_PATIENCE_SECONDS = 300.0


def outcomes(endpoint: Endpoint) -> list[Json]:
    """Return what has become of each network that is to be connected, with all keys set."""
    return [_outcome(one) for one in endpoint.private_service_connect_config.psc_automation_configs]


def _outcome(found: AutomationOutcome) -> Json:
    return {
        "projectId": found.project_id,
        "network": found.network,
        "ipAddress": found.ip_address,
        "forwardingRule": found.forwarding_rule,
        "errorMessage": found.error_message,
        "state": found.state or _NONE,
    }


def awaited(cloud: Cloud, name: str, endpoint: Endpoint) -> Endpoint:
    """Return the endpoint once each network has an outcome, or patience ends."""
    deadline = cloud.clock.now() + _PATIENCE_SECONDS
    for pause in pauses(longest=10.0):
        open_ = [one["network"] for one in outcomes(endpoint) if one["state"] == _NONE]
        if not open_ or cloud.clock.now() >= deadline:
            return endpoint
        cloud.report.status(f"connecting {last(name)} to {', '.join(open_)}")
        cloud.clock.sleep(pause)
        endpoint = cloud.vertex.get(Endpoint, name)
    raise AssertionError  # pauses never end


def connected(cloud: Cloud, live: Live[S], endpoint: Endpoint, *, insists: bool = True) -> Live[S]:
    """Return a deployment with the outcomes among its outputs.

    Args:
        cloud: Where.
        live: The deployment.
        endpoint: Its endpoint.
        insists: A network that is not connected is an error, not only a warning.

    Raises:
        errors.Unfinished: a network is not connected; all else is there and stays.
    """
    name = str(live.outputs["endpointName"])
    try:
        with resumable():
            endpoint = awaited(cloud, name, endpoint)
    except END_UNSEEN as cut:
        why = str(cut).rstrip(".")
        told = f"{why}. Run `pulumi up` again to see what automation has made of its networks."
        raise errors.Unfinished(live.id, _with(live.outputs, endpoint), told) from None
    outputs = _with(live.outputs, endpoint)
    if told := complaint(outputs[OUTPUT]):
        if insists:
            raise errors.Unfinished(live.id, outputs, told)
        cloud.report.warn(told)
    return replace(live, outputs=outputs)


def _with(outputs: Outputs, endpoint: Endpoint) -> Outputs:
    return {**outputs, OUTPUT: outcomes(endpoint)}


def ailing(outputs: Outputs) -> PropertyChange | None:
    """Return the change that a network without connection asks for."""
    states = [str(one["state"]) for one in outputs.get(OUTPUT, [])]
    bad = next((state for state in states if state != _DONE), None)
    return None if bad is None else PropertyChange(OUTPUT, "UPDATE", IN_PLACE, bad, _DONE)


def complaint(found: list[Json]) -> str:
    """Say which networks are not connected, and what to do; empty when all are."""
    told = [_why(one) for one in found if one["state"] != _DONE]
    if not told:
        return ""
    return (
        f"Private Service Connect automation has not connected {'; '.join(told)}. The deployment "
        "serves, but not there. Automation does not try again by itself: mend the cause, then "
        "raise `generation`; or connect the network with a PscAddress and a PscForwardingRule "
        "and remove it from pscAutomationConfigs."
    )


def _why(one: Json) -> str:
    network, message = one["network"], one["errorMessage"].rstrip(".")
    if one["state"] == _NONE:
        return f"{network} (no outcome yet)"
    if "CONNECTION_POLICY_MISSING" in message:
        return (
            f"{network} ({message}: the network has no service connection policy of class "
            "gcp-vertexai in this region. Make one with `gcloud network-connectivity "
            "service-connection-policies create --service-class=gcp-vertexai`)"
        )
    return f"{network} ({message or one['state']})"
