"""predict, rawPredict, streamRawPredict, chat completions and invoke."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
from werkzeug.wrappers import Response

from vertex_custom_weights_provider.emulator.aiplatform import model_record
from vertex_custom_weights_provider.emulator.envelope import (
    ApiError,
    Json,
    json_response,
    parse_json,
    refuse,
)
from vertex_custom_weights_provider.emulator.http.call import (
    Call,
    Note,
    assumed,
    documented,
    reported,
)
from vertex_custom_weights_provider.emulator.http.routing import Registry

from . import answers, requests
from .target import Target, reach

registry = Registry()

_ENDPOINT = "/{version}/{endpoint=projects/*/locations/*/endpoints/*}"
_FAMILY = "aiplatform.projects.locations.endpoints."
_HOST_NOTES = (
    documented("Private endpoints answer on the address of an ACCEPTED rule, by http or https."),
    documented("Payloads are at most 10 MB on an endpoint's own host, 1.5 MB on the shared one."),
    documented("A deployment that has scaled to zero answers 429, and the request is dropped."),
    assumed("The shared host refuses private endpoints and those with a DNS name of their own."),
    assumed("Another endpoint's host answers 404."),
    assumed("An endpoint without traffic is 400 FAILED_PRECONDITION."),
)
_INVOKE_NOTE = documented("A model takes invoke calls when its invoke_route_prefix is set.")
_OTHERS_NOTE = reported("A model whose invoke_route_prefix is set answers invoke calls only: 400.")


class _Method(msgspec.Struct, frozen=True):
    """A way to ask a model.

    Attributes:
        suffix: What follows the endpoint in the path.
        name: Its discovery id, below the endpoints'.
        answer: Makes the answer of the model that was reached.
        notes: What is known of this way only.
        invokes: It reaches any path of a container, and those containers only that allow it.
        json: The body is of the API; otherwise it is the container's affair.
    """

    suffix: str
    name: str
    answer: Callable[[Call, Target], Json | Response]
    notes: tuple[Note, ...] = ()
    invokes: bool = False
    json: bool = False


def _predict(call: Call, target: Target) -> Json:
    """Answer each instance."""
    instances = call.body.get("instances")
    if not instances:
        refuse("INVALID_ARGUMENT", "Request must have instances.")
    return {
        "predictions": [answers.prediction(one, target.model_id) for one in instances],
        "deployedModelId": target.deployed_id,
        "model": target.model.split("@")[0],
        "modelDisplayName": target.model_display_name,
        "modelVersionId": target.model_version,
    }


def _chat(call: Call, target: Target) -> Response:
    """Answer a chat, whole or as server-sent events."""
    return _container(call, target, "v1/chat/completions")


def _raw(call: Call, target: Target) -> Response:
    """Hand the body to the container as it is."""
    return _container(call, target, "")


def _stream(call: Call, target: Target) -> Response:
    """Hand the body to the container as it is; the answer comes in pieces."""
    return _container(call, target, "", stream=True)


def _invoke(call: Call, target: Target) -> Response:
    """Hand the body to a path of the container."""
    return _container(call, target, call.params["invokeId"])


_METHODS = (
    _Method(
        suffix=":predict",
        name="predict",
        answer=_predict,
        notes=(
            reported(
                "The container wraps answers as Prompt and Output unless raw_response is set."
            ),
        ),
        json=True,
    ),
    _Method(
        suffix="/chat/completions",
        name="chat.completions",
        answer=_chat,
        notes=(
            reported("`model` may be the model id, the endpoint id or empty."),
            assumed("Any other `model` is answered too: three spellings speak for no check."),
            assumed("A body the container cannot read is 400, in the container's own envelope."),
        ),
    ),
    _Method(":rawPredict", "rawPredict", _raw),
    _Method(":streamRawPredict", "streamRawPredict", _stream),
    _Method(
        suffix="/invoke/{invokeId=**}",
        name="invoke.invoke",
        answer=_invoke,
        notes=(assumed("The container knows v1/chat/completions and v1/completions."),),
        invokes=True,
    ),
    _Method(
        suffix="/deployedModels/{deployedModelId=*}/invoke/{invokeId=**}",
        name="deployedModels.invoke.invoke",
        answer=_invoke,
        notes=(assumed("Reaches the deployed model whatever its share of traffic."),),
        invokes=True,
    ),
)


def _register(method: _Method) -> None:
    notes = (*_HOST_NOTES, _INVOKE_NOTE if method.invokes else _OTHERS_NOTE, *method.notes)

    def handler(call: Call) -> Json | Response:
        target = reach(call, call.params.get("deployedModelId", ""))
        _check_route(call, target, invokes=method.invokes)
        return method.answer(call, target)

    handler.__doc__ = method.answer.__doc__  # the documentation is written from it
    registry.route(
        "POST",
        _ENDPOINT + method.suffix,
        method=_FAMILY + method.name,
        body="json" if method.json else "raw",
        prediction=True,
        notes=notes,
    )(handler)


for _one in _METHODS:
    _register(_one)


def _check_route(call: Call, target: Target, *, invokes: bool) -> None:
    """Refuse the ways that a model does not take: with a route prefix invoke alone, without not."""
    record = model_record.load(call.tx, target.model)
    if model_record.takes_invoke(record, target.model_version) == invokes:
        return
    if invokes:
        refuse(
            "FAILED_PRECONDITION",
            f"Model `{target.model}` takes no invoke calls: invoke_route_prefix is not set.",
        )
    raise ApiError(
        400,
        "INTERNAL",
        "Given request uri is not supported on this endpoint. Please use"
        " /invoke${container_request_path} to reach the container.",
    )


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
