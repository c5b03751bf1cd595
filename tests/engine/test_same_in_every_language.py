"""Twenty endpoints declared in each language are the same requests at the cloud."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from vertex_custom_weights_provider import samples

from .support.cloud import EmulatedCloud
from .support.compiled import prepare
from .support.harness import CHECKOUT, Engine
from .support.languages import speak
from .support.recorded import PLACE, SCENARIOS, SETTINGS, WEIGHTS

RUNTIMES = {"yaml": "yaml", "typescript": "nodejs", "go": "go"}
# What a project in the language has beside its program.
FROM_EXAMPLES = {
    "typescript": ("gcp-ts-private-endpoint", ("package.json", "tsconfig.json")),
    "go": ("gcp-go-private-endpoint", ("go.mod", "go.sum")),
}


def project(engine: Engine, language: str) -> Engine:
    """Make the scratch project the program of a language."""
    shutil.copytree(SCENARIOS / language, engine.folder, dirs_exist_ok=True)
    for folder, model in WEIGHTS.items():
        samples.write(model, engine.folder / "weights" / folder)
    if language == "python":
        own = {f"vertex-custom-weights:{key}": value for key, value in SETTINGS.items()}
        engine.configure({**own, **{f"gcp:{key}": value for key, value in PLACE.items()}})
        return engine
    (engine.folder / "__main__.py").unlink()
    engine.configure({f"vcw:{key}": value for key, value in (SETTINGS | PLACE).items()})
    shown = engine.folder / "Pulumi.yaml"
    program = yaml.safe_load(shown.read_text()) if language == "yaml" else {}
    plugin = {"providers": [{"name": "vcw", "path": str(CHECKOUT / "plugin")}]}
    settings = {**program, "name": "scenarios", "runtime": RUNTIMES[language], "plugins": plugin}
    shown.write_text(yaml.safe_dump(settings, sort_keys=False))
    speak(engine)
    if language in FROM_EXAMPLES:
        example, files = FROM_EXAMPLES[language]
        for name in files:
            shutil.copy(CHECKOUT / "examples" / example / name, engine.folder)
        prepare(engine)
    return engine


def made(engine: Engine) -> list[str]:
    """Return the accepted changes, and everything that the cloud holds after them.

    In an order, and without what two runs of one program may differ in.
    """
    cloud = EmulatedCloud(engine.folder / "emulator.db")
    changes = [
        {"method": entry["method"], "resource": entry["resource"]}
        for entry in cloud.admin("GET", "log")["entries"]
    ]
    names = [name for kind in cloud.admin("GET", "state")["resources"].values() for name in kind]
    held = [cloud.get(_url(name)) for name in names if "/serviceAttachments/" not in name]
    return sorted(_settled(json.dumps(_lasting(one), sort_keys=True)) for one in changes + held)


def _url(name: str) -> str:
    location = name.split("/")[3]
    if "/locations/" in name:
        return f"https://{location}-aiplatform.googleapis.com/v1beta1/{name}"
    return f"https://compute.googleapis.com/compute/v1/{name}"


# Said by Google, each time anew.
PASSING = {
    "createTime",
    "updateTime",
    "versionCreateTime",
    "versionUpdateTime",
    "lastUpdateTime",
    "creationTimestamp",
    "etag",
    "id",
    "fingerprint",
    "labelFingerprint",
    "pscConnectionId",
    "vcw-incarnation",
    "vcw-state",
}


def _lasting(value: Any) -> Any:
    if isinstance(value, list):
        return [_lasting(one) for one in value]
    if not isinstance(value, dict):
        return value
    kept = {key: _lasting(one) for key, one in value.items() if key not in PASSING}
    # Several deployments on one endpoint are there in the order in which they were ready.
    if "deployedModels" in kept:
        kept["deployedModels"].sort(key=json.dumps)
    if "trafficSplit" in kept:
        kept["trafficSplit"] = sorted(kept["trafficSplit"].values())
    return kept


# Numbers of projects and deployments, ends of names that are new for each creation, what an
# attachment is called, and the next free address of a subnetwork.
CHOSEN = re.compile(
    r"(?<=/)\d{12}(?=/)|(?<=-)\d{12}(?=\.)|(?<=\")\d{6,}(?=\")|(?<=-)[0-9a-f]{8}\b(?!-)"
    r"|(?<=gkedpm-)\w+|\b10\.0\.\d+\.\d+"
)


def _settled(text: str) -> str:
    return CHOSEN.sub("*", text)


@pytest.fixture(scope="module")
def in_python(
    engine_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> list[str]:
    folder = tmp_path_factory.mktemp("python")
    engine = project(Engine(folder, engine_environment, project="scenarios"), "python")
    engine.up()
    return made(engine)


@pytest.mark.parametrize("language", ["yaml", "typescript", "go"])
def test_twenty_endpoints_are_the_same_requests_as_in_python(
    language: str, in_python: list[str], make_engine: Callable[..., Engine]
) -> None:
    engine = project(make_engine(language, project="scenarios"), language)
    engine.up()

    assert made(engine) == in_python
    assert len(in_python) > 80  # nothing is equal to nothing
    assert "hush-hush" not in engine.run("stack", "export").stdout
    assert engine.up().unchanged
