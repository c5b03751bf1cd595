"""`vcw emulator`: serve the emulator, look into it, move its clock, make it misbehave."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.cli.buckets import folders
from vertex_custom_weights_provider.cli.emulator_client import (
    Stack,
    State,
    Url,
    ask,
    fail,
    meant,
)
from vertex_custom_weights_provider.cli.emulator_trouble import fault, scenario
from vertex_custom_weights_provider.cli.listing import AsJson, Page, Paper, asked
from vertex_custom_weights_provider.cli.usage import command
from vertex_custom_weights_provider.settings import DEFAULT_STATE

if TYPE_CHECKING:
    from vertex_custom_weights_provider.emulator import Settings

app = typer.Typer(help="A local stand-in for Vertex AI, Compute and Cloud Storage.")
app.add_typer(fault, name="fault", short_help="Make single calls misbehave.")
app.add_typer(scenario, name="scenario", short_help="Switch whole situations on.")


@command(app, "emulator serve")
def serve(
    port: Annotated[
        int, typer.Option(metavar="N", min=0, max=65535, help="0 takes a free one.")
    ] = 8080,
    state: Annotated[
        Path, typer.Option(metavar="FILE", help="Its state; made when missing.")
    ] = Path(DEFAULT_STATE),
    bucket: Annotated[
        list[str] | None, typer.Option(metavar="NAME=DIR", help="A folder as a bucket. Repeatable.")
    ] = None,
    deploy_seconds: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS", min=0, help="What a deployment takes; 3 unless told otherwise."
        ),
    ] = None,
    own_dns: Annotated[
        bool,
        typer.Option(
            "--dedicated-endpoints/--shared-endpoints",
            help="Whether public endpoints get a DNS name of their own unless told otherwise."
            " Google's SDK insists on https there; on the shared host it asks this server.",
        ),
    ] = True,
    use_scenario: Annotated[
        str,
        typer.Option(
            "--scenario", metavar="NAME|FILE", help="What goes wrong; see `scenario list`."
        ),
    ] = "",
    dialect: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A statement of docs/emulator.md to turn round; repeat."),
    ] = None,
    access_log: Annotated[
        bool, typer.Option("--access-log/--quiet", help="A line per request.")
    ] = True,
) -> None:
    """Serve on 127.0.0.1 until Ctrl-C."""
    from vertex_custom_weights_provider.emulator import Settings  # noqa: PLC0415

    settings = Settings(
        state=state,
        buckets=_folders(bucket or []),
        deploy_seconds=deploy_seconds,
        dedicated_endpoints=own_dns,
        scenario=Path(use_scenario) if use_scenario else None,
        access_log=access_log,
        dialects=tuple(dialect or ()),
    )
    server = _bind(settings, port)
    signal.signal(signal.SIGTERM, _stop)
    try:
        typer.echo(_welcome(server.url, settings))
        server.run()
    except KeyboardInterrupt:  # before it ran; once it runs, it ends by itself
        pass
    typer.echo("Stopped. The state is kept.")


def _folders(buckets: list[str]) -> dict[str, Path]:
    try:
        return folders(buckets)
    except errors.ConfigurationError as wrong:
        fail(str(wrong))


def _stop(_signal: int, _frame: object) -> NoReturn:
    raise SystemExit(0)


def _bind(settings: Settings, port: int) -> Any:
    from vertex_custom_weights_provider.emulator import serve as serving  # noqa: PLC0415
    from vertex_custom_weights_provider.emulator.state.store import StateFileError

    try:
        return serving.bind(settings, port, log=serving.to_stderr if settings.access_log else None)
    except OSError as error:
        fail(f"Port {port} on 127.0.0.1 cannot be used ({error.strerror}). Choose another --port.")
    except (StateFileError, ValueError) as error:
        fail(str(error))


def _welcome(url: str, settings: Settings) -> str:
    buckets = ", ".join(f"gs://{name} = {path}" for name, path in settings.buckets.items())
    return f"""\
Emulator of Vertex AI, Compute and Cloud Storage at {url}
State: {settings.state}   Buckets: {buckets or "none (--bucket NAME=DIR)"}
It answers prompts without running a model. Any token is accepted. Ctrl-C stops it.

