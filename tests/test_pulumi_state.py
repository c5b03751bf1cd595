"""Which state a stack is kept in. Where the CLI looks: Pulumi's pages on state and back ends."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from vertex_custom_weights_provider.pulumi_state import state_key


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "state" / ".pulumi").mkdir(parents=True)
    return tmp_path / "state"


def by_environment(url: str, root: Path) -> str:
    return state_key({"PULUMI_BACKEND_URL": url}, root)


def test_a_folder_has_one_key_however_it_is_spelled(files: Path, tmp_path: Path) -> None:
    key = by_environment(f"file://{files}", tmp_path)
    assert len(key) == 12
    assert by_environment(f"file://{files}/", tmp_path) == key
    assert by_environment("file://./state", tmp_path) == key


def test_a_copy_of_a_folder_is_another_state_also_in_its_old_place(
    files: Path, tmp_path: Path
) -> None:
    key = by_environment(f"file://{files}", tmp_path)
    shutil.copytree(files, tmp_path / "backup")
    assert by_environment(f"file://{tmp_path / 'backup'}", tmp_path) != key
    files.rename(tmp_path / "broken")
    shutil.copytree(tmp_path / "backup", files)
    assert by_environment(f"file://{files}", tmp_path) != key


def test_the_same_bucket_is_the_same_state_on_every_machine(tmp_path: Path) -> None:
    key = by_environment("s3://states?region=eu-central-1", tmp_path)
    assert by_environment("s3://states/", tmp_path / "elsewhere") == key
    assert by_environment("s3://others", tmp_path) != key


def test_the_environment_wins_over_the_project_and_the_project_over_the_login(
    tmp_path: Path,
) -> None:
    project, home = tmp_path / "project", tmp_path / "home"
    project.mkdir()
    home.mkdir()
    one, two, three = (by_environment(f"gs://{name}", tmp_path) for name in ("1", "2", "3"))
    (home / "credentials.json").write_text(json.dumps({"current": "gs://3", "accounts": {}}))
    logged_in = {"PULUMI_HOME": str(home)}
    assert state_key(logged_in, project) == three
    (project / "Pulumi.yaml").write_text("name: x\nruntime: python\nbackend:\n  url: gs://2\n")
    assert state_key(logged_in, project) == two
    assert state_key(logged_in, project / "infra") == two
    assert state_key({**logged_in, "PULUMI_BACKEND_URL": "gs://1"}, project) == one


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("Pulumi.yaml", "name: x\nbackend: {url: [1]}\n"),
        ("Pulumi.yaml", "backend: ]"),
        ("credentials.json", "{"),
        ("credentials.json", '{"current": null}'),
        ("credentials.json", '{"accounts": {}}'),
    ],
)
def test_what_is_not_to_be_found_out_is_no_state(tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / file).write_text(text)
    assert state_key({"PULUMI_HOME": str(tmp_path)}, tmp_path) == ""


def test_a_folder_without_state_is_no_state(tmp_path: Path) -> None:
    assert by_environment(f"file://{tmp_path / 'nothing'}", tmp_path) == ""
