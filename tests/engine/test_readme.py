"""The commands of README.md and the tutorial, run as they stand there, and what these print."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from ..docs.support.blocks import CHECKOUT, Block, blocks

README = blocks(CHECKOUT / "README.md")
SKILL = blocks(CHECKOUT / "docs" / "skills" / "own-weights-on-vertex-ai" / "SKILL.md")
TUTORIAL = blocks(CHECKOUT / "docs" / "tutorial.md")


def commands(page: list[Block], where: str) -> str:
    """Return the script that a page's blocks for one place make, each announced by a line."""
    script = ["set -eu"]
    for block in page:
        if re.fullmatch(rf"run: {where}(, .+)?", block.directive):
            script += [f"echo '@@ {block}'", block.text]
    return "\n".join(script)


def run(script: str, folder: Path, environment: dict[str, str]) -> dict[str, str]:
    """Run the script in a folder; return what each block printed, by the block's name."""
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    parts = re.split(r"^@@ (.*)$", done.stdout, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def shown(page: list[Block]) -> list[tuple[Block, Block]]:
    """Return the blocks of output, each with the block of commands before it."""
    pairs = zip(page, page[1:], strict=False)
    return [(before, block) for before, block in pairs if block.language == "text"]


def alike(line: str) -> str:
    """Reduce a line to what is the same in every run: no digests, no durations, no alignment."""
    line = re.sub(r"-[0-9a-f]{8}\b", "-#", line)
    return " ".join(re.sub(r"\(\d+(\.\d+)?s\)", "", line).split())


def checkout(folder: Path, venv: Path) -> Path:
    """Copy the files of the checkout; its environment is one that is there already."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True, check=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (CHECKOUT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, folder / name, follow_symlinks=False)
    (folder / ".venv").symlink_to(venv)
    (venv / "bin" / "uv").touch()
    (venv / "base.stamp").touch()
    return folder


def contents(folder: Path) -> dict[Path, bytes]:
    """Return what the files that git knows hold: of the rest of the folder nobody takes notice."""
    ours = subprocess.run(
        ["git", "ls-files", "-z"], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True, check=True
    )
    paths = (folder / name for name in filter(None, ours.stdout.split("\0")))
    return {path: path.read_bytes() for path in paths if path.is_file()}


def environment_with(venv: Path, engine_environment: dict[str, str]) -> dict[str, str]:
    path = f"{venv / 'bin'}{os.pathsep}{engine_environment['PATH']}"
    return {**engine_environment, "PATH": path, "VIRTUAL_ENV": str(venv)}


def assert_shown(page: list[Block], printed: dict[str, str]) -> None:
    for command, output in shown(page):
        real = {alike(line) for line in printed[str(command)].splitlines()}
        missing = [line for line in output.text.splitlines() if alike(line) not in real]
        assert missing == [], printed[str(command)]


def own_project(
    folder: Path, wheel_venv: Path, engine_environment: dict[str, str]
) -> tuple[Path, dict[str, str]]:
    """Return an empty folder, and the environment of somebody who has installed the package.

    Nothing in it says how Pulumi is to behave. Its home is named because Pulumi finds that by the
    user, whatever HOME says, and would write into the tester's own.
    """
    for name in ("support", "home"):
        (folder / name).mkdir(parents=True)
    whole = environment_with(wheel_venv, engine_environment)
    home = {"HOME": str(folder / "home"), "PULUMI_HOME": str(folder / "home" / ".pulumi")}
    return folder / "support", {name: whole[name] for name in ("PATH", "VIRTUAL_ENV")} | home


def test_commands_for_a_checkout_work_and_print_what_is_shown(
    tmp_path: Path, wheel_venv: Path, engine_environment: dict[str, str]
) -> None:
    folder = checkout(tmp_path / "checkout", wheel_venv)
    before = contents(folder)
    environment = environment_with(wheel_venv, engine_environment)
    assert_shown(README, run(commands(README, "checkout"), folder, environment))

    assert {path: text for path, text in contents(folder).items() if before[path] != text} == {}


def test_commands_for_a_project_of_ones_own_work(
    tmp_path: Path, wheel_venv: Path, engine_environment: dict[str, str]
) -> None:
    folder, environment = own_project(tmp_path / "own", wheel_venv, engine_environment)
    (printed,) = run(commands(README, "own project"), folder, environment).values()

    assert "was asked: hello" in printed
    assert re.search(r"- \d+ deleted", printed)


def test_first_answer_takes_five_lines_and_six_concepts(
    tmp_path: Path, wheel_venv: Path, engine_environment: dict[str, str]
) -> None:
    text = (CHECKOUT / "docs" / "tutorial.md").read_text()
    before, _, rest = text.partition("\n## The first answer\n")
    section = rest.partition("\n## ")[0]
    first, lines = before.count("\n"), section.count("\n")
    here = [block for block in TUTORIAL if first < block.line <= first + lines]
    typed = [line for block in here if block.language == "sh" for line in block.text.splitlines()]
    assert len(typed) <= 5
    assert len(re.findall(r"^\d\. \*\*", section, re.MULTILINE)) <= 6

    folder, environment = own_project(tmp_path, wheel_venv, engine_environment)
    (printed,) = run(commands(here, "tutorial"), folder, environment).values()
    assert "was asked: hello" in printed.splitlines()[-1]


def test_tutorial_leads_from_an_empty_folder_to_an_endpoint_and_back(
    tmp_path: Path, wheel_venv: Path, engine_environment: dict[str, str]
) -> None:
    folder, environment = own_project(tmp_path, wheel_venv, engine_environment)
    printed = run(commands(TUTORIAL, "tutorial"), folder, environment)

    assert_shown(TUTORIAL, printed)
    asked = "".join(printed.values())
    assert asked.count("was asked: What is your return policy?") == 2
    assert "curl http://10." in asked


def test_commands_and_program_of_the_skill_work(
    tmp_path: Path, wheel_venv: Path, engine_environment: dict[str, str]
) -> None:
    folder, environment = own_project(tmp_path, wheel_venv, engine_environment)
    (printed,) = run(commands(SKILL, "own project"), folder, environment).values()
    assert "was asked: hello" in printed

    (program,) = (block.text for block in SKILL if block.language == "python")
    (folder / "__main__.py").write_text(program)
    buckets = "vertex-custom-weights:emulatorBuckets.my-bucket"
    script = f"""
echo '@@ program'
export PULUMI_CONFIG_PASSPHRASE=
vcw emulator sample-weights llama-3.1-8b .local/my-bucket/run-7
pulumi config set --path {buckets} .local/my-bucket
pulumi up --yes
vcw query "hello"
"""
    (printed,) = run(f"set -eu\n{script}", folder, environment).values()
    assert "was asked: hello" in printed
