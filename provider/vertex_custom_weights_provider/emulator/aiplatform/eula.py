"""Licence acceptance of publisher models. Custom weights have no publisher and need none."""

from __future__ import annotations

from vertex_custom_weights_provider.emulator import names
from vertex_custom_weights_provider.emulator.envelope import Json, refuse
from vertex_custom_weights_provider.emulator.http.call import Call, assumed, documented, reported
from vertex_custom_weights_provider.emulator.http.routing import Registry

registry = Registry()

KIND = "eula"


def _answer(number: str, publisher_model: str, *, acked: bool) -> Json:
    answer: Json = {"projectNumber": number, "publisherModel": publisher_model}
    if acked:
        answer["publisherModelEulaAcked"] = True
    return answer


def _subject(call: Call) -> tuple[str, str]:
    publisher_model = call.body.get("publisherModel", "")
    if not publisher_model:
        refuse("INVALID_ARGUMENT", "publisher_model is required.")
    return names.project_number(call.params["parent"].split("/")[1]), publisher_model


def _key(number: str, publisher_model: str) -> str:
    """What acceptance is kept under: a licence is a model's, whatever its version."""
    return f"{number}|{publisher_model.split('@', maxsplit=1)[0]}"


@registry.route(
    "POST",
    "/{version}/{parent=projects/*}/modelGardenEula:check",
    method="aiplatform.projects.modelGardenEula.check",
)
def check(call: Call) -> Json:
    """Say whether a project has accepted a publisher model's licence."""
    number, model = _subject(call)
    acked = call.tx.get(KIND, _key(number, model)) is not None
    return _answer(number, model, acked=acked)


@registry.route(
    "POST",
    "/{version}/{parent=projects/*}/modelGardenEula:accept",
    method="aiplatform.projects.modelGardenEula.accept",
    access="write",
    notes=(
        reported("Deploying a publisher model without acceptance is 403 with EULA in its text."),
        documented("Custom weights need no acceptance; `acceptEula` has no effect there."),
        assumed("Every publisher model has a licence to accept, one for all its versions."),
    ),
)
def accept(call: Call) -> Json:
    """Accept a publisher model's licence for a project."""
    number, model = _subject(call)
    call.tx.put(KIND, _key(number, model), {})
    return _answer(number, model, acked=True)


def require(call: Call, body: Json) -> None:
    """Refuse to deploy a publisher model whose licence is not accepted."""
    model = body.get("publisherModelName", "")
    if not model or body.get("modelConfig", {}).get("acceptEula"):
        return
    number = names.project_number(call.params["destination"].split("/")[1])
    if call.tx.get(KIND, _key(number, model)) is None:
        refuse("PERMISSION_DENIED", f"The EULA of {model} has not been accepted by the project.")
