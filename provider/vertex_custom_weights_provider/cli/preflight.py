"""`vcw preflight`: look at weights, and at what they are to be deployed on, before deploying."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.cli import options
from vertex_custom_weights_provider.cli.buckets import folders
from vertex_custom_weights_provider.cli.harmless import Harmless
from vertex_custom_weights_provider.cli.listing import AsJson, Page, Paper, asked
from vertex_custom_weights_provider.cli.quiet import Quiet

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from vertex_custom_weights_provider.preflight import Quota, Recommend, Report, Request
    from vertex_custom_weights_provider.storage import WeightsSource

_ERRORS = 1
_NOT_CHECKED = 2
_MANY_SHARDS = 8
_UNREMARKABLE_SECONDS = 1.0
_NAMESPACE = "vertex-custom-weights"


_Stack = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="Read gs:// and ask the service as this stack does.",
        autocompletion=options.stacks,
    ),
]
_Machine = Annotated[
    str | None,
    typer.Option(
        metavar="TYPE",
        help="Such as g2-standard-12, or auto.",
        autocompletion=options.machine_types,
    ),
]
_Accelerator = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Such as NVIDIA_L4.", autocompletion=options.accelerators),
]
_Region = Annotated[
    str | None,
    typer.Option(metavar="REGION", help="Such as us-central1.", autocompletion=options.regions),
]
_BaseModel = Annotated[
    str | None,
    typer.Option(
        metavar="MODEL", help="What they should be of.", autocompletion=options.base_models
    ),
]
_Buckets = Annotated[
    list[str] | None, typer.Option(metavar="NAME=DIR", help="A folder as a bucket. Repeatable.")
]


def preflight(  # noqa: PLR0913, PLR0917 - each is an option of the command
    target: Annotated[str, typer.Argument(metavar="URI|DIR", help="gs://BUCKET/FOLDER or DIR.")],
    machine: _Machine = None,
    accelerator: _Accelerator = None,
    count: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Accelerators a replica.")
    ] = None,
    region: _Region = None,
    min_replicas: Annotated[
        int, typer.Option(metavar="N", min=0, help="Replicas that always run.")
    ] = 1,
    max_replicas: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Replicas it may grow to; default no growth."),
    ] = None,
    spot: Annotated[bool, typer.Option("--spot", help="Runs on Spot capacity.")] = False,
    context: Annotated[
        int, typer.Option(metavar="N", min=1, help="Tokens one replica must hold.")
    ] = 8192,
    base_model: _BaseModel = None,
    timeout: Annotated[
        float,
        typer.Option(
            metavar="SECONDS", min=1, max=3600, help="For all of it; what is missing is said."
        ),
    ] = 30,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse unlisted base models.")] = False,
    form: Paper = Page.text,
    as_json: AsJson = False,
    stack: _Stack = "",
    bucket: _Buckets = None,
    project: options.Folder = Path(),
) -> None:
    """Check weights and machine before anything is deployed.

    Reads the listing, small files and tensor headers; never a tensor, never code.
    Exit code 0: no errors; 1: errors; 2: could not check.
    """
    from vertex_custom_weights_provider.preflight import Request

    request = Request(
        machine_type=None if machine == "auto" else machine,
        accelerator_type=accelerator,
        accelerator_count=count,
        location=region,
        min_replicas=min_replicas,
        max_replicas=_at_most(max_replicas, min_replicas),
        spot=spot,
        context_tokens=context,
        strict=strict,
        base_model=base_model,
    )
    try:
        report = _examined(request, _place(target, stack, bucket or [], project, region), timeout)
    except (errors.VcwError, ValueError) as failed:
        typer.echo(f"vcw preflight: {failed}", err=True)
        raise typer.Exit(_NOT_CHECKED) from None
    raise typer.Exit(_printed(report, asked(form, as_json)))


def _at_most(given: int | None, least: int) -> int:
    if given is not None and given < least:
        message = f"{given} is below --min-replicas {least}. Raise it, or leave it out."
        raise typer.BadParameter(message, param_hint="--max-replicas")
    return max(given or 1, least)


def _examined(request: Request, place: _Place, timeout: float) -> Report:
    from vertex_custom_weights_provider.preflight import examine
    from vertex_custom_weights_provider.storage import Deadline

    with _progress(timeout) as bar:
        return examine(
            place.source,
            msgspec.structs.replace(request, location=place.region),
            progress=bar.advance,
            recommend=place.recommend,
            quota=place.quota,
            deadline=Deadline(timeout, waiting=bar.wait),
        )


def _printed(report: Report, form: Page) -> int:
    """Print the report, and return the exit code it means."""
    if form is Page.json:
        # Escaped, because names of files may hold what a terminal obeys, or no text at all.
        typer.echo(json.dumps(report.as_dict(), indent=2))
    else:
        from vertex_custom_weights_provider.cli.preflight_page import show

        show(report)
    if report.verdict == "error":
        return _ERRORS
    return 0 if report.complete else _NOT_CHECKED


@dataclass(frozen=True)
class _Place:
    """Where the weights are, the region they are for, and whom to ask about them."""

    source: WeightsSource
    region: str | None
    recommend: Recommend | None = None
    quota: Quota | None = None


def _place(target: str, stack: str, buckets: list[str], folder: Path, region: str | None) -> _Place:
    from vertex_custom_weights_provider.storage import GcsSource, LocalSource

    if "://" in target and not target.startswith("gs://"):
        message = f"{target} is neither gs://BUCKET/FOLDER nor a folder of this machine."
        raise errors.ConfigurationError(message)
    if not target.startswith("gs://"):
        return _Place(LocalSource(Path(target)), region)
    from vertex_custom_weights_provider.backend import connect
    from vertex_custom_weights_provider.cli.pulumi_cli import stack_config
    from vertex_custom_weights_provider.preflight import quota_reader, recommender
    from vertex_custom_weights_provider.settings import Settings

    config: Mapping[str, str] = {}
    if buckets:
        config = {
            f"{_NAMESPACE}:backend": "emulator",
            f"{_NAMESPACE}:emulatorBuckets": json.dumps(folders(buckets), default=str),
        }
    elif stack:
        config = stack_config(folder, stack)
    settings = Settings.resolve(config, root=folder)
    rest = connect(settings, threading.Event(), Quiet()).storage_rest
    source = GcsSource(rest, target)
    project, region = config.get("gcp:project"), region or config.get("gcp:region")
    if not project or not region:
        return _Place(source, region)
    return _Place(source, region, recommender(rest, project, region), quota_reader(rest, project))


class _Bar:
    """What is shown while a checkpoint of many files, or a slow store, is read."""

    def __init__(self, bar: Bar, seconds: float) -> None:
        self._bar = bar
        self._seconds = seconds
        self._task = bar.add_task("", total=None, visible=False)

    def advance(self, done: int, total: int) -> None:
        """Show how many files have been read, unless they are few."""
        self._bar.update(self._task, completed=done, total=total)
        if total > _MANY_SHARDS:
            self._bar.update(self._task, visible=True)

    def wait(self, seconds: float) -> None:
        """Show how long it has been taking, once it is long."""
        if seconds >= _UNREMARKABLE_SECONDS:
            what = f"{seconds:.0f} of {self._seconds:.0f} s"
            self._bar.update(self._task, description=what, visible=True)


@contextmanager
def _progress(seconds: float) -> Generator[_Bar]:
    """Show a bar on the terminal while it is worth one."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("Reading {task.description}"), BarColumn(), MofNCompleteColumn())
    # A bar moves the cursor, which nothing else may.
    stream = sys.stderr.inner if isinstance(sys.stderr, Harmless) else sys.stderr
    console = Console(file=stream)
    silent = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=silent) as bar:
        yield _Bar(bar, seconds)
