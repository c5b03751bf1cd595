"""`vcw emulator`: serve the emulator, look into it, move its clock, make it misbehave."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.cli.buckets import folders

if TYPE_CHECKING:
    import httpx

    from vertex_custom_weights_provider.emulator import Settings

DEFAULT_STATE = Path(".local/emulator.db")

app = typer.Typer(help="A local stand-in for Vertex AI, Compute and Cloud Storage.")
fault = typer.Typer(help="Make single calls fail, hang or lose their answer.")
scenario = typer.Typer(help="Switch whole situations on: quota, stockout, permissions and more.")
app.add_typer(fault, name="fault")
app.add_typer(scenario, name="scenario")

Url = Annotated[str, typer.Option(help="A served emulator, such as http://127.0.0.1:8080.")]
State = Annotated[Path, typer.Option(help="The state file, when no --url is given.")]


@app.command()
def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8080,
    state: Annotated[Path, typer.Option(help="Made when missing.")] = DEFAULT_STATE,
    bucket: Annotated[
        list[str] | None, typer.Option(metavar="NAME=DIR", help="A folder as a bucket. Repeatable.")
    ] = None,
    deploy_seconds: Annotated[
        float | None, typer.Option(min=0, help="What a deployment takes; 3 unless told otherwise.")
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
    )
    server = _bind(settings, port)
    typer.echo(_welcome(server.url, settings))
    signal.signal(signal.SIGTERM, _stop)
    server.run()
    typer.echo("Stopped. The state is kept.")


def _folders(buckets: list[str]) -> dict[str, Path]:
    try:
        return folders(buckets)
    except errors.ConfigurationError as wrong:
        _fail(str(wrong))


def _stop(_signal: int, _frame: object) -> NoReturn:
    raise SystemExit(0)


def _bind(settings: Settings, port: int) -> Any:
    from vertex_custom_weights_provider.emulator import serve as serving  # noqa: PLC0415
    from vertex_custom_weights_provider.emulator.state.store import StateFileError

    try:
        return serving.bind(settings, port, log=serving.to_stderr if settings.access_log else None)
    except OSError as error:
        _fail(f"Port {port} on 127.0.0.1 cannot be used ({error.strerror}). Choose another --port.")
    except (StateFileError, ValueError) as error:
        _fail(str(error))


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


@app.command()
def show(
    url: Url = "",
    state: State = DEFAULT_STATE,
    log: Annotated[bool, typer.Option(help="Every accepted change, in order.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show what the emulator holds."""
    answer = _ask(url, state, "GET", "/_emulator/log" if log else "/_emulator/state")
    if as_json:
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


@app.command()
def reset(url: Url = "", state: State = DEFAULT_STATE) -> None:
    """Forget everything: resources, operations, log, faults, scenarios, clock."""
    _ask(url, state, "POST", "/_emulator/reset")
    typer.echo("The emulator is empty.")


@app.command()
def advance(
    duration: Annotated[str, typer.Argument(help="Such as 90s, 10m, 2h, 7d.")],
    url: Url = "",
    state: State = DEFAULT_STATE,
) -> None:
    """Move the emulator's clock forward."""
    answer = _ask(url, state, "POST", "/_emulator/clock", {"advance": duration})
    typer.echo(f"Virtual time {answer['now']}")


@fault.command("add")
def add_fault(  # noqa: PLR0913, PLR0917 - each option is an argument
    method: Annotated[str, typer.Argument(help="Method id or glob, such as '*.locations.deploy'.")],
    status: Annotated[
        int | None, typer.Option(min=400, max=599, help="Answer with this HTTP status.")
    ] = None,
    reset_when: Annotated[
        str, typer.Option("--reset", metavar="before|after", help="Drop the connection.")
    ] = "",
    delay: Annotated[float, typer.Option(min=0, help="Answer this many seconds late.")] = 0,
    stuck: Annotated[bool, typer.Option(help="The operation never ends.")] = False,
    resource: Annotated[str, typer.Option(help="Only on names like this glob.")] = "*",
    times: Annotated[int, typer.Option(min=1, help="How often.")] = 1,
    skip: Annotated[int, typer.Option(min=0, help="Let this many calls pass first.")] = 0,
    url: Url = "",
    state: State = DEFAULT_STATE,
) -> None:
    """Make the next calls of a method misbehave."""
    wanted = {
        "error": {"http": status} if status else None,
        "reset": reset_when or None,
        "delaySeconds": delay or None,
        "operation": {"stuck": True} if stuck else None,
        "skip": skip or None,
    }
    body = {"method": method, "resource": resource, "times": times}
    body |= {key: value for key, value in wanted.items() if value is not None}
    answer = _ask(url, state, "POST", "/_emulator/faults", body)
    typer.echo(f"Fault {answer['id']} waits for {method}.")


