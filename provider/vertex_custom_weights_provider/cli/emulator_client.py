"""Speaking to the emulator that a command means: a served one, a stack's, or a state file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.cli.options import stacks
from vertex_custom_weights_provider.settings import DEFAULT_STATE, Settings

if TYPE_CHECKING:
    from vertex_custom_weights_provider.api.transport import Transport

_LARGEST_ANSWER = 256 * 2**20  # the log of a long life

Url = Annotated[
    str, typer.Option(metavar="URL", help="A served emulator, such as http://127.0.0.1:8080.")
]
State = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help=f"Its state file, where no --url or --stack is given.  [default: {DEFAULT_STATE}]",
        show_default=False,
    ),
]
Stack = Annotated[
    str,
    typer.Option(
        metavar="NAME", help="The emulator that this stack runs on.", autocompletion=stacks
    ),
]


def fail(message: str) -> NoReturn:
    """End the command with a message."""
    typer.echo(message, err=True)
    raise typer.Exit(1)


def meant(url: str, state: Path | None, stack: str) -> str | Path:
    """Return the URL of the emulator that is meant, or its state file."""
    if sum(map(bool, (url, state, stack))) > 1:
        fail("Name the emulator once: by --url, by --state or by --stack.")
    if not stack:
        return url or state or Path(DEFAULT_STATE)
    from vertex_custom_weights_provider.cli import pulumi_cli

    try:
        settings = Settings.resolve(pulumi_cli.stack_config(Path(), stack))
    except errors.ConfigurationError as error:
        fail(str(error))
    if settings.backend != "emulator":
        fail(f"Stack {stack} runs on {settings.backend}, not on the emulator.")
    return settings.emulator_url or Path(settings.emulator_state)


def ask(
    emulator: str | Path,
    verb: str,
    path: str,
    body: dict[str, Any] | None = None,
    *,
    make: bool = False,
) -> dict[str, Any]:
    """Put a request to an emulator and return its answer.

    Args:
        emulator: Its URL or its state file.
        verb: HTTP method.
        path: Below its URL.
        body: JSON object, if any.
        make: Whether a state file that is missing is made, with nothing in it.
    """
    from vertex_custom_weights_provider.api.transport import Request

    sent = json.dumps(body).encode() if body is not None else None
    base = emulator if isinstance(emulator, str) else "http://localhost"
    try:
        with way_to(emulator, make=make).open(Request(verb, f"{base}{path}", body=sent)) as found:
            content = found.read(_LARGEST_ANSWER)
    except ConnectionError as error:
        fail(f"No emulator answers at {emulator} ({error}). Start one: vcw emulator serve.")
    try:
        answer: dict[str, Any] = json.loads(content)
    except ValueError:
        fail(f"What answers at {emulator} is no emulator. vcw emulator serve prints its address.")
    if found.status >= 400:
        fail(answer["error"]["message"])
    return answer


def way_to(emulator: str | Path, *, make: bool = False) -> Transport:
    """Return how an emulator is reached."""
    if isinstance(emulator, str):
        from vertex_custom_weights_provider.api.network import Served

        return Served(emulator)
    if not emulator.exists() and not make:
        fail(
            f"{emulator} does not exist: nothing was deployed on an emulator here yet. Name "
            "another one with --stack, --state or --url."
        )
    from vertex_custom_weights_provider import emulator as package
    from vertex_custom_weights_provider.api.in_process import InProcess
    from vertex_custom_weights_provider.emulator.state.store import StateFileError

    try:
        emulator.parent.mkdir(parents=True, exist_ok=True)
        return InProcess(package.create_app(package.Settings(state=emulator)))
    except OSError as error:
        fail(f"{emulator} cannot be made ({error.strerror}).")
    except StateFileError as error:
        fail(str(error))
