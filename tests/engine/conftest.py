"""Fixtures of the tests that run the real Pulumi CLI; `harness.py` explains them."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .support import installed
from .support.harness import CHECKOUT, Engine, environment


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.engine)


@pytest.fixture(scope="session")
def engine_environment() -> dict[str, str]:
    """The environment of a Pulumi run; the CLI is built first where there is none."""
    return environment()


@pytest.fixture
def make_engine(engine_environment: dict[str, str], tmp_path: Path) -> Callable[..., Engine]:
    """Make scratch projects: `make_engine("name", bundled=True)`."""

    def make(name: str, **options: Any) -> Engine:
        return Engine(tmp_path / name, engine_environment, **options)

    return make


@pytest.fixture
def engine(make_engine: Callable[..., Engine]) -> Engine:
    """One scratch project on the provider host of this checkout."""
    return make_engine("engine")


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plugin's archive, as a release has it."""
    return installed.build(tmp_path_factory.mktemp("archive"))


@pytest.fixture(scope="session")
def wheel_venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel of this checkout, as a user's own project has it.

    Dependencies are those of the running interpreter; a path entry shows them and hides the
    editable installation beside them, because `.pth` files count in a site folder only.
    """
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    subprocess.run(build, cwd=CHECKOUT, check=True, stdout=subprocess.DEVNULL)
    (wheel,) = folder.glob("*.whl")
    home = folder / "venv"
    venv.create(home, symlinks=True)
    places = {"base": str(home), "platbase": str(home)}
    site_packages = Path(sysconfig.get_path("purelib", "venv", places))
    (site_packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    install = [Path(sys.prefix, "bin", "uv"), "pip", "install", "-q", "--offline", "--no-deps"]
    subprocess.run([*install, "--python", home, wheel], check=True)
    return home