@fault.command("list")
def list_faults(url: Url = "", state: State = DEFAULT_STATE) -> None:
    """Show all faults and how often each was used."""
    faults = _ask(url, state, "GET", "/_emulator/faults")["faults"]
    for entry in faults:
        typer.echo(f"{entry['id']}  used {entry['used']} of {entry['times']}  {entry['method']}")
    if not faults:
        typer.echo("No faults.")


@fault.command("clear")
def clear_faults(url: Url = "", state: State = DEFAULT_STATE) -> None:
    """Forget all faults."""
    _ask(url, state, "DELETE", "/_emulator/faults")
    typer.echo("No faults.")


@scenario.command("list")
def list_scenarios(url: Url = "", state: State = DEFAULT_STATE) -> None:
    """Show all scenarios; the active ones have a star."""
    answer = _ask(url, state, "GET", "/_emulator/scenarios")
    width = max(len(entry["name"]) for entry in answer["scenarios"])
    for entry in answer["scenarios"]:
        mark = "*" if entry["name"] in answer["active"] else " "
        typer.echo(f"{mark} {entry['name']:{width}}  {entry['description']}")


@scenario.command("set")
def set_scenarios(
    names: Annotated[list[str], typer.Argument(help="Names from `scenario list`.")],
    url: Url = "",
    state: State = DEFAULT_STATE,
) -> None:
    """Make these scenarios the active ones."""
    _ask(url, state, "PUT", "/_emulator/scenarios/active", {"names": names})
    typer.echo(f"Active: {', '.join(names)}.")


@scenario.command("clear")
def clear_scenarios(url: Url = "", state: State = DEFAULT_STATE) -> None:
    """Let everything go well again."""
    _ask(url, state, "DELETE", "/_emulator/scenarios/active")
    typer.echo("No scenario is active.")


@app.command("sample-weights")
def sample_weights(
    model: Annotated[str, typer.Argument(help="Such as llama-3.2-1b.")],
    directory: Annotated[
        Path | None,
        typer.Argument(help="Made when missing; default .local/weights/MODEL.", show_default=False),
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
        _fail(str(error.args[0]))
    except OSError as error:
        _fail(f"{directory} cannot be written ({error.strerror}). Name another folder.")
    typer.echo(f"{directory}: a checkpoint in the shape of {model}.")


def _ask(
    url: str, state: Path, verb: str, path: str, body: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Speak to a served emulator, or to the state file through an emulator of our own."""
    import httpx  # noqa: PLC0415

    try:
        with _client(url, state) as client:
            response = client.request(verb, path, json=body)
    except httpx.TransportError as error:
        _fail(f"No emulator answers at {url} ({error}). Start one: vcw emulator serve.")
    try:
        answer = response.json()
    except ValueError:
        _fail(f"What answers at {url} is no emulator. vcw emulator serve prints its address.")
    if response.is_error:
        _fail(answer["error"]["message"])
    return answer


def _client(url: str, state: Path) -> httpx.Client:
    import httpx  # noqa: PLC0415

    if url:
        return httpx.Client(base_url=url)
    if not state.exists():
        _fail(f"{state} does not exist. Name the state file with --state, or a server with --url.")
    from vertex_custom_weights_provider.emulator import Settings, create_app  # noqa: PLC0415
    from vertex_custom_weights_provider.emulator.state.store import StateFileError

    try:
        embedded = httpx.WSGITransport(app=create_app(Settings(state=state)))
    except StateFileError as error:
        _fail(str(error))
    return httpx.Client(transport=embedded, base_url="http://localhost")


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)
