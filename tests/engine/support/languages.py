"""Projects in other languages than Python: the hosts of their languages, and the plugin."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml

from .harness import CHECKOUT, Engine


@functools.cache
def hosts() -> str:
    """Return the folder of the language hosts, which are built first where there are none."""
    script = CHECKOUT / "tools" / "pulumi" / "ensure_languages.py"
    found = subprocess.run([sys.executable, script], stdout=subprocess.PIPE, check=True, text=True)
    return found.stdout.strip()


def speak(engine: Engine) -> Engine:
    """Let a project run programs in any language."""
    path = f"{hosts()}{os.pathsep}{engine.environment['PATH']}"
    engine.environment = {**engine.environment, "PATH": path}
    return engine


def yaml_program(engine: Engine, program: Mapping[str, object], name: str = "scratch") -> Engine:
    """Make the project one in YAML, served by the plugin of this checkout."""
    (engine.folder / "__main__.py").unlink(missing_ok=True)
    settings = {
        "name": name,
        "runtime": "yaml",
        "plugins": {"providers": [{"name": "vcw", "path": str(CHECKOUT / "plugin")}]},
        **program,
    }
    engine.write("Pulumi.yaml", yaml.safe_dump(settings, sort_keys=False))
    return speak(engine)


def example(engine: Engine, name: str, *models: str) -> Engine:
    """Copy an example into the project, and do what its README says before `pulumi up`."""
    shutil.rmtree(engine.folder)
    ignored = shutil.ignore_patterns(".local", "plugin", "node_modules", "sdks")
    shutil.copytree(CHECKOUT / "examples" / name, engine.folder, ignore=ignored)
    engine.shell("vcw", "init")
    for model in models:
        engine.shell("vcw", "emulator", "sample-weights", model, str(Path(".local/weights", model)))
    return speak(engine)
