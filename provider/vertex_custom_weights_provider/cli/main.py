"""`vcw`, the command line beside the Pulumi program."""

from __future__ import annotations

from importlib import metadata
from typing import Annotated

import typer

from vertex_custom_weights_provider.cli import (
    adopt,
    catalog,
    doctor,
    emulator,
    init,
    preflight,
    query,
    report,
)

app = typer.Typer(
    name="vcw",
    help="Your own model weights on Vertex AI: check them, ask an endpoint, try things on a local "
    "emulator.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",  # joins the lines of a paragraph
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"vertex-custom-weights {metadata.version('vertex-custom-weights')}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Take the options that stand before a command."""


app.command()(init.init)
app.command()(query.query)
app.command()(doctor.doctor)
app.command()(preflight.preflight)
app.command()(adopt.adopt)
app.command()(report.report)
app.add_typer(catalog.app, name="catalog")
app.add_typer(emulator.app, name="emulator")
