"""The SDKs that are made from the schema compile, whole; their types say what the schema says."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support import sdks

SPEC = json.loads(sdks.SCHEMA.read_text(encoding="utf-8"))
CLASSES = sorted(token.rsplit(":", 1)[-1] for token in SPEC["resources"])


def test_every_class_of_the_nodejs_sdk_is_there_and_the_example_has_its_types() -> None:
    # `npm ci` has compiled the SDK: its own package.json asks for that.
    folder = sdks.node_packages()
    asked = "const { m } = require('vertex-custom-weights'); console.log(Object.keys(m).join(' '))"
    done = subprocess.run(
        [sdks.NODE / "bin" / "node", "-e", asked],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert set(CLASSES) <= set(done.stdout.split())


def test_a_misspelt_argument_is_an_error_of_types_in_typescript(tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(sdks.EXAMPLE, project, ignore=shutil.ignore_patterns("node_modules", "sdks"))
    sdks.use_node_packages(project)
    sdks.check_types(project)
    program = project / "index.ts"
    program.write_text(program.read_text().replace("weightsUri:", "weightsUrl:", 1))
    compiler = [sdks.NODE / "bin" / "node", project / "node_modules/typescript/bin/tsc"]
    done = subprocess.run(compiler, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "'weightsUrl' does not exist in type 'LlamaArgs'" in done.stdout


def test_the_whole_go_sdk_and_the_example_build(tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(
        sdks.CHECKOUT / "examples" / "gcp-go-private-endpoint",
        project,
        ignore=shutil.ignore_patterns("sdks"),
    )
    sdks.write("go", project / "sdks" / "vcw")
    sdks.go("build", "./...", folder=project)
    everything = "github.com/vertex-custom-weights/vertex-custom-weights/sdk/go/..."
    sdks.go("build", everything, folder=project)
    assert sdks.go("list", everything, folder=project).split()[0].endswith("/sdk/go/vcw")


def test_the_python_sdk_installs_and_has_every_class(tmp_path: Path) -> None:
    source, installed = sdks.write("python", tmp_path / "source"), tmp_path / "installed"
    install = [Path(sys.prefix, "bin", "uv"), "pip", "install", "-q", "--python", sys.executable]
    options = ["--offline", "--no-deps", "--no-build-isolation", "--target", installed]
    subprocess.run([*install, *options, source], check=True)
    # The SDK loads its modules when something of them is asked for.
    asked = "import sys, pulumi_vcw as p; print([getattr(p.m, name) for name in sys.argv[1:]])"
    done = subprocess.run(
        [sys.executable, "-c", asked, *CLASSES],
        cwd=installed,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
