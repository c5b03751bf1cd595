"""`vcw doctor`: what a stack needs of its surroundings, looked at and explained."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.cli import options, pulumi_cli, pulumi_words
from vertex_custom_weights_provider.cli.listing import AsJson, Page, Paper, asked, beside
from vertex_custom_weights_provider.cli.quiet import Quiet

if TYPE_CHECKING:
    from vertex_custom_weights_provider.doctor import Check, Patient, Wanted

_PROBLEM = 1
_NOT_EXAMINED = 2
_MARKS = {
    "ok": ("ok", "green"),
    "note": ("note", "cyan"),
    "problem": ("PROBLEM", "red"),
    "unknown": ("?", "yellow"),
}
_INDENT = 10
_STACK = "pulumi:pulumi:Stack"
Section = tuple[str, list["Check"]]


def doctor(
    stack: options.Stack = "",
    form: Paper = Page.text,
    as_json: AsJson = False,
    project: options.Folder = Path(),
) -> None:
    """Check what a stack needs, and say how to mend what is missing. Changes nothing.

    Looks at the Pulumi side, credentials, services, permissions, weights, quota and networks.
    Exit code 0: no problems; 1: problems; 2: the stack could not be examined.
    """
    sections: list[Section] = []
    try:
        for section in _round(project, stack):
            sections.append(section)
            if asked(form, as_json) is Page.text:
                _print(section)
    except errors.VcwError as error:
        typer.echo(f"vcw doctor: {error}", err=True)
        raise typer.Exit(_NOT_EXAMINED) from None
    checks = [check for _, found in sections for check in found]
    problems = sum(check.status == "problem" for check in checks)
    if asked(form, as_json) is Page.json:
        typer.echo(json.dumps(_as_dict(sections, problems), indent=2, ensure_ascii=False))
    else:
        typer.echo(_summary(checks, problems))
    raise typer.Exit(_PROBLEM if problems else 0)


def _round(project: Path, stack: str) -> Iterator[Section]:
    from vertex_custom_weights_provider import doctor as examination

    yield "Pulumi", examination.check_pulumi(project, os.environ)
    config = pulumi_cli.stack_config(project, stack)
    wanted, told = _wanted(project, stack)
    yield "Preview", told
    yield from examination.examine(_patient(project, config, wanted))


def _patient(project: Path, config: Mapping[str, str], wanted: Wanted) -> Patient:
    from vertex_custom_weights_provider.api.credentials import GoogleAuth
    from vertex_custom_weights_provider.backend import connect
    from vertex_custom_weights_provider.doctor import Patient
    from vertex_custom_weights_provider.settings import Settings

    settings = Settings.resolve(config, root=project)
    rest = connect(settings, threading.Event(), Quiet()).storage_rest
    default = config.get("gcp:project", "")
    if isinstance(rest.auth, GoogleAuth):
        return Patient(wanted, rest, default, settings.credentials, rest.auth)
    return Patient(wanted, rest, default)


def _wanted(project: Path, stack: str) -> tuple[Wanted, list[Check]]:
    """Preview the stack to learn what it wants; a preview that fails tells part of it, and why."""
    from vertex_custom_weights_provider.doctor import Check, wanted_by

    done = pulumi_cli.attempt(project, stack, "preview", "--json", "--show-sames")
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise errors.ConfigurationError(pulumi_words.explained(done.stderr)) from None
    steps: list[dict[str, Any]] = found.get("steps") or []
    wanted = wanted_by(step["newState"] for step in steps if step.get("newState"))
    failures = _said(found, "error", "")
    if failures:
        return wanted, [Check("preview", "problem", failure) for failure in failures]
    if done.returncode != 0:
        return wanted, [Check("preview", "problem", "It fails. See `pulumi preview`.")]
    count = len(wanted.deployments)
    told = f"Declares {count} deployment{'s' * (count != 1)} and its surroundings."
    notes = [Check("preview", "note", said) for said in _said(found, "warning", _STACK)]
    return wanted, [Check("preview", "ok", told), *notes]


def _said(preview: Mapping[str, Any], severity: str, kind: str) -> list[str]:
    """Return what a preview said of resources whose URN holds `kind`."""
    return [
        str(entry.get("message", "")).strip().removeprefix(f"{severity}: ")
        for entry in preview.get("diagnostics") or ()
        if entry.get("severity") == severity and kind in entry.get("urn", "") and entry.get("urn")
    ]


def _print(section: Section) -> None:
    title, checks = section
    if not checks:
        return
    typer.secho(f"\n{title}", bold=True)
    for check in checks:
        mark, colour = _MARKS[check.status]
        typer.secho(f"  {mark:8}", fg=colour, nl=False)
        typer.echo(beside(f"{check.about}: {check.told}", _INDENT))
        for command in check.mend:
            typer.echo(f"            $ {command}")


def _summary(checks: list[Check], problems: int) -> str:
    untold = sum(check.status == "unknown" for check in checks)
    told = [f"{problems or 'No'} problem{'s' * (problems != 1)}"]
    if untold:
        told.append(f"{untold} could not be told")
    return f"\n{', '.join(told)}."


def _as_dict(sections: list[Section], problems: int) -> dict[str, Any]:
    return {
        "problems": problems,
        "checks": [
            {"section": title, **check.as_dict()} for title, found in sections for check in found
        ],
    }
