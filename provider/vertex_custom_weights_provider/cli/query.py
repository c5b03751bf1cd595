"""`vcw query`: ask a deployed model, at the address the stack's outputs give."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.cli import options, pulumi_cli
from vertex_custom_weights_provider.cli.harmless import shown
from vertex_custom_weights_provider.cli.quiet import Quiet

if TYPE_CHECKING:
    from vertex_custom_weights_provider.api.rest import Rest
    from vertex_custom_weights_provider.query import Address, Question
    from vertex_custom_weights_provider.settings import Settings

_FAILED = 1
_BODY = "JSON|FILE|-"


Prompt = Annotated[
    str, typer.Argument(metavar="PROMPT", help="What to ask; - reads it from standard input.")
]
Stream = Annotated[bool, typer.Option("--stream", help="Print the answer as it comes.")]
System = Annotated[str, typer.Option(metavar="TEXT", help="System prompt, before the question.")]
Temperature = Annotated[
    float | None,
    typer.Option(metavar="X", min=0, help="Sampling temperature; default the model's."),
]
MaxTokens = Annotated[
    int | None, typer.Option(metavar="N", min=1, help="Longest answer; default 256.")
]
Predict = Annotated[
    str, typer.Option(metavar=_BODY, help="Ask `predict` instead; a list is the instances.")
]
RawPredict = Annotated[
    str, typer.Option(metavar=_BODY, help="Hand this body to the container as it is.")
]
StreamRawPredict = Annotated[
    str, typer.Option(metavar=_BODY, help="The same; the answer comes in pieces.")
]
Show = Annotated[
    bool,
    typer.Option("--show", help="Print how curl, openai and the SDK ask this, and do not ask."),
]


class Through(StrEnum):
    """What asks."""

    http = "http"
    sdk = "sdk"


Client = Annotated[
    Through,
    typer.Option("--client", help="Plain HTTP, or Google's SDK (google-cloud-aiplatform)."),
]
SendToken = Annotated[
    bool,
    typer.Option(
        "--send-token", help="Send your token to the endpoint's host, though it is not Google's."
    ),
]
Endpoint = Annotated[
    str, typer.Option(metavar="NAME", help="Which endpoint, where the stack has several.")
]


def query(  # noqa: PLR0913, PLR0917 - each is an option of the command
    prompt: Prompt = "",
    stream: Stream = False,
    system: System = "",
    temperature: Temperature = None,
    max_tokens: MaxTokens = None,
    predict: Predict = "",
    raw_predict: RawPredict = "",
    stream_raw_predict: StreamRawPredict = "",
    show: Show = False,
    send_token: SendToken = False,
    client: Client = Through.http,
    stack: options.Stack = "",
    endpoint: Endpoint = "",
    project: options.Folder = Path(),
) -> None:
    """Ask a deployed model: a chat, or `predict` and its raw forms with a body of your own.

    Works from where the endpoint can be reached: inside the network for a private one.
    """
    bodies = {
        "predict": predict,
        "raw_predict": raw_predict,
        "stream_raw_predict": stream_raw_predict,
    }
    from vertex_custom_weights_provider import query as asking

    how: dict[str, Any] = {"system": system or None, "temperature": temperature}
    how |= {"max_tokens": max_tokens, "stream": stream or None}
    try:
        question = _question(prompt, how, {name: body for name, body in bodies.items() if body})
        found, settings = _found(project, stack, endpoint)
        address = asking.locate(found, _reader(settings))
        if show:
            _show(settings, address, question)
            return
        asked = _by_sdk if client is Through.sdk else _by_http
        for piece in asked(settings, address, question, send_token):
            typer.echo(shown(piece), nl=False)
    except errors.VcwError as error:
        typer.echo(f"vcw query: {error}", err=True)
        raise typer.Exit(_FAILED) from None


def _question(prompt: str, how: Mapping[str, Any], bodies: Mapping[str, str]) -> Question:
    from vertex_custom_weights_provider import query as asking

    if len(bodies) + bool(prompt) != 1:
        raise errors.ConfigurationError(
            "Give one thing to ask: a prompt, or one of --predict, --raw-predict and "
            "--stream-raw-predict."
        )
    given = {name: value for name, value in how.items() if value is not None}
    if prompt:
        return asking.chat(sys.stdin.read() if prompt == "-" else prompt, **given)
    if given:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        raise errors.ConfigurationError(f"{options}: for prompts only. Say it in the body.")
    ((name, body),) = bodies.items()
    return getattr(asking, name)(asking.body_of(body, sys.stdin))


def _found(project: Path, stack: str, endpoint: str) -> tuple[Mapping[str, Any], Settings]:
    """Return the outputs of the endpoint that is meant, and where it runs."""
    from vertex_custom_weights_provider import query as asking
    from vertex_custom_weights_provider.addresses import is_certified
    from vertex_custom_weights_provider.settings import Settings

    found = asking.choose(_outputs(project, stack), endpoint)
    settings = Settings.resolve(pulumi_cli.stack_config(project, stack), root=project)
    name = str(found.get("private_dns_name") or "")
    if settings.backend == "emulator" and name and not is_certified(name):
        found = {**found, "openai_base_url": ""}  # no Cloud DNS there: asked by the address
    return found, settings


def _by_http(
    settings: Settings, address: Address, question: Question, send_token: bool
) -> Iterator[str]:
    from vertex_custom_weights_provider import query as asking

    rest = _rest(settings, address, send_token)
    return asking.ask(rest, address, question, tell=lambda line: typer.echo(line, err=True))


def _by_sdk(
    settings: Settings, address: Address, question: Question, send_token: bool
) -> Iterator[str]:
    """Ask through Google's SDK, which speaks to an emulator only where that is served."""
    from vertex_custom_weights_provider.query import sdk

    del send_token  # the SDK reads an endpoint from Google's API, and there it needs one
    if settings.backend == "google":
        told = _rest(settings, address, False).auth.headers().get("Authorization", "")
        return sdk.ask(sdk.Service(token=told.removeprefix("Bearer ")), address, question)
    if settings.emulator_url:
        return sdk.ask(sdk.Service(emulator=settings.emulator_url), address, question)
    return _by_sdk_embedded(settings, address, question)


