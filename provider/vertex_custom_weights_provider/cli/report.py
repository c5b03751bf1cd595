"""`vcw report`: what a change does to endpoints, callers, cost and quota, for reviewers."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.adapter import findings_log
from vertex_custom_weights_provider.cli import files, options
from vertex_custom_weights_provider.report.decision import Concern, Decision, Thresholds

if TYPE_CHECKING:
    from vertex_custom_weights_provider.report.model import Report
    from vertex_custom_weights_provider.report.reading.preview import Line, Preview

_FAILED = 1
_NOT_MADE = 2
_STDIN = Path("-")


class FailOn(StrEnum):
    """What makes the command fail."""

    error = "error"
    warning = "warning"
    never = "never"


def report(  # noqa: PLR0913, PLR0917 - each is an option of the command
    arguments: Annotated[
        list[str] | None,
        typer.Argument(metavar="-- OPTION", help="Options of `pulumi preview`, after --."),
    ] = None,
    stack: options.Stack = "",
    project: options.Folder = Path(),
    preview: Annotated[
        Path | None,
        typer.Option(metavar="FILE|-", help="Read `pulumi preview --json` instead of running it."),
    ] = None,
    findings: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What the provider wrote to $VCW_FINDINGS meanwhile."),
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write Markdown there.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write one HTML page there.")
    ] = None,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write JSON there.")] = None,
    against: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Say how it differs from the JSON of another branch."),
    ] = None,
    block: Annotated[
        list[Concern] | None, typer.Option(help="What blocks instead of warning; repeat it.")
    ] = None,
    most_a_month: Annotated[
        float | None, typer.Option(metavar="USD", help="Block above this price of the stack.")
    ] = None,
    most_increase: Annotated[
        float | None, typer.Option(metavar="USD", help="Block above this increase a month.")
    ] = None,
    fail_on: Annotated[FailOn, typer.Option(help="What ends with exit code 1.")] = FailOn.error,
) -> None:
    """Report what `pulumi up` would do, as Markdown on standard output or to files.

    Runs `pulumi preview`, which changes nothing, and adds what the provider found.

    A line says allow, warn or block. Exit code 0: allowed, or warned of; 1: blocked, or warned of
    with --fail-on warning; 2: no report could be made.
    """
    from vertex_custom_weights_provider.report.build import build

    try:
        seen = _read(preview, findings) if preview else _run(project, stack, arguments or [])
        made = build(*seen, Thresholds(block or (), most_a_month, most_increase))
        if against is not None:
            made = _compared(made, against)
        _write(made, markdown, html, json)
    except BrokenPipeError:
        raise  # whoever read has read enough
    except (errors.VcwError, OSError) as failed:
        file: Any = getattr(failed, "filename", None)
        told = f"{file}: {getattr(failed, 'strerror', '')}." if file else failed
        typer.echo(f"vcw report: {told}", err=True)
        raise typer.Exit(_NOT_MADE) from None
    raise typer.Exit(_FAILED if _fails(made, fail_on) else 0)


def _run(
    project: Path, stack: str, options: list[str]
) -> tuple[Preview, Mapping[str, Mapping[str, Any]]]:
    """Run the preview, and collect what the provider finds during it."""
    from vertex_custom_weights_provider.cli.pulumi_cli import attempt
    from vertex_custom_weights_provider.cli.pulumi_words import explained
    from vertex_custom_weights_provider.report.reading.policies import violations
    from vertex_custom_weights_provider.report.reading.preview import read_preview

    if sys.stderr.isatty():
        typer.echo("Running pulumi preview ...", err=True)
    with tempfile.TemporaryDirectory(prefix="vcw-report-") as folder:
        log, events = Path(folder, "findings.jsonl"), Path(folder, "events.jsonl")
        log.touch()
        done = attempt(
            project,
            stack,
            *("preview", "--json", "--show-sames", "--event-log", str(events), *options),
            # The event log is the only place that names violated policies; it needs this switch.
            environment={findings_log.VARIABLE: str(log), "PULUMI_DEBUG_COMMANDS": "true"},
        )
        if not done.stdout.strip():
            raise errors.ConfigurationError(explained(done.stderr))
        extra: tuple[Line, ...] = violations(events)
        seen = read_preview(done.stdout, failed=done.returncode != 0, extra=extra)
        return seen, findings_log.read(log)


def _read(
    preview: Path, findings: Path | None
) -> tuple[Preview, Mapping[str, Mapping[str, Any]] | None]:
    from vertex_custom_weights_provider.report.reading.preview import read_preview

    document = sys.stdin.read() if preview == _STDIN else preview.read_text(encoding="utf-8")
    return read_preview(document), findings_log.read(findings) if findings else None


def _compared(report: Report, base: Path) -> Report:
    from vertex_custom_weights_provider.report.pages import data
    from vertex_custom_weights_provider.report.wording import against

    there = data.read(base.read_text(encoding="utf-8"))
    return replace(report, compared=tuple(against(report, there)))


def _write(report: Report, markdown: Path | None, html: Path | None, json: Path | None) -> None:
    from vertex_custom_weights_provider.report.pages.markdown import markdown as as_markdown

    if markdown is not None:
        files.write(markdown, as_markdown(report))
    elif html is None and json is None:
        typer.echo(as_markdown(report), nl=False)
    if json is not None:
        from vertex_custom_weights_provider.report.pages import data

        files.write(json, data.write(report))
    if html is not None:
        from vertex_custom_weights_provider.report.pages.html import page

        files.write(html, page(report))


def _fails(report: Report, fail_on: FailOn) -> bool:
    decided = report.judged.decision
    failing = {
        FailOn.error: (Decision.BLOCK,),
        FailOn.warning: (Decision.BLOCK, Decision.WARN),
        FailOn.never: (),
    }
    return decided in failing[fail_on]
