"""`vcw query`: ask a deployed model, at the address the stack's outputs give."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.cli import pulumi_cli

if TYPE_CHECKING:
    from vertex_custom_weights_provider.rest import Rest

_FAILED = 1
_PATIENCE_SECONDS = 600


class _Quiet:
    """A reporter for a command that only prints its answer."""

    def status(self, message: str) -> None:
        """Say nothing."""

    def info(self, message: str) -> None:
        """Say nothing."""

    def warn(self, message: str) -> None:
        """Pass a warning on."""
        typer.echo(message, err=True)


def query(
    prompt: Annotated[str, typer.Argument(help="What to ask.")],
    stream: Annotated[bool, typer.Option("--stream", help="Print the answer as it comes.")] = False,
    stack: Annotated[
        str, typer.Option(help="Stack to ask; default the selected one.", envvar="PULUMI_STACK")
    ] = "",
    endpoint: Annotated[
        str, typer.Option(help="Name of the endpoint, where the stack has several.")
    ] = "",
    max_tokens: Annotated[int, typer.Option(min=1, help="Longest answer.")] = 256,
    project: Annotated[
        Path, typer.Option("--cwd", help="Folder of the Pulumi project.", exists=True)
    ] = Path(),
) -> None:
    """Ask a deployed model through its private address, or its public name.

    Works from where the endpoint can be reached: inside the network for a private one.
    """
    try:
        found = _choose(_outputs(project, stack), endpoint)
        base = str(found.get("openai_base_url") or "")
        if not base:
            raise errors.ConfigurationError(
                "The endpoint has no address yet: no network is connected to it. Give its "
                "privateServiceConnect a network and a subnetwork, and run `pulumi up`."
            )
        config = pulumi_cli.stack_config(project, stack)
        for piece in _ask(config, project, base, prompt, max_tokens, stream):
            typer.echo(piece, nl=False)
        typer.echo()
    except errors.VcwError as error:
        typer.echo(f"vcw query: {error}", err=True)
        raise typer.Exit(_FAILED) from None


def _ask(
    config: Mapping[str, str], project: Path, base: str, prompt: str, tokens: int, stream: bool
) -> Iterator[str]:
    rest = _connect(config, project, base)
    url = f"{base}/chat/completions"
    body = {
        "model": "",
        "messages": [{"role": "user", "content": prompt}],
        "max_tokens": tokens,
        "stream": stream,
    }
    try:
        if stream:
            yield from _pieces(rest.stream(url, body))
        else:
            answer = rest.send("POST", url, body=body, timeout=_PATIENCE_SECONDS)
            yield str(answer["choices"][0]["message"]["content"] or "")
    except errors.NoAnswer as silence:
        raise errors.NoAnswer(
            f"No answer from {urlsplit(base).netloc} ({silence}). A private endpoint answers "
            "inside the networks that are connected to it only: run this there."
        ) from None


def _connect(config: Mapping[str, str], project: Path, base: str) -> Rest:
    from vertex_custom_weights_provider.cloud import Settings, connect
    from vertex_custom_weights_provider.credentials import Anonymous

    cloud = connect(Settings.resolve(config, root=project), threading.Event(), _Quiet())
    if base.startswith("https://"):
        return cloud.storage_rest
    # The private path asks for no identity, and a token does not travel unencrypted.
    return replace(cloud.storage_rest, auth=Anonymous())


def _pieces(lines: Iterator[str]) -> Iterator[str]:
    """Yield the text of a stream of server-sent events."""
    for line in lines:
        data = line.removeprefix("data: ")
        if not line.startswith("data: ") or data == "[DONE]":
            continue
        event = json.loads(data)
        if "error" in event:
            raise errors.NoAnswer(f"the answer ended early: {event['error']}")
        for choice in event.get("choices", []):
            yield str(choice.get("delta", {}).get("content") or "")


def _choose(outputs: Mapping[str, Any], wanted: str) -> Mapping[str, Any]:
    """Return the outputs of the endpoint that is meant."""
    endpoints: Mapping[str, Mapping[str, Any]] = outputs.get("endpoints") or {}
    if not endpoints and "openai_base_url" in outputs:
        return outputs
    names = ", ".join(sorted(endpoints)) or "none"
    if wanted:
        if wanted not in endpoints:
            raise errors.ConfigurationError(
                f"The stack has no endpoint {wanted!r}. It has: {names}."
            )
        return endpoints[wanted]
    if len(endpoints) != 1:
        raise errors.ConfigurationError(
            f"The stack exports {len(endpoints)} endpoints ({names}). "
            + ("Choose one with --endpoint." if endpoints else "Run `pulumi up` first.")
        )
    return next(iter(endpoints.values()))


def _outputs(project: Path, stack: str) -> Mapping[str, Any]:
    return json.loads(pulumi_cli.run(project, stack, "stack", "output", "--json"))
