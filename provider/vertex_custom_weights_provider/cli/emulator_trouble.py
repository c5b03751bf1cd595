"""`vcw emulator fault` and `vcw emulator scenario`: make the emulator misbehave."""

from __future__ import annotations

import shutil
import sys
import textwrap
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from vertex_custom_weights_provider.cli.emulator_client import Stack, State, Url, ask, meant
from vertex_custom_weights_provider.cli.usage import command

fault = typer.Typer(help="Make single calls fail, hang or lose their answer.")
scenario = typer.Typer(help="Switch whole situations on: quota, stockout, permissions and more.")


def described(name: str, description: str, width: int) -> str:
    """Return a name and what it stands for, below one another where the terminal is narrow."""
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    if not columns:
        return f"{name:{width}}{description}"
    pieces = textwrap.wrap(description, max(columns - width - len("* "), 20))
    return f"\n{' ' * (width + len('* '))}".join([f"{name:{width}}{pieces[0]}", *pieces[1:]])


@command(fault, "emulator fault add")
def add_fault(  # noqa: PLR0913, PLR0917 - each option is an argument
    method: Annotated[
        str,
        typer.Argument(metavar="METHOD", help="Method id or glob, such as '*.locations.deploy'."),
    ],
    status: Annotated[
        int | None,
        typer.Option(metavar="HTTP", min=400, max=599, help="Answer with this HTTP status."),
    ] = None,
    reset_when: Annotated[
        str, typer.Option("--reset", metavar="before|after", help="Drop the connection.")
    ] = "",
    delay: Annotated[float, typer.Option(metavar="SECONDS", min=0, help="Answer late.")] = 0,
    stuck: Annotated[bool, typer.Option("--stuck", help="The operation never ends.")] = False,
    resource: Annotated[str, typer.Option(metavar="GLOB", help="Only on names like this.")] = "*",
    times: Annotated[int, typer.Option(metavar="N", min=1, help="How often.")] = 1,
    skip: Annotated[
        int, typer.Option(metavar="N", min=0, help="Let this many calls pass first.")
    ] = 0,
    url: Url = "",
    state: State = None,
    stack: Stack = "",
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
    answer = ask(meant(url, state, stack), "POST", "/_emulator/faults", body, make=True)
    typer.echo(f"Fault {answer['id']} waits for {method}.")


@command(fault, "emulator fault list")
def list_faults(url: Url = "", state: State = None, stack: Stack = "") -> None:
    """Show all faults and how often each was used."""
    faults = ask(meant(url, state, stack), "GET", "/_emulator/faults")["faults"]
    for entry in faults:
        typer.echo(f"{entry['id']}  used {entry['used']} of {entry['times']}  {entry['method']}")
    if not faults:
        typer.echo("No faults.")


@command(fault, "emulator fault clear")
def clear_faults(url: Url = "", state: State = None, stack: Stack = "") -> None:
    """Forget all faults."""
    ask(meant(url, state, stack), "DELETE", "/_emulator/faults")
    typer.echo("No faults.")


@command(scenario, "emulator scenario list")
def list_scenarios(url: Url = "", state: State = None, stack: Stack = "") -> None:
    """Show all scenarios; the active ones have a star.

    They can be set before there is anything on the emulator, so that a first deployment fails.
    """
    emulator = meant(url, state, stack)
    with TemporaryDirectory(prefix="vcw-emulator-") as empty:
        if isinstance(emulator, Path) and not emulator.exists():  # nothing was deployed yet
            emulator = Path(empty, "state.db")
        answer = ask(emulator, "GET", "/_emulator/scenarios", make=True)
    rows = [(entry["name"], entry["description"]) for entry in answer["scenarios"]]
    width = max(len(name) for name, _ in rows) + len("* ")
    for name, description in rows:
        mark = "*" if name in answer["active"] else " "
        typer.echo(f"{mark} {described(name, description, width)}")


@command(scenario, "emulator scenario set")
def set_scenarios(
    names: Annotated[list[str], typer.Argument(metavar="NAME", help="Names from `scenario list`.")],
    url: Url = "",
    state: State = None,
    stack: Stack = "",
) -> None:
    """Make these scenarios the active ones."""
    ask(meant(url, state, stack), "PUT", "/_emulator/scenarios/active", {"names": names}, make=True)
    typer.echo(f"Active: {', '.join(names)}.")


@command(scenario, "emulator scenario clear")
def clear_scenarios(url: Url = "", state: State = None, stack: Stack = "") -> None:
    """Let everything go well again."""
    ask(meant(url, state, stack), "DELETE", "/_emulator/scenarios/active")
    typer.echo("No scenario is active.")