Copy what you need:
  this provider  pulumi config set vertex-custom-weights:backend emulator
                 pulumi config set vertex-custom-weights:emulatorUrl {url}
  Vertex SDK     vertexai.init(project="p", location="us-central1", api_transport="rest",
                     api_endpoint="{url}", credentials=AnonymousCredentials())
                 (for its Endpoint.predict, serve with --shared-endpoints)
  gcloud         export CLOUDSDK_API_ENDPOINT_OVERRIDES_AIPLATFORM={url}/
                 export CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE={url}/compute/v1/
                 export CLOUDSDK_AUTH_DISABLE_CREDENTIALS=true
  Terraform      export GOOGLE_VERTEX_AI_CUSTOM_ENDPOINT={url}/v1/
                 export GOOGLE_COMPUTE_CUSTOM_ENDPOINT={url}/compute/v1/
                 export GOOGLE_OAUTH_ACCESS_TOKEN=emulator
  Cloud Storage  export STORAGE_EMULATOR_HOST={url}
  openai         export OPENAI_API_KEY=emulator
                 export OPENAI_BASE_URL={url}/_emulator/hosts/HOST/v1/ENDPOINT
                 (HOST: the endpoint's DNS name or PSC address; ENDPOINT: projects/…/endpoints/…)
  look inside    vcw emulator show --url {url}
"""


@command(app, "emulator show")
def show(
    url: Url = "",
    state: State = None,
    stack: Stack = "",
    log: Annotated[bool, typer.Option("--log", help="Every accepted change, in order.")] = False,
    form: Paper = Page.text,
    as_json: AsJson = False,
) -> None:
    """Show what the emulator holds."""
    path = "/_emulator/log" if log else "/_emulator/state"
    answer = ask(meant(url, state, stack), "GET", path)
    if asked(form, as_json) is Page.json:
        typer.echo(json.dumps(answer, indent=2))
    elif log:
        for entry in answer["entries"]:
            typer.echo(
                f"{entry['position']:6}  {entry['time']}  {entry['method']}  {entry['resource']}"
            )
    else:
        typer.echo(_summary(answer))


def _summary(answer: dict[str, Any]) -> str:
    clock = answer["clock"]
    speed = "" if clock["factor"] == 1 else f", running {clock['factor']:g} times as fast"
    lines = [f"Virtual time {clock['now']}{speed}"]
    for label, names in answer["resources"].items():
        lines.append(f"{label}: {len(names)}")
        lines += [f"  {name}" for name in names]
    lines.append(f"operations running: {len(answer['running'])}")
    return "\n".join([*lines, *(f"  {name}" for name in answer["running"])])


@command(app, "emulator reset")
def reset(url: Url = "", state: State = None, stack: Stack = "") -> None:
    """Forget everything: resources, operations, log, faults, scenarios, clock."""
    ask(meant(url, state, stack), "POST", "/_emulator/reset")
    typer.echo("The emulator is empty.")


@command(app, "emulator advance")
def advance(
    duration: Annotated[str, typer.Argument(metavar="DURATION", help="Such as 90s, 10m, 2h, 7d.")],
    url: Url = "",
    state: State = None,
    stack: Stack = "",
) -> None:
    """Move the emulator's clock forward."""
    answer = ask(meant(url, state, stack), "POST", "/_emulator/clock", {"advance": duration})
    typer.echo(f"Virtual time {answer['now']}")


@command(app, "emulator sample-weights")
def sample_weights(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="Such as llama-3.2-1b.")],
    directory: Annotated[
        Path | None,
        typer.Argument(
            metavar="DIR",
            help="Made when missing; default .local/weights/MODEL.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Write a checkpoint in a model's true shape; its tensors are zeros that take no space.

    The embedded emulator serves `.local/weights` as bucket `local-weights` unless told otherwise.
    """
    from vertex_custom_weights_provider import samples  # noqa: PLC0415

    directory = directory or Path(".local", "weights", model)
    try:
        samples.write(model, directory)
    except (LookupError, ValueError) as error:
        fail(str(error.args[0]))
    except OSError as error:
        fail(f"{directory} cannot be written ({error.strerror}). Name another folder.")
    typer.echo(f"{directory}: a checkpoint in the shape of {model}.")
