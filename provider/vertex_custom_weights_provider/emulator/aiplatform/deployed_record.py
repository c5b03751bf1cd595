"""Turning a deployment that has finished into a deployed model on its endpoint."""

from __future__ import annotations

from typing import Any

from vertex_custom_weights_provider.emulator import attachments
from vertex_custom_weights_provider.emulator.compute import automation
from vertex_custom_weights_provider.emulator.envelope import Json
from vertex_custom_weights_provider.emulator.http.call import Call
from vertex_custom_weights_provider.emulator.state import clock
from vertex_custom_weights_provider.emulator.state.timers import Moment, effect

from . import endpoint_record, model_record, resources_check

_LATE_SECONDS = 60.0


def attach(moment: Moment, record: Json, deployed: Json) -> Json:
    """Add a deployed model to an endpoint's record, with all the server fills in, and return it."""
    resource = record["resource"]
    model = model_record.load(moment.tx, deployed["model"])
    number = model_record.version_id(model, model_record.split(deployed["model"])[1])
    entry: dict[str, Any] = {
        **deployed,
        "displayName": deployed.get("displayName") or model["versions"][number]["displayName"],
        "modelVersionId": number,
        "createTime": clock.timestamp(moment.now),
    }
    if "dedicatedResources" in entry:
        entry["dedicatedResources"] = resources_check.normalised(entry["dedicatedResources"])
    ready, target = resources_check.first_replicas(entry.get("dedicatedResources", {}))
    late = moment.tx.speaks("replicas-late")
    record["replicas"][entry["id"]] = {
        "from": 0 if late else ready,
        "to": target,
        "since": moment.now + (_LATE_SECONDS if late else 0.0),
    }
    config = resource.get("privateServiceConnectConfig", {})
    if config.get("enablePrivateServiceConnect"):
        location = endpoint_record.location_of(resource["name"])
        record["attachment"] = attachments.ensure(moment.tx, location, config)
        entry["privateEndpoints"] = {"serviceAttachment": record["attachment"]}
    resource.setdefault("deployedModels", []).append(entry)
    return entry


def detach(moment: Moment, record: Json, deployed_id: str) -> None:
    """Remove a deployed model from an endpoint's record; the last one lets the attachment go."""
    resource = record["resource"]
    gone = endpoint_record.deployed(record, deployed_id)
    if gone is not None and moment.tx.speaks("model-left-by-undeploy"):
        model_record.linger(moment, gone["model"])
    left = [model for model in resource.get("deployedModels", []) if model["id"] != deployed_id]
    resource["deployedModels"] = left
    record["replicas"].pop(deployed_id, None)
    attachment = record["attachment"]
    if not left:
        record["attachment"] = ""
        for automated in _automations(resource):
            if "forwardingRule" in automated:
                automation.disconnect(moment, automated["forwardingRule"])
            for output in ("ipAddress", "forwardingRule", "state", "errorMessage"):
                automated.pop(output, None)
    endpoint_record.save(moment.tx, record, moment.now)
    if attachment and not left:
        attachments.release(moment.tx, attachment, moment.now)


def _automations(resource: Json) -> list[Json]:
    return resource.get("privateServiceConnectConfig", {}).get("pscAutomationConfigs", [])


def automation_course(call: Call) -> Json:
    """Return how automation will go: why it fails and when, as far as a scenario says so."""
    outcome = call.hooks.decide(call, "psc_automation")
    if outcome is None:
        return {}
    if outcome.error:
        return {"failure": outcome.error.message}
    return {"after": outcome.seconds or 0.0}


def automate(moment: Moment, record: Json, course: Json) -> None:
    """Let Private Service Connect automation serve the requested networks, now or later."""
    if not course.get("after"):
        _connect(moment, record, course.get("failure", ""))
        return
    name: str = record["resource"]["name"]
    moment.tx.schedule(moment.now + course["after"], "psc.automate", {"endpoint": name})


@effect("psc.automate")
def _automated(moment: Moment, payload: Json) -> None:
    record = endpoint_record.find(moment.tx, payload["endpoint"])
    if record is not None and record["attachment"]:
        _connect(moment, record, "")
        endpoint_record.save(moment.tx, record, moment.now)


def _connect(moment: Moment, record: Json, failure: str) -> None:
    """Give each requested network that has no state yet an address and a rule, or the failure."""
    region: str = record["resource"]["name"].split("/")[3]
    for automated in _automations(record["resource"]):
        if "state" in automated:
            continue
        if failure:
            automated["state"] = "PSC_AUTOMATION_STATE_FAILED"
            automated["errorMessage"] = failure
            continue
        network = automated.get("network", "default")
        project = automated["projectId"].removeprefix("projects/")
        made = automation.connect(moment, project, region, network, record["attachment"])
        automated |= {"state": "PSC_AUTOMATION_STATE_SUCCESSFUL", **made}