def _by_sdk_embedded(settings: Settings, address: Address, question: Question) -> Iterator[str]:
    from vertex_custom_weights_provider.emulator import Settings as EmulatorSettings
    from vertex_custom_weights_provider.emulator import serve
    from vertex_custom_weights_provider.query import sdk

    server = serve.bind(EmulatorSettings(state=Path(settings.emulator_state)), 0)
    running = threading.Thread(target=server.run, daemon=True)
    running.start()
    try:
        yield from sdk.ask(sdk.Service(emulator=server.url), address, question)
    finally:
        server.stop()
        running.join(timeout=5)


def _reader(settings: Settings) -> Any:
    from vertex_custom_weights_provider.backend import connect

    def read(kind: Any, name: str) -> Any:
        return connect(settings, threading.Event(), Quiet()).vertex.get(kind, name)

    return read


def _rest(settings: Settings, address: Address, send_token: bool) -> Rest:
    from vertex_custom_weights_provider.backend import connect

    rest = connect(settings, threading.Event(), Quiet()).storage_rest
    # A token does not travel unencrypted, whoever says so.
    told = frozenset({address.host}) if send_token and address.encrypted else frozenset[str]()
    return replace(rest, also_told=told)


def _show(settings: Settings, address: Address, question: Question) -> None:
    """Print the question for other clients; on a served emulator they reach it as printed."""
    from vertex_custom_weights_provider import query as asking
    from vertex_custom_weights_provider.query import sdk

    meant = address
    if settings.emulator_url:
        path = urlsplit(address.base).path
        served = f"{settings.emulator_url}/_emulator/hosts/{address.host}{path}"
        address = replace(address, base=served)
    elif settings.backend == "emulator":
        typer.echo(
            "# The embedded emulator listens nowhere: `vcw emulator serve` and `pulumi config set\n"
            "# vertex-custom-weights:emulatorUrl URL` make this work as it stands.\n"
        )
    typer.echo(asking.curl(address, question))
    if question.kind == "chat":
        typer.echo(
            f"\n# Python, with the package openai:\n\n{asking.openai_program(address, question)}"
        )
    if not question.stream:
        program = sdk.program(meant, question, settings.emulator_url)
        typer.echo(f"\n# Python, with the package google-cloud-aiplatform:\n\n{program}")


def _outputs(project: Path, stack: str) -> Mapping[str, Any]:
    return json.loads(pulumi_cli.run(project, stack, "stack", "output", "--json"))
