"""What becomes of a deployment by itself: it falls asleep when idle, and ends with its time.

A deployment that scales to zero answers 429 while asleep; the first request is dropped and wakes
it. One that has slept for thirty days is undeployed, as is one of flex-start machines at the end of
its runtime.
"""

from __future__ import annotations

from vertex_custom_weights_provider.emulator.envelope import Json, refuse
from vertex_custom_weights_provider.emulator.state.timers import Moment, effect
from vertex_custom_weights_provider.emulator.state.transaction import Transaction

from . import deployed_record, endpoint_record, resources_check, traffic

SLEEP_SECONDS = 30 * 86_400.0


def begin(moment: Moment, record: Json, entry: Json) -> None:
    """Plan the end of a deployment that has just become ready."""
    resources: Json = entry.get("dedicatedResources", {})
    runtime = resources_check.flex_start_seconds(resources)
    if runtime:
        _end_at(moment.tx, moment.now + runtime, record, entry["id"], "flexStart")
    watch(moment, record, entry)


def watch(moment: Moment, record: Json, entry: Json) -> None:
    """Count idleness from now on, or no longer; to be called when scaling has changed."""
    resources: Json = entry.get("dedicatedResources", {})
    scaling: Json = record["replicas"][entry["id"]]
    moment.tx.unschedule(_owner(record, entry["id"], "sleep"))
    scaling.pop("idle", None)
    if resources_check.scales_to_zero(resources):
        scaling |= {"idle": resources_check.idle_seconds(resources), "asked": moment.now}
        _end_after_sleep(moment, record, entry["id"], scaling["idle"])


def ask(tx: Transaction, name: str, deployed_id: str, now: float) -> None:
    """Note a request to a deployment that scales to zero; one that sleeps wakes up for it."""
    record = endpoint_record.load(tx, name)
    scaling: Json = record["replicas"][deployed_id]
    if endpoint_record.asleep(scaling, now):
        scaling |= {"from": 0, "to": max(1, scaling["to"]), "since": now}
    scaling["asked"] = now
    tx.unschedule(_owner(record, deployed_id, "sleep"))
    _end_after_sleep(Moment(tx, now), record, deployed_id, scaling["idle"])
    tx.put_body(endpoint_record.KIND, name, record)


def check_alone(record: Json, deployed: Json) -> None:
    """Refuse what an endpoint cannot hold together with a deployment that scales to zero."""
    resources: Json = deployed.get("dedicatedResources", {})
    others = record["resource"].get("deployedModels", [])
    sleepers = [
        one for one in others if resources_check.scales_to_zero(one.get("dedicatedResources", {}))
    ]
    if sleepers or (others and resources_check.scales_to_zero(resources)):
        refuse(
            "FAILED_PRECONDITION",
            "Scale to zero supports one DeployedModel per Endpoint, and"
            f" `{record['resource']['name']}` has {len(others)}.",
        )
    check_host(record["resource"], resources)


def check_host(resource: Json, resources: Json) -> None:
    """Refuse to let a deployment sleep behind the shared host, which wakes none up."""
    private = resource.get("privateServiceConnectConfig", {}).get("enablePrivateServiceConnect")
    own = resource.get("dedicatedEndpointEnabled") or private
    if resources_check.scales_to_zero(resources) and not own:
        refuse(
            "FAILED_PRECONDITION",
            "Scale to zero is not supported on shared public endpoints. Use a dedicated endpoint.",
        )


def _owner(record: Json, deployed_id: str, why: str) -> str:
    return f"{why}:{record['resource']['name']}:{deployed_id}"


def _end_after_sleep(moment: Moment, record: Json, deployed_id: str, idle: float) -> None:
    _end_at(moment.tx, moment.now + idle + SLEEP_SECONDS, record, deployed_id, "sleep")


def _end_at(tx: Transaction, due: float, record: Json, deployed_id: str, why: str) -> None:
    payload = {"endpoint": record["resource"]["name"], "deployedModelId": deployed_id}
    tx.schedule(due, "deployment.end", payload, _owner(record, deployed_id, why))


@effect("deployment.end")
def _end(moment: Moment, payload: Json) -> None:
    record = endpoint_record.find(moment.tx, payload["endpoint"])
    if record is None or endpoint_record.deployed(record, payload["deployedModelId"]) is None:
        return
    resource, gone = record["resource"], payload["deployedModelId"]
    resource["trafficSplit"] = traffic.without(resource.get("trafficSplit", {}), gone)
    deployed_record.detach(moment, record, gone)
