"""The same question through Google's SDK, google-cloud-aiplatform, which is an extra.

Loading it takes seconds and some 180 MB (docs/adr), so this module is the only one that does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from vertex_custom_weights_provider import errors

from .address import Address
from .question import Question

_NAME = re.compile(r"projects/(?P<project>[^/]+)/locations/(?P<location>[^/]+)/endpoints/[^/:]+")
_HEADERS = {"Content-Type": "application/json"}
_INSTALL = "pip install 'vertex-custom-weights[sdk]'"


@dataclass(frozen=True)
class Service:
    """Whom the SDK speaks to, and as whom.

    Attributes:
        token: Access token for Google; empty on the emulator, which takes everyone.
        emulator: URL of a served emulator; empty for Google.
    """

    token: str = ""
    emulator: str = ""


def ask(service: Service, address: Address, question: Question) -> Iterator[str]:
    """Yield the answer to a prompt, to `predict` or to `rawPredict`.

    Raises:
        ConfigurationError: the SDK is not installed, or cannot ask this.
        VcwError: what the SDK says instead of an answer.
    """
    call = _call(question)
    endpoint = _endpoint(service, address)
    how = (
        {"endpoint_override": address.host} if address.private else {"use_dedicated_endpoint": True}
    )
    try:
        answer = getattr(endpoint, call.method)(**call.arguments, **how)
    except Exception as refusal:  # noqa: BLE001 - the SDK raises what its four layers raise
        raise errors.VcwError(f"google-cloud-aiplatform: {refusal}") from None
    if call.method == "raw_predict":
        yield f"{answer.text}\n"
    elif question.kind == "chat":
        yield from (f"{prediction}\n" for prediction in answer.predictions)
    else:
        told = {"predictions": answer.predictions, "deployedModelId": answer.deployed_model_id}
        yield json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def program(address: Address, question: Question, emulator: str = "") -> str:
    """Return the program that asks this; on a served emulator it runs as printed.

    Raises:
        ConfigurationError: the SDK cannot ask this.
    """
    call = _call(question)
    named = _named(address)
    kind, how = "Endpoint", "use_dedicated_endpoint=True"
    if address.private:
        kind, how = "PrivateEndpoint", f"endpoint_override={json.dumps(address.host)}"
    where = f"project={json.dumps(named['project'])}, location={json.dumps(named['location'])}"
    start = "from google.cloud import aiplatform\n"
    if emulator:
        start = "from google.auth.credentials import AnonymousCredentials\n" + start
        where = (
            f"{where},\n    api_endpoint={json.dumps(emulator)}, "
            'api_transport="rest", credentials=AnonymousCredentials(),'
        )
    arguments = "".join(f"    {name}={value!r},\n" for name, value in call.arguments.items())
    shown = "answer.text" if call.method == "raw_predict" else "answer.predictions"
    return (
        f"{start}\naiplatform.init({where})\n"
        f"endpoint = aiplatform.{kind}({json.dumps(named.group())})\n"
        f"answer = endpoint.{call.method}(\n{arguments}    {how},\n)\nprint({shown})"
    )


@dataclass(frozen=True)
class _Call:
    """A method of the SDK's endpoint and its arguments."""

    method: str
    arguments: Mapping[str, Any]


def _call(question: Question) -> _Call:
    body = question.body
    if question.kind == "chat" and not question.stream:
        # The SDK knows no chat: the same words as one instance of the recommended container.
        prompt = "\n\n".join(str(message["content"]) for message in body["messages"])
        kept = {name: body[name] for name in ("max_tokens", "temperature") if name in body}
        return _Call("predict", {"instances": [{"prompt": prompt, **kept}]})
    if question.kind == "predict":
        given = {name: body[name] for name in ("instances", "parameters") if name in body}
        if given.keys() == body.keys() and "instances" in given:
            return _Call("predict", given)
        message = "--client sdk takes instances and parameters only. Use --raw-predict."
        raise errors.ConfigurationError(message)
    if question.kind == "rawPredict":
        data = json.dumps(body, ensure_ascii=False).encode()
        return _Call("raw_predict", {"body": data, "headers": _HEADERS})
    message = "--client sdk gives whole answers only. Leave out --stream and --stream-raw-predict."
    raise errors.ConfigurationError(message)


def _named(address: Address) -> re.Match[str]:
    found = _NAME.search(urlsplit(address.base).path)
    if found is None:
        message = f"--client sdk needs an endpoint's name, and {address.base} has none."
        raise errors.ConfigurationError(message)
    return found


def _endpoint(service: Service, address: Address) -> Any:
    """Return the SDK's endpoint, with sessions that lead to who is meant."""
    named = _named(address)
    # Untyped, and absent in most installations: looked up by name, as any.
    try:
        aiplatform: Any = import_module("google.cloud.aiplatform")
    except ImportError:
        raise errors.ConfigurationError(
            f"--client sdk needs google-cloud-aiplatform: {_INSTALL}"
        ) from None
    options: dict[str, Any] = {"credentials": _credentials(service)}
    if service.emulator:
        options |= {"api_endpoint": service.emulator, "api_transport": "rest"}
    aiplatform.init(project=named["project"], location=named["location"], **options)
    if not address.private:
        endpoint = aiplatform.Endpoint(named.group())
        if service.emulator:
            endpoint.authorized_session = _session(service)
        return endpoint
    endpoint = aiplatform.PrivateEndpoint(named.group())
    # The private path asks for no identity: left alone, the SDK would send one, to an address that
    # it does not verify.
    endpoint._authorized_session = _session(service)
    return endpoint


def _credentials(service: Service) -> Any:
    if not service.token:
        return import_module("google.auth.credentials").AnonymousCredentials()
    return import_module("google.oauth2.credentials").Credentials(service.token)


def _session(service: Service) -> Any:
    """Return a session without identity; on the emulator every host leads to it."""
    import requests
    from requests.adapters import HTTPAdapter

    class Rerouted(HTTPAdapter):
        def send(self, request: Any, *rest: Any, **options: Any) -> Any:
            meant = urlsplit(str(request.url))
            request.url = f"{service.emulator}/_emulator/hosts/{meant.netloc}{meant.path}"
            return super().send(request, *rest, **options)

    session = requests.Session()
    session.verify = False  # as the SDK's own: addresses have no certificates
    if service.emulator:
        session.mount("https://", Rerouted())
    return session
