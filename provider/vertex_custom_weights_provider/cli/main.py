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
    harmless,
    init,
    preflight,
    probe,
    query,
    report,
    schema,
)
from vertex_custom_weights_provider.cli.usage import command

app = typer.Typer(
    name="vcw",
    help="Your own model weights on Vertex AI: check them, ask an endpoint, try things on a local "
    "emulator.",
    no_args_is_help=True,
    # Boxes cut the names of options on a terminal of 80 columns; plain help never does.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
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
    harmless.install()


command(app, "init")(init.init)
command(app, "query")(query.query)
command(app, "doctor")(doctor.doctor)
command(app, "preflight")(preflight.preflight)
command(app, "adopt")(adopt.adopt)
command(app, "probe")(probe.probe)
command(app, "report")(report.report)
command(app, "schema")(schema.schema)
app.add_typer(catalog.app, name="catalog", short_help="Models, machines, regions and prices.")
app.add_typer(emulator.app, name="emulator", short_help="A local stand-in for Google.")
