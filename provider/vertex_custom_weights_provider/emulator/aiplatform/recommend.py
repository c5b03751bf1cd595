"""`:recommendSpec`, and the machine and container of a deployment that does not name them."""

from __future__ import annotations

from typing import Any

from vertex_custom_weights_provider.emulator import names
from vertex_custom_weights_provider.emulator.envelope import Json, refuse
from vertex_custom_weights_provider.emulator.http.call import Call, assumed, documented, reported
from vertex_custom_weights_provider.emulator.http.routing import Registry
from vertex_custom_weights_provider.emulator.settings import Settings

from . import base_models, machines, model_record, weights
from .base_models import BaseModel

registry = Registry()

_ROOM = 1.25  # weights plus cache and activations
_OTHER_REGIONS = ("us-central1", "us-east4", "europe-west4")
_SPEC_COUNT = 3


def _fits(model: BaseModel | None) -> list[Json]:
    """Return the machine specs a model fits on, smallest first; the largest if it fits on none."""
    known = machines.table()
    fitting = [
        machine
        for machine in known.recommended
        if model is None
        or (
            known.gigabytes(machine) >= model.gigabytes * _ROOM
            and model.splits_over(known.bundled[machine].count)
        )
    ]
    return [_machine_spec(machine) for machine in fitting or known.recommended[-1:]]


def _machine_spec(machine: str) -> Json:
    row = machines.table().bundled[machine]
    return {
        "machineType": machine,
        "acceleratorType": row.accelerator,
        "acceleratorCount": row.count,
    }


def _container(name: str) -> Json:
    return {
        "imageUri": f"{model_record.CONTAINER}:20250917_0916_RC01",
        "args": ["python", "-m", "vllm.entrypoints.api_server", "--host=0.0.0.0", "--port=8080"],
        "env": [{"name": "MODEL_ID", "value": name}],
        "ports": [{"containerPort": 8080}],
        "predictRoute": "/generate",
        "healthRoute": "/ping",
    }


def with_model_id(spec: Json, model_id: str) -> Json:
    """Return the container with the model's id as the name it answers to."""
    environment = [{"name": "MODEL_ID", "value": model_id}]
    return {**spec["containerSpec"], "env": environment}


def serving(settings: Settings, body: Json) -> Json:
    """Return what the service would serve a deployment with, refusing weights it cannot tell."""
    publisher_model = body.get("publisherModelName") or body.get("huggingFaceModelId", "")
    config = None
    if not publisher_model:
        config = weights.read_config(settings, body["customModel"].get("gcsUri", ""))
    model = base_models.recognise(config, body["customModel"]["gcsUri"]) if config else None
    return {
        "baseModel": model.name if model else "",
        "publisherModel": publisher_model,
        "machineSpec": _fits(model)[0],
        "containerSpec": _container("model"),
        "crashes": bool(config and model and _quantized(config, model)),
    }


def _quantized(config: Json, model: BaseModel) -> bool:
    return bool(config.get("quantization_config")) and not model.quantized


@registry.route(
    "POST",
    "/{version}/{parent=projects/*/locations/*}:recommendSpec",
    method="aiplatform.projects.locations.recommendSpec",
    notes=(
        documented("With availability asked for, `recommendations` come per region."),
        reported("Otherwise `specs` come back, even when quota is asked for."),
        assumed("The base model is the listed one that config.json describes, or is closest to."),
        assumed("The smallest machine whose accelerators hold 1.25 times the weights comes first."),
        assumed("Every project has quota, unless a scenario says otherwise."),
        assumed("recommendSpec answers everybody who may deploy."),
    ),
)
def recommend_spec(call: Call) -> Json:
    """Name the base model of a weights folder and machines to serve it on."""
    if call.tx.speaks("recommend-spec-unavailable"):
        refuse("PERMISSION_DENIED", "recommendSpec is not available to this project.")
    uri = call.body.get("gcsUri", "")
    config = weights.read_config(call.settings, uri)
    if config is None:
        weights.parse_uri(uri)
    model = base_models.recognise(config, uri) if config else None
    answer: dict[str, Any] = {"baseModel": model.name} if model else {}
    container = _container(uri.rstrip("/").rsplit("/", 1)[-1])
    specs = [
        {"machineSpec": machine, "containerSpec": container}
        for machine in _fits(model)[:_SPEC_COUNT]
    ]
    if not call.body.get("checkMachineAvailability"):
        return {**answer, "specs": specs}
    return {**answer, "recommendations": _recommendations(call, specs)}


def _recommendations(call: Call, specs: list[Json]) -> list[Json]:
    own = names.canonical(call.params["parent"]).split("/")[3]
    regions = [own, *(region for region in _OTHER_REGIONS if region != own)]
    no_quota = call.body.get("checkUserQuota") and call.hooks.decide(call, "quota") is not None
    state = "QUOTA_STATE_NO_USER_QUOTA" if no_quota else "QUOTA_STATE_USER_HAS_QUOTA"
    quota = {"userQuotaState": state} if call.body.get("checkUserQuota") else {}
    return [{"region": region, "spec": spec, **quota} for region in regions for spec in specs]
