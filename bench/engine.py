"""What our resources add to a Pulumi run: ratios to an empty Python program, in one go.

    python bench/engine.py [ROUNDS]

Machines are noisy, so only the ratios mean anything: every round runs the programs in turn, and
medians are compared. The third program has one trivial dynamic resource on Pulumi's bundled server:
what any dynamic provider costs, because the engine starts a Python for it in every phase. The last
is our endpoint again, declared in YAML and served by the plugin: no program in Python starts. The
second table is how long sixteen deployments take beside one.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from vertex_custom_weights_provider import samples

CHECKOUT = Path(__file__).resolve().parent.parent
EMPTY = "import pulumi\n"
TRIVIAL = """
from toy import Toy

Toy("toy")
"""
TOY = """
from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class Provider(ResourceProvider):
    serialize_as_secret_always = False

    def create(self, props):
        return CreateResult("toy", {})


class Toy(Resource, module="toy", name="Toy"):
    def __init__(self, name):
        super().__init__(Provider(), name, {})
"""
YAML = {
    "name": "bench",
    "runtime": "yaml",
    "plugins": {"providers": [{"name": "vcw", "path": str(CHECKOUT / "plugin")}]},
}
STACK = "from vertex_custom_weights import stack\nstack.declare()\n"


def _printed(script: str, *options: str) -> str:
    command = [sys.executable, CHECKOUT / "tools" / "pulumi" / script, *options]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout.strip()


def _in_python(bundled: bool) -> dict[str, Any]:
    options = {"toolchain": "pip", "virtualenv": sys.prefix}
    settings: dict[str, Any] = {"name": "bench", "runtime": {"name": "python", "options": options}}
    host = {"name": "pulumi-python", "path": str(CHECKOUT / "plugin")}
    return settings if bundled else {**settings, "plugins": {"providers": [host]}}


def _config(ours: str, place: str) -> dict[str, Any]:
    return {
        f"{place}:project": "local-project",
        f"{place}:region": "us-central1",
        f"{ours}:backend": "emulator",
        f"{ours}:emulatorState": "emulator.db",
        f"{ours}:emulatorBuckets": {"weights": "weights"},
        f"{ours}:emulatorDeploySeconds": 3,
    }


class Project:
    """A scratch project with its own back end.

    Args:
        folder: An empty folder.
        program: In Python.
        endpoints: Of the stack file.
        bundled: Serve it by Pulumi's bundled server.
        resources: Those of a program in YAML, in place of the one in Python.
    """

    def __init__(
        self,
        folder: Path,
        program: str,
        endpoints: Mapping[str, Any],
        bundled: bool = False,
        resources: Mapping[str, Any] | None = None,
    ) -> None:
        for name in ("project", "state", "home"):
            (folder / name).mkdir(parents=True)
        self.folder = folder / "project"
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("PYTHON")},
            **json.loads(_printed("environment.py", "--json")),
            "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_PARALLEL": "64",
        }
        if resources is None:
            settings, config = _in_python(bundled), _config("vertex-custom-weights", "gcp")
            config["vertex-custom-weights:endpoints"] = endpoints
        else:
            settings, config = {**YAML, "resources": resources}, _config("vcw", "vcw")
            path = self.environment["PATH"]
            self.environment["PATH"] = f"{_printed('ensure_languages.py')}{os.pathsep}{path}"
        (self.folder / "Pulumi.yaml").write_text(yaml.safe_dump(settings))
        (self.folder / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": config}))
        (self.folder / "__main__.py").write_text(program)
        (self.folder / "toy.py").write_text(TOY)
        samples.write("llama-3.2-1b", self.folder / "weights" / "llama")
        self.seconds("stack", "init", "dev")

    def seconds(self, *command: str) -> float:
        """Run a command of the CLI and return how long it took."""
        started = time.perf_counter()
        done = subprocess.run(
            ["pulumi", *command, "--non-interactive"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode:
            sys.exit(f"pulumi {' '.join(command)} failed:\n{done.stdout.decode()}")
        return time.perf_counter() - started


def endpoint(private: bool) -> dict[str, Any]:
    """Return the configuration of one endpoint."""
    access = {"network": "default", "subnetwork": "default"} if private else {}
    return {
        "family": "llama",
        "weightsUri": "gs://weights/llama",
        "privateServiceConnect": {"allowedProjects": ["local-project"], **access},
        "machine": {"type": "g2-standard-12", "accelerator": "NVIDIA_L4", "acceleratorCount": 1},
    }


def in_yaml() -> dict[str, Any]:
    """Return the same as a resource of a program in YAML."""
    properties = endpoint(private=True)
    del properties["family"]
    return {"type": "vcw:m:Llama", "properties": properties}


def compare(folder: Path, rounds: int) -> None:
    """Print what each program takes for each verb that changes nothing."""
    projects = {
        "empty": Project(folder / "empty", EMPTY, {}),
        "trivial": Project(folder / "trivial", TRIVIAL, {}, bundled=True),
        "ours": Project(folder / "ours", STACK, {"chat": endpoint(private=True)}),
        "yaml": Project(folder / "yaml", "", {}, resources={"chat": in_yaml()}),
    }
    measured = {"first preview": _rounds(projects, ("preview",), rounds)}
    for project in projects.values():
        project.seconds("up", "--yes", "--skip-preview")
    for name, verb in (
        ("preview, unchanged", ("preview",)),
        ("up, unchanged", ("up", "--yes")),
        ("refresh", ("refresh", "--yes")),
    ):
        measured[name] = _rounds(projects, verb, rounds)
    print(f"{'':20}" + "".join(f"{name:>16}" for name in projects) + f"   medians of {rounds}")
    for name, seconds in measured.items():
        base = seconds["empty"]
        cells = (f"{value:9.2f}s {value / base:5.2f}" for value in seconds.values())
        print(f"{name:20}" + "".join(cells))
    beside = measured["refresh"]["ours"] / measured["up, unchanged"]["empty"]
    print(f"\nA refresh runs no program. Ours, beside the empty program's up: {beside:.2f}")
    for name in ("ours", "yaml"):
        projects[name].seconds("destroy", "--yes", "--skip-preview")


def _rounds(
    projects: Mapping[str, Project], verb: tuple[str, ...], rounds: int
) -> dict[str, float]:
    """Run a verb in all projects in turn and return the median of each."""
    taken: dict[str, list[float]] = {name: [] for name in projects}
    for _ in range(rounds):
        for name, project in projects.items():
            taken[name].append(project.seconds(*verb))
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def fleet(folder: Path) -> None:
    """Print how long sixteen deployments of 3 s take beside one."""
    times: dict[int, float] = {}
    for count in (1, 16):
        many = {f"chat-{number}": endpoint(private=False) for number in range(count)}
        project = Project(folder / f"fleet-{count}", STACK, many)
        times[count] = project.seconds("up", "--yes", "--skip-preview")
    ratio = times[16] / times[1]
    print(f"\n1 deployment of 3 s: {times[1]:.2f}s   16: {times[16]:.2f}s   ratio {ratio:.2f}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        compare(Path(scratch), int(sys.argv[1]) if len(sys.argv) > 1 else 5)
        fleet(Path(scratch))
