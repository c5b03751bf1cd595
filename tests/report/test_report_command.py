"""`vcw report` around a saved preview; the engine tests run one."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from vertex_custom_weights_provider.cli.main import app

from .support.previews import deployment, deployment_urn, document, facts

FINDING = {"id": "F2", "severity": "warn", "message": "odd tokenizer"}


def run(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, ["report", *arguments], input=stdin)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "preview.json"
    path.write_text(document(deployment("chat", "create", new={})))
    return path


@pytest.fixture
def findings(tmp_path: Path) -> Path:
    weights = facts(verdict="warn", findings=[FINDING])
    entry = {"version": 1, "urn": deployment_urn("chat"), "weights": weights}
    path = tmp_path / "findings.jsonl"
    path.write_text(json.dumps(entry) + "\n")
    return path


def test_saved_preview_becomes_markdown_on_standard_output(saved: Path) -> None:
    done = run("--preview", str(saved))

    assert done.exit_code == 0
    assert done.stdout.startswith("## Endpoints of `shop/dev`")


def test_preview_may_come_through_standard_input(saved: Path) -> None:
    assert (
        run("--preview", "-", stdin=saved.read_text()).stdout == run("--preview", str(saved)).stdout
    )


def test_files_are_written_and_nothing_is_printed(saved: Path, tmp_path: Path) -> None:
    page, comment = tmp_path / "report.html", tmp_path / "report.md"

    done = run("--preview", str(saved), "--html", str(page), "--markdown", str(comment))

    assert done.stdout == ""
    assert page.read_text().startswith("<!DOCTYPE html>")
    assert comment.read_text().startswith("## ")


def test_findings_that_were_kept_are_merged(saved: Path, findings: Path) -> None:
    done = run("--preview", str(saved), "--findings", str(findings))

    assert "odd tokenizer" in done.stdout
    assert "about 18" in done.stdout


@pytest.mark.parametrize(("limit", "code"), [("error", 0), ("warning", 1), ("never", 0)])
def test_warnings_fail_when_asked_to(saved: Path, findings: Path, limit: str, code: int) -> None:
    done = run("--preview", str(saved), "--findings", str(findings), "--fail-on", limit)

    assert done.exit_code == code


@pytest.mark.parametrize(("limit", "code"), [("error", 1), ("warning", 1), ("never", 0)])
def test_failed_preview_is_reported_and_fails(tmp_path: Path, limit: str, code: int) -> None:
    path = tmp_path / "preview.json"
    path.write_text(document(diagnostics=[{"severity": "error", "message": "no such bucket"}]))

    done = run("--preview", str(path), "--fail-on", limit)

    assert done.exit_code == code
    assert "no such bucket" in done.stdout


@pytest.mark.parametrize("text", [None, "", "error: stack not found"])
def test_something_else_than_a_preview_makes_no_report(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "preview.json"
    if text is not None:
        path.write_text(text)

    done = run("--preview", str(path))

    assert done.exit_code == 2
    assert done.stderr.startswith("vcw report: ")
    assert "Traceback" not in done.output


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.json"
    assert run("--preview", str(path)).stderr == f"vcw report: {path}: No such file or directory.\n"


def test_preview_that_cannot_start_is_told_in_the_words_of_the_cli(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "pulumi"
    program.write_text(f"#!{sys.executable}\nimport sys\nsys.exit('error: no stack named x')\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    done = run("--stack", "x")

    assert done.exit_code == 2
    assert done.stderr == "vcw report: no stack named x\n"


def test_report_of_the_base_branch_is_compared_with(saved: Path, tmp_path: Path) -> None:
    base, mine = tmp_path / "base.json", tmp_path / "mine.json"
    run("--preview", str(saved), "--json", str(base), "--fail-on", "never")
    assert json.loads(base.read_text())["report"]["endpoints"][0]["name"] == "chat"

    both = document(deployment("chat", "create", new={}), deployment("more", "create", new={}))
    done = run("--preview", "-", "--against", str(base), stdin=both)
    assert "- more: only here" in done.stdout
    run("--preview", str(saved), "--against", str(base), "--json", str(mine))
    assert json.loads(mine.read_text())["report"]["compared"] == []


def test_base_that_is_no_report_ends_with_2_and_says_so(saved: Path) -> None:
    done = run("--preview", str(saved), "--against", str(saved))

    assert done.exit_code == 2
    assert "vcw report --json" in done.stderr


def test_what_a_team_blocks_ends_with_1(saved: Path) -> None:
    assert run("--preview", str(saved)).exit_code == 0
    assert "**warn**: reachable from the internet: chat" in run("--preview", str(saved)).stdout
    blocked = run("--preview", str(saved), "--block", "public")
    assert blocked.exit_code == 1
    assert "**block**: reachable from the internet: chat" in blocked.stdout
    assert run("--preview", str(saved), "--most-a-month", "1").exit_code == 1
    assert run("--preview", str(saved), "--most-increase", "1e6").exit_code == 0
