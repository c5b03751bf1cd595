"""`vcw probe`: which of the statements about Google hold, found out for nothing."""

from __future__ import annotations

import tempfile
import threading
import time
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.cli.quiet import Quiet

if TYPE_CHECKING:
    from vertex_custom_weights_provider.probe import Finding, Session
    from vertex_custom_weights_provider.settings import Settings

_DIFFERS, _FAILED = 1, 2


def probe(  # noqa: PLR0913, PLR0917 - each is an option of the command
    project: Annotated[
        str, typer.Option(metavar="ID", help="Google Cloud project to ask in.")
    ] = "",
    region: Annotated[
        str, typer.Option(metavar="REGION", help="Region to ask in.")
    ] = "us-central1",
    subnetwork: Annotated[
        str, typer.Option(metavar="NAME", help="Where an address is reserved.")
    ] = "default",
    backend: Annotated[str, typer.Option(metavar="NAME", help="google, or emulator.")] = "google",
    emulator_url: Annotated[str, typer.Option(metavar="URL", help="A served emulator.")] = "",
    deploy: Annotated[
        str,
        typer.Option(metavar="URI", help="Weights, gs://…, to deploy once as well: costs money."),
    ] = "",
    save: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a recording.")] = None,
    clean: Annotated[bool, typer.Option("--clean", help="Only remove what was left.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask beforehand.")] = False,
) -> None:
    """Try what can be tried for nothing, and say which statements of docs/emulator.md hold.

    Makes endpoints without models, an address and a refused rule, and removes them again. With
    `--deploy` it also deploys a model once, which takes up to an hour of an accelerator.
    Exit code 0: all that was seen holds; 1: something differs; 2: nothing could be asked.
    """
    try:
        with tempfile.TemporaryDirectory() as folder:
            settings = _settings(backend, emulator_url, folder)
            name = project or ("my-project" if backend == "emulator" else "")
            if not name:
                raise errors.ConfigurationError("Name the project to ask in with --project.")
            session = _session(settings, name, region, subnetwork)
            findings = _run(session, deploy, save, clean, yes=yes)
    except errors.VcwError as error:
        _fail(str(error))
    raise typer.Exit(_DIFFERS if any(one.verdict == "differs" for one in findings) else 0)


def _run(
    session: Session, weights: str, save: Path | None, clean: bool, *, yes: bool
) -> list[Finding]:
    from vertex_custom_weights_provider import probe as probing

    _remove_leftovers(session)
    if clean:
        return []
    typer.echo(probing.plan(session, weights))
    if not yes:
        typer.confirm("Go on?", abort=True)
    findings: list[Finding] = []
    costly = probing.ask_of_a_deployment(session, weights) if weights else ()
    for finding in chain(probing.ask_all(session), costly):
        findings.append(finding)
        typer.echo(f"{finding.verdict:9} {finding.statement} [{finding.seen}]")
    _remove_leftovers(session)
    if save is not None:
        today = datetime.now(UTC).date().isoformat()
        probing.Recording.of(session, findings, today).write(save)
        typer.echo(f"Recording: {save}. Read it before you pass it on.")
    return findings


def _remove_leftovers(session: Session) -> None:
    """Remove what this probe or one that was killed has left, and name what cannot be removed."""
    if not session.leftovers():
        return
    for url in session.clean():
        typer.echo(f"Not removed: {url}. `vcw probe --clean` tries again.", err=True)


def _settings(backend: str, url: str, folder: str) -> Settings:
    from vertex_custom_weights_provider.settings import NAMESPACE, Settings

    config = {
        f"{NAMESPACE}:backend": backend,
        f"{NAMESPACE}:emulatorUrl": url,
        f"{NAMESPACE}:emulatorState": str(Path(folder) / "probe.db"),
    }
    return Settings.resolve(config)


def _session(settings: Settings, project: str, region: str, subnetwork: str) -> Session:
    from vertex_custom_weights_provider.backend import connect
    from vertex_custom_weights_provider.probe import Session

    rest = connect(settings, threading.Event(), Quiet()).vertex.rest
    return Session(rest, project, region, subnetwork, time.sleep)


def _fail(message: str) -> NoReturn:
    typer.echo(f"vcw probe: {message}", err=True)
    raise typer.Exit(_FAILED)
