"""`:recommendSpec`, and the machine and container of a deployment that does not name them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vertex_custom_weights_provider.emulator import names
from vertex_custom_weights_provider.emulator.envelope import Json, refuse
from vertex_custom_weights_provider.emulator.http.call import Call
from vertex_custom_weights_provider.emulator.http.routing import Registry, assumed, documented
from vertex_custom_weights_provider.emulator.settings import Settings

from . import model_record, weights

if TYPE_CHECKING:
    from vertex_custom_weights_provider.catalog import Model

registry = Registry()

# Smallest first: machine type, accelerator, how many, and their memory in bytes.
_LADDER = (
    ("g2-standard-12", "NVIDIA_L4", 1, 24e9),
    ("g2-standard-24", "NVIDIA_L4", 2, 48e9),
    ("g2-standard-48", "NVIDIA_L4", 4, 96e9),
    ("a3-highgpu-2g", "NVIDIA_H100_80GB", 2, 160e9),
    ("a3-highgpu-4g", "NVIDIA_H100_80GB", 4, 320e9),
    ("a3-highgpu-8g", "NVIDIA_H100_80GB", 8, 640e9),
    ("a3-ultragpu-8g", "NVIDIA_H200_141GB", 8, 1128e9),
)
_ROOM = 1.25  # weights plus cache and activations
_OTHER_REGIONS = ("us-central1", "us-east4", "europe-west4")
_SPEC_COUNT = 3


def _fits(model: Model | None) -> list[Json]:
    """Return the machine specs a model fits on, smallest first."""
    size = model.bf16_bytes if model else 0
    most = max(model.tensor_parallel) if model else 8
    found = [
        {"machineType": machine, "acceleratorType": accelerator, "acceleratorCount": count}
        for machine, accelerator, count, memory in _LADDER
        if size * _ROOM <= memory and count <= most
    ]
    machine, accelerator, count, _ = _LADDER[-1]
    last = {"machineType": machine, "acceleratorType": accelerator, "acceleratorCount": count}
    return found or [last]


def _recognise(config: Json, uri: str) -> Model:
    """Return the catalogued model a config.json is closest to, or refuse an unknown type."""
    from vertex_custom_weights_provider import catalog  # noqa: PLC0415 - data, read late

    exact = catalog.identify(catalog.read_config(config)).rows
    if exact:
        return exact[0]
    kind = config["model_type"]
    text: Json = config.get("text_config") or config
    rows = [row for row in catalog.models() if kind == row.model_type]
    if not rows:
        refuse("INVALID_ARGUMENT", f"The model type {kind!r} of {uri} is not supported.")
    layers, hidden = text.get("num_hidden_layers", 0), text.get("hidden_size", 0)

    def distance(row: Model) -> tuple[int, int]:
        return abs(row.shape.hidden - hidden), abs(row.shape.layers - layers)

    return min(rows, key=distance)


def _base_model(model: Model) -> str:
    owner = model.repositories[0].split("/")[0].lower().removesuffix("-llama")
    return f"publishers/{owner}/models/{model.family}@{model.id}"


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
    model = _recognise(config, body["customModel"]["gcsUri"]) if config else None
    return {
        "baseModel": _base_model(model) if model else "",
        "publisherModel": publisher_model,
        "machineSpec": _fits(model)[0],
        "containerSpec": _container("model"),
        "crashes": bool(config and model and _quantized(config, model)),
    }


def _quantized(config: Json, model: Model) -> bool:
    return bool(config.get("quantization_config")) and model.native_quantization is None


@registry.route(
    "POST",
    "/{version}/{parent=projects/*/locations/*}:recommendSpec",
    method="aiplatform.projects.locations.recommendSpec",
    notes=(
        documented("With availability or quota asked for, `recommendations` come per region."),
        documented("Without, only `baseModel` and `specs` come back."),
        assumed(
            "The base model is the catalogued one that config.json describes, or is closest to."
        ),
        assumed("The smallest machine whose accelerators hold 1.25 times the weights comes first."),
        assumed("Every project has quota, unless a scenario says otherwise."),
    ),
)
def recommend_spec(call: Call) -> Json:
    """Name the base model of a weights folder and machines to serve it on."""
    uri = call.body.get("gcsUri", "")
    config = weights.read_config(call.settings, uri)
    if config is None:
        weights.parse_uri(uri)
    model = _recognise(config, uri) if config else None
    answer: dict[str, Any] = {"baseModel": _base_model(model)} if model else {}
    container = _container(uri.rstrip("/").rsplit("/", 1)[-1])
    specs = [
        {"machineSpec": machine, "containerSpec": container}
        for machine in _fits(model)[:_SPEC_COUNT]
    ]
    if not call.body.get("checkMachineAvailability") and not call.body.get("checkUserQuota"):
        return {**answer, "specs": specs}
    return {**answer, "recommendations": _recommendations(call, specs)}


def _recommendations(call: Call, specs: list[Json]) -> list[Json]:
    own = names.canonical(call.params["parent"]).split("/")[3]
    regions = [own, *(region for region in _OTHER_REGIONS if region != own)]
    no_quota = call.body.get("checkUserQuota") and call.hooks.decide(call, "quota") is not None
    state = "QUOTA_STATE_NO_USER_QUOTA" if no_quota else "QUOTA_STATE_USER_HAS_QUOTA"
    quota = {"userQuotaState": state} if call.body.get("checkUserQuota") else {}
    return [{"region": region, "spec": spec, **quota} for region in regions for spec in specs]
