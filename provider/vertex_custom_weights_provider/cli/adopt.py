"""`vcw adopt`: the program for what is already deployed in a project."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.cli import files, options, pulumi_cli
from vertex_custom_weights_provider.cli.quiet import Quiet

if TYPE_CHECKING:
    from vertex_custom_weights_provider.adopt_command.found import Survey

_FAILED = 1


class Format(StrEnum):
    """What is printed."""

    PROGRAM = "program"
    STACK_CONFIG = "stack-config"
    IMPORT_FILE = "import-file"


_Project = Annotated[
    str,
    typer.Option(metavar="PROJECT", help="Google Cloud project; default gcp:project of the stack."),
]
_Locations = Annotated[
    list[str] | None,
    typer.Option(
        metavar="REGION",
        help="Where to look; repeatable. Default gcp:region of the stack.",
        autocompletion=options.regions,
    ),
]
_Form = Annotated[
    Format,
    typer.Option("--format", help="A Python program, stack configuration, or an import file."),
]
_Write = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write there instead of printing.")
]
_Force = Annotated[bool, typer.Option("--force", help="Write over a file that is there.")]
_Stack = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="Look as this stack does; default the selected one, if any.",
        autocompletion=options.stacks,
    ),
]
_Config = Annotated[
    list[str] | None,
    typer.Option(metavar="KEY=VALUE", help="Configuration over the stack's; repeatable."),
]


def adopt(  # noqa: PLR0913, PLR0917 - each is an option of the command
    project: _Project = "",
    location: _Locations = None,
    form: _Form = Format.PROGRAM,
    write: _Write = None,
    force: _Force = False,
    stack: _Stack = "",
    config: _Config = None,
    folder: options.Folder = Path(),
) -> None:
    """Find endpoints that serve weights of your own, and print what takes them over.

    Reads only. With each endpoint come the deployments on it, its traffic, and the addresses and
    forwarding rules of the same project that lead to it. What a stack manages already is named in
    comments, with its owner.
    """
    try:
        if write is not None and write.exists() and not force:
            raise errors.ConfigurationError(f"{write} exists. Give another name, or --force.")
        found = _survey(folder, stack, config or [], project, location or [])
        text = _rendered(found, form)
        if write is not None:
            files.write(write, text)
    except errors.VcwError as error:
        typer.echo(f"vcw adopt: {error}", err=True)
        raise typer.Exit(_FAILED) from None
    if write is None:
        typer.echo(text, nl=False)
        return
    free = sum(len(group.free) for group in found.groups)
    typer.echo(f"wrote {write}: {free} objects of {len(found.groups)} endpoints", err=True)


def _survey(
    folder: Path, stack: str, given: list[str], project: str, locations: list[str]
) -> Survey:
    from vertex_custom_weights_provider.adopt_command.survey import survey
    from vertex_custom_weights_provider.backend import connect
    from vertex_custom_weights_provider.settings import Settings

    config = {**_stack_config(folder, stack), **dict(_pair(text) for text in given)}
    region = config.get("gcp:region", "")
    defaults = {"project": config.get("gcp:project", ""), "location": region, "region": region}
    project = project or defaults["project"] or os.environ.get("GOOGLE_CLOUD_PROJECT", "")
    locations = locations or ([region] if region else [])
    if not project or not locations:
        raise errors.ConfigurationError(
            "Where to look? Give --project and --location, or --stack with gcp:project and "
            "gcp:region."
        )
    _require_regions(locations)
    cloud = connect(Settings.resolve(config, root=folder), threading.Event(), Quiet())
    try:
        found = survey(project, locations, defaults, cloud)
    except errors.PermissionDenied as refused:
        raise errors.ConfigurationError(
            f"{refused}. Looking takes roles/aiplatform.viewer and roles/compute.networkViewer "
            f"on project {project}."
        ) from None
    if not found.groups:
        raise errors.ConfigurationError(_nothing(found))
    return found


def _stack_config(folder: Path, stack: str) -> Mapping[str, str]:
    """Return the stack's configuration; a project or a selected stack need not be there."""
    if not stack and not (folder / "Pulumi.yaml").exists():
        return {}
    try:
        return pulumi_cli.stack_config(folder, stack)
    except errors.ConfigurationError:
        if stack:
            raise
        return {}


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not (equals and ":" in key):
        message = f"--config {text}: write KEY=VALUE, such as gcp:project=my-project."
        raise errors.ConfigurationError(message)
    return key, value


def _require_regions(locations: list[str]) -> None:
    from vertex_custom_weights_provider.catalog.regions import UnknownRegionError, region

    for location in locations:
        try:
            region(location)
        except UnknownRegionError as unknown:
            raise errors.ConfigurationError(f"--location: {unknown}") from None


def _nothing(found: Survey) -> str:
    where = f"project {found.project}, {', '.join(found.locations)}"
    told = "".join(f"\n  {sentence}" for sentence in found.passed_over)
    return f"No endpoint serves weights of your own in {where}.{told}"


def _rendered(found: Survey, form: Format) -> str:
    if form is Format.IMPORT_FILE:
        from vertex_custom_weights_provider.adopt_command.import_file import import_file

        return import_file(found)
    if form is Format.STACK_CONFIG:
        from vertex_custom_weights_provider.adopt_command.stack_config import stack_config

        return stack_config(found)
    from vertex_custom_weights_provider.adopt_command.program import program

    return program(found)
