"""The workflows: linted, pinned, without rights they do not need, and the comment they leave."""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
FOLDER = CHECKOUT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
PINNED = re.compile(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
# Keeps the comments of a pull request in a file, as far as the workflow asks for it.
GH = """#!{python}
import json, pathlib, sys
given = sys.argv[1:]
comments = pathlib.Path("comments.json")
known = json.loads(comments.read_text())
path = next(word for word in given if word.startswith("repos/"))
method = given[given.index("--method") + 1] if "--method" in given else "GET"
if method == "GET":
    marker = given[given.index("--jq") + 1].split('startswith("')[1].split('")')[0]
    for comment in known:
        if comment["author"] == "github-actions[bot]" and comment["body"].startswith(marker):
            print(comment["id"])
else:
    body = pathlib.Path(given[given.index("-F") + 1].removeprefix("body=@")).read_text()
    if method == "POST":
        assert path == "repos/o/r/issues/7/comments", path
        known.append(dict(id=len(known) + 1, author="github-actions[bot]", body=body))
    else:
        known[int(path.rsplit("/", 1)[1]) - 1]["body"] = body
    comments.write_text(json.dumps(known))
"""


def read(name: str) -> dict[str, Any]:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


def jobs() -> list[Any]:
    found = [
        (path.name, name, job) for path in FILES for name, job in read(path.name)["jobs"].items()
    ]
    return [pytest.param(file, job, id=f"{file}-{name}") for file, name, job in found]


def test_actionlint_finds_nothing() -> None:
    ensure = [sys.executable, CHECKOUT / "tools" / "pulumi" / "ensure_actionlint.py"]
    program = subprocess.run(ensure, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    # Which other linters happen to be installed must not decide.
    command = [program, "-shellcheck=", "-pyflakes=", *FILES]
    done = subprocess.run(command, capture_output=True, text=True, cwd=CHECKOUT, check=False)
    assert done.returncode == 0, done.stdout


def test_zizmor_finds_nothing() -> None:
    command = [Path(sys.prefix, "bin", "zizmor"), "--offline", "--no-progress", FOLDER]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_actions_are_pinned_by_digest_with_their_version_beside_it(path: Path) -> None:
    used = [line.strip() for line in path.read_text().splitlines() if "uses:" in line]
    assert [line for line in used if not PINNED.search(line)] == []


@pytest.mark.parametrize(("file", "job"), jobs())
def test_job_that_may_write_runs_no_code_of_the_repository(file: str, job: Any) -> None:
    rights = job.get("permissions", read(file)["permissions"])
    used = [step.get("uses", "") for step in job["steps"]]
    if "write" in [level for right, level in rights.items() if right != "id-token"]:
        assert not any(name.startswith("actions/checkout@") for name in used)
    assert all(
        step["with"]["persist-credentials"] is False
        for step in job["steps"]
        if step.get("uses", "").startswith("actions/checkout@")
    )


def test_pull_requests_of_forks_meet_no_secret_and_no_account() -> None:
    preview = read("preview.yml")
    assert set(preview[True]) == {"pull_request"}  # YAML reads `on` as true

    forks = preview["jobs"]["emulator"]
    assert forks["permissions"] == {"contents": "read"}
    assert "secrets." not in json.dumps(forks)
    assert "full_name == github.repository" in preview["jobs"]["google"]["if"]


def test_every_stack_that_is_previewed_exists_and_has_policies() -> None:
    for stack in read("preview.yml")["jobs"]["google"]["strategy"]["matrix"]["stack"]:
        assert (CHECKOUT / "stacks" / f"Pulumi.{stack}.yaml").exists()
        assert (CHECKOUT / "stacks" / "policy" / f"{stack}.json").exists()


def test_ci_runs_what_a_person_runs() -> None:
    steps = [step.get("run") for job in read("ci.yml")["jobs"].values() for step in job["steps"]]
    assert {".ci/run", "make screenshots"} <= set(steps)


def test_a_release_has_an_archive_for_every_platform_and_python() -> None:
    steps = {
        step.get("name"): step.get("run") for step in read("release.yml")["jobs"]["build"]["steps"]
    }
    named = set(re.findall(r"(?:linux|darwin)-\w+", steps["Archives"]))
    tool = runpy.run_path(str(CHECKOUT / "tools" / "release" / "archive.py"))
    assert named == set(tool["PLATFORMS"])
    wanted = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["classifiers"]
    assert re.findall(r"3\.\d+", steps["Archives"]) == [
        one.rsplit(" ", 1)[-1] for one in wanted[:-1]
    ]


class PullRequest:
    """A pull request whose comments are written by the workflow's own script."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "bin").mkdir()
        program = folder / "bin" / "gh"
        program.write_text(GH.replace("{python}", sys.executable))
        program.chmod(0o755)
        self.keep([])

    def keep(self, comments: list[dict[str, Any]]) -> None:
        (self.folder / "comments.json").write_text(json.dumps(comments))

    @property
    def comments(self) -> list[dict[str, Any]]:
        return json.loads((self.folder / "comments.json").read_text())

    def report(self, **stacks: str) -> None:
        for stack, text in stacks.items():
            path = self.folder / "reports" / f"report-{stack}" / "report.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        steps = read("preview.yml")["jobs"]["comment"]["steps"]
        (script,) = (step["run"] for step in steps if "run" in step)
        environment = {
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "REPOSITORY": "o/r",
            "NUMBER": "7",
            "RUN_URL": "https://github.example/run/1",
        }
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        subprocess.run(command, cwd=self.folder, env=environment, check=True)


@pytest.fixture
def pull_request(tmp_path: Path) -> PullRequest:
    return PullRequest(tmp_path)


def test_each_stack_gets_one_comment_which_later_runs_edit(pull_request: PullRequest) -> None:
    pull_request.report(dev="first dev\n", prod="first prod\n")
    pull_request.report(dev="second dev\n")

    bodies = [comment["body"] for comment in pull_request.comments]
    assert [body.splitlines()[1] for body in bodies] == ["second dev", "first prod"]
    assert all("https://github.example/run/1" in body for body in bodies)


def test_comments_of_other_people_stay(pull_request: PullRequest) -> None:
    theirs = {"id": 1, "author": "mallory", "body": "<!-- vcw report: dev --> mine"}
    pull_request.keep([theirs])

    pull_request.report(dev="the report\n")

    assert pull_request.comments[0] == theirs
    assert len(pull_request.comments) == 2


def test_run_without_reports_leaves_no_comment(pull_request: PullRequest) -> None:
    pull_request.report()

    assert pull_request.comments == []
