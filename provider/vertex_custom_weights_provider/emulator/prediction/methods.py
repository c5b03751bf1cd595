"""predict, rawPredict, streamRawPredict, chat completions and invoke."""

from __future__ import annotations

from collections.abc import Iterator

from werkzeug.wrappers import Response

from vertex_custom_weights_provider.emulator.aiplatform import model_record
from vertex_custom_weights_provider.emulator.envelope import Json, json_response, parse_json, refuse
from vertex_custom_weights_provider.emulator.http.call import Call, assumed, documented, reported
from vertex_custom_weights_provider.emulator.http.routing import Registry

from . import answers, requests
from .target import Target, reach

registry = Registry()

_ENDPOINT = "/{version}/{endpoint=projects/*/locations/*/endpoints/*}"
_FAMILY = "aiplatform.projects.locations.endpoints."
_HOST_NOTES = (
    documented("Private endpoints answer on the address of an ACCEPTED rule, by http or https."),
    documented("Payloads are at most 10 MB on an endpoint's own host, 1.5 MB on the shared one."),
    assumed("The shared host refuses private endpoints and those with a DNS name of their own."),
    assumed("Another endpoint's host answers 404."),
    assumed("An endpoint without traffic is 400 FAILED_PRECONDITION."),
)
_INVOKE_NOTE = documented("A model takes invoke calls when its invoke_route_prefix is set.")


@registry.route(
    "POST",
    _ENDPOINT + ":predict",
    method=_FAMILY + "predict",
    prediction=True,
    notes=(
        *_HOST_NOTES,
        reported("The container wraps answers as Prompt and Output unless raw_response is set."),
    ),
)
def predict(call: Call) -> Json:
    """Answer each instance."""
    target = reach(call)
    instances = call.body.get("instances")
    if not instances:
        refuse("INVALID_ARGUMENT", "Request must have instances.")
    answer: Json = {
        "predictions": [answers.prediction(one, target.model_id) for one in instances],
        "deployedModelId": target.deployed_id,
        "model": target.model.split("@")[0],
        "modelDisplayName": target.model_display_name,
        "modelVersionId": target.model_version,
    }
    return answer


@registry.route(
    "POST",
    _ENDPOINT + "/chat/completions",
    method=_FAMILY + "chat.completions",
    body="raw",
    prediction=True,
    notes=(
        *_HOST_NOTES,
        reported("`model` may be the model id, the endpoint id or empty."),
        assumed("Any other `model` is answered too: three spellings that work speak for no check."),
        assumed("A body that the container cannot read is 400, in the container's own envelope."),
    ),
)
def chat_completions(call: Call) -> Response:
    """Answer a chat, whole or as server-sent events."""
    return _container(call, reach(call), "v1/chat/completions")


@registry.route(
    "POST",
    _ENDPOINT + ":rawPredict",
    method=_FAMILY + "rawPredict",
    body="raw",
    prediction=True,
    notes=_HOST_NOTES,
)
def raw_predict(call: Call) -> Response:
    """Hand the body to the container as it is."""
    return _container(call, reach(call), "")


@registry.route(
    "POST",
    _ENDPOINT + ":streamRawPredict",
    method=_FAMILY + "streamRawPredict",
    body="raw",
    prediction=True,
    notes=_HOST_NOTES,
)
def stream_raw_predict(call: Call) -> Response:
    """Hand the body to the container as it is; the answer comes in pieces."""
    return _container(call, reach(call), "", stream=True)


@registry.route(
    "POST",
    _ENDPOINT + "/invoke/{invokeId=**}",
    method=_FAMILY + "invoke.invoke",
    body="raw",
    prediction=True,
    notes=(
        *_HOST_NOTES,
        _INVOKE_NOTE,
        assumed("The container knows v1/chat/completions and v1/completions."),
    ),
)
def invoke(call: Call) -> Response:
    """Hand the body to a path of the container."""
    return _invoked(call, reach(call))


@registry.route(
    "POST",
    _ENDPOINT + "/deployedModels/{deployedModelId=*}/invoke/{invokeId=**}",
    method=_FAMILY + "deployedModels.invoke.invoke",
    body="raw",
    prediction=True,
    notes=(
        *_HOST_NOTES,
        _INVOKE_NOTE,
        assumed("Reaches the deployed model whatever its share of traffic."),
    ),
)
def invoke_deployed_model(call: Call) -> Response:
    """Hand the body to a path of one deployed model's container."""
    return _invoked(call, reach(call, call.params["deployedModelId"]))


def _invoked(call: Call, target: Target) -> Response:
    record = model_record.load(call.tx, target.model)
    if not model_record.takes_invoke(record, target.model_version):
        refuse(
            "FAILED_PRECONDITION",
            f"Model `{target.model}` takes no invoke calls: invoke_route_prefix is not set.",
        )
    return _container(call, target, call.params["invokeId"])


def _container(call: Call, target: Target, path: str, *, stream: bool = False) -> Response:
    """Answer as the serving container would: by path, or by what the body looks like."""
    body, created, model = _parsed(call), int(call.now), target.model_id
    refusal = requests.problem(body)
    if refusal:
        return _json(refusal, target, status=400)
    streams = body.get("stream") is True
    if path.endswith("chat/completions") or "messages" in body:
        if streams:
            return _events(answers.chat_stream(body, model, created), target)
        return _json(answers.chat(body, model, created), target)
    if "instances" in body:
        instances = body["instances"]
        if stream and instances:
            return _events(answers.prediction_stream(instances[0], model), target)
        predictions = [answers.prediction(one, model) for one in instances]
        return _json({"predictions": predictions}, target)
    return _json(answers.completion(body, model, created), target)


def _parsed(call: Call) -> Json:
    """Read the body; what is not JSON is taken as a prompt."""
    if not call.headers.get("Content-Type", "application/json").startswith("application/json"):
        return {"prompt": call.raw.decode("utf-8", "replace")}
    return parse_json(call.raw)


def _json(body: Json, target: Target, status: int = 200) -> Response:
    response = json_response(body, status)
    response.headers.extend(target.headers)
    return response


def _events(events: Iterator[bytes], target: Target) -> Response:
    return Response(events, content_type="text/event-stream", headers=target.headers)
