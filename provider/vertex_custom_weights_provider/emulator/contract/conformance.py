"""The contract applied to calls: the hooks that read requests and write responses."""

from __future__ import annotations

from werkzeug.datastructures import ImmutableMultiDict

from vertex_custom_weights_provider.emulator.envelope import Json
from vertex_custom_weights_provider.emulator.http.call import Call

from .decoding import Decoder, refusal
from .encoding import ContractError, Encoder
from .extract import Api, Method, api_of


def read_query(call: Call) -> None:
    """Give the call its query parameters in camelCase; refuse what the method does not have."""
    found = _published(call)
    if found is None:
        return
    api, method = found
    decoder = Decoder(api)
    own = decoder.query(method, call.query.to_dict(flat=False))
    if decoder.violations:
        raise refusal(decoder.violations)
    if own.keys() - call.query.keys():
        # `args` is a cached property: what it found lives in the instance's dictionary.
        vars(call.request)["args"] = ImmutableMultiDict({**call.query.to_dict(), **own})


def read_body(call: Call, body: Json) -> Json:
    """Return the canonical request body, or refuse it."""
    found = _published(call)
    if found is None:
        return body
    api, method = found
    decoder = Decoder(api)
    canonical = decoder.body(method, body)
    if decoder.violations:
        raise refusal(decoder.violations)
    return canonical


def write_body(call: Call, body: Json) -> Json:
    """Return the response with enums as the client wants them; check it where asked to.

    Raises:
        ContractError: The response does not fit the contract; an error of the emulator.
    """
    numbers = "enum-encoding=int" in call.query.get("$alt", "")
    found = _published(call)
    if (
        found is None
        or found[1].response is None
        or not (numbers or call.settings.validate_responses)
    ):
        return body
    encoder = Encoder(found[0], numbers)
    written = encoder.message(found[1].response, body)
    if encoder.problems and call.settings.validate_responses:
        raise ContractError(f"{call.method}: " + "; ".join(encoder.problems))
    return written


def _published(call: Call) -> tuple[Api, Method] | None:
    """The contract of the method called; None for the emulator's own routes."""
    if call.route.own:
        return None
    api = api_of(call.method, call.version)
    method = api.methods.get(call.method)
    return None if method is None else (api, method)
