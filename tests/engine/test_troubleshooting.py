"""docs/troubleshooting.md: every message it names is produced, and its commands are run then."""

from __future__ import annotations

import re
import subprocess
import venv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from vertex_custom_weights_provider.lifecycle.remedies import pages

from ..docs.support.blocks import CHECKOUT, Block, blocks
from .support.harness import Running

PAGE = CHECKOUT / "docs" / "troubleshooting.md"


@dataclass
class Project:
    """A project made by `vcw init --sample`, and a shell in it that knows nothing of Pulumi."""

    folder: Path
    environment: dict[str, str]
    exported: dict[str, str] = field(default_factory=lambda: {"PULUMI_CONFIG_PASSPHRASE": ""})

    def run(self, script: str, *, fails: bool = False) -> str:
        """Run lines of a shell; return what they print."""
        done = subprocess.run(
            ["sh", "-euc", script],
            cwd=self.folder,
            env={**self.environment, **self.exported},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        assert (done.returncode != 0) is fails, done.stdout
        return done.stdout

    def refused(self, scenario: str) -> str:
        """Return what an update says while the emulator is in a scenario, and end that."""
        self.run(f"vcw emulator scenario set {scenario}")
        said = self.run("pulumi up --yes --skip-preview", fails=True)
        self.run("vcw emulator scenario clear")
        return said

    def started(self) -> Running:
        """Start an update."""
        command = ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive"]
        exported = {**self.exported, "PULUMI_DEBUG_COMMANDS": "true"}
        return Running(command, self.folder, {**self.environment, **exported})


@pytest.fixture
def project(tmp_path: Path, engine_environment: dict[str, str]) -> Project:
    home = {"HOME": str(tmp_path), "PULUMI_HOME": str(tmp_path / ".pulumi")}
    kept = {name: engine_environment[name] for name in ("PATH", "VIRTUAL_ENV")}
    made = Project(tmp_path / "support", {**kept, **home})
    made.folder.mkdir()
    made.run("vcw init --sample")
    made.run("pulumi config set vertex-custom-weights:emulatorDeploySeconds 1")
    return made


def locked(project: Project) -> str:
    project.run("pulumi config set vertex-custom-weights:emulatorDeploySeconds 3")
    with project.started() as update:
        update.wait_for("deploying chat")
        update.kill()
        update.finish(ok=None)
    return project.run("pulumi up --yes", fails=True)


def passphrase(project: Project) -> str:
    project.run("pulumi stack rm --yes --preserve-config local")
    project.run("sed -i /encryptionsalt/d Pulumi.local.yaml")
    project.run('PULUMI_CONFIG_PASSPHRASE="what you chose" pulumi stack init local')
    project.run("PULUMI_CONFIG_PASSPHRASE='what you chose' pulumi config set --secret token x")
    del project.exported["PULUMI_CONFIG_PASSPHRASE"]
    return project.run("vcw doctor", fails=True)


def state(project: Project) -> str:
    project.run("rm -r .local/state")
    return project.run("vcw query hello", fails=True)


def virtual_environment(project: Project) -> str:
    venv.create(project.folder / ".venv", symlinks=True, with_pip=True)
    return project.run('VIRTUAL_ENV= PATH="$PWD/.venv/bin:$PATH" pulumi preview', fails=True)


def pending(project: Project) -> str:
    project.run("vcw emulator scenario set psc-pending")
    with project.started() as update:
        update.wait_for("PENDING")
        update.interrupt()
        said = update.finish(ok=None).text
    project.run("vcw emulator scenario clear")
    return said


def tombstone(project: Project) -> str:
    project.run("pulumi up --yes --skip-preview")
    project.run("pulumi destroy --yes --skip-preview")
    return project.run("pulumi up --yes --skip-preview")


def another_state(project: Project) -> str:
    project.run("pulumi up --yes --skip-preview")
    project.run("mv .local/state .local/lost && mkdir .local/state")
    project.run("pulumi stack init local")
    return project.run("pulumi preview", fails=True)


def no_address(project: Project) -> str:
    program = project.folder / "__main__.py"
    text = re.sub(r'"private_service_connect": \{.*?\},', "", program.read_text(), flags=re.DOTALL)
    program.write_text(text)
    project.run("pulumi up --yes --skip-preview")
    return project.run("vcw query hello", fails=True)


def odd_answer(project: Project) -> str:
    project.run("pulumi up --yes --skip-preview")
    return project.run("vcw query hello")


SITUATIONS: Mapping[str, Callable[[Project], str]] = {
    "locked": locked,
    "passphrase": passphrase,
    "state": state,
    "virtual-environment": virtual_environment,
    "quota": lambda project: project.refused("quota-exceeded"),
    "stockout": lambda project: project.refused("stockout"),
    "crash": lambda project: project.refused("container-crash"),
    "internal-error": lambda project: project.refused("service-agent-role-missing"),
    "denied": lambda project: project.refused("permission-denied"),
    "bucket": lambda project: project.refused("bucket-unreadable"),
    "pending": pending,
    "rejected": lambda project: project.refused("psc-rejected"),
    "tombstone": tombstone,
    "another-state": another_state,
    "no-address": no_address,
    "odd-answer": odd_answer,
}


def entries() -> dict[str, list[Block]]:
    """Return the blocks of each entry of the page, by the anchor of its heading."""
    found: dict[str, list[Block]] = {}
    heads = [
        (number, line.removeprefix("## ").lower().replace(" ", "-"))
        for number, line in enumerate(PAGE.read_text().splitlines(), 1)
        if line.startswith("## ")
    ]
    for number, anchor in heads:
        after = min((other for other, _ in heads if other > number), default=10**6)
        found[anchor] = [block for block in blocks(PAGE) if number < block.line < after]
    return found


ENTRIES = entries()


def assert_said(message: str, output: str) -> None:
    """Find a message of the page in an output, whatever breaks its lines; … stands for anything."""
    for line in message.splitlines():
        wanted = ".*".join(re.escape(" ".join(part.split())) for part in line.split("…"))
        assert re.search(wanted, " ".join(output.split())), output


def test_every_entry_has_a_situation_and_every_situation_an_entry() -> None:
    assert set(ENTRIES) == set(SITUATIONS)


def test_every_page_that_messages_name_is_an_entry() -> None:
    assert set(pages.ANCHORS) <= set(ENTRIES)


@pytest.mark.parametrize("anchor", SITUATIONS)
def test_message_is_produced_and_the_commands_mend_it(anchor: str, project: Project) -> None:
    said = SITUATIONS[anchor](project)
    for block in ENTRIES[anchor]:
        if block.language == "text":
            assert_said(block.text, said)
        elif block.directive.startswith("run: "):
            said = project.run(block.text)
