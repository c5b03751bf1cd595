"""Nothing secret is written anywhere: not in logs, state, previews, events or errors."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from vertex_custom_weights_provider import samples

from .support.fake_google import FakeGoogle, fake_google, service_account
from .support.harness import Engine

# The container's token is not in the configuration: of that Pulumi itself hides what it displays.
PROGRAM = """
    import os

    import pulumi
    from vertex_custom_weights_provider.resources.custom_weights_deployment import (
        CustomWeightsDeployment,
    )
    from vertex_custom_weights_provider.resources.endpoint import Endpoint

    token = pulumi.Output.secret(os.environ["HUGGING_FACE"])
    machine = {
        "machine_type": "g2-standard-12",
        "accelerator_type": "NVIDIA_L4",
        "accelerator_count": 1,
    }
    Endpoint("host")
    deployment = CustomWeightsDeployment(
        "chat",
        gcs_uri="gs://weights/llama",
        container_spec={"image_uri": "image", "env": [{"name": "HF_TOKEN", "value": token}]},
        dedicated_resources={"machine_spec": machine},
    )
    pulumi.export("name", deployment.endpoint_name)
"""
LOUD = ("-v=9", "--logtostderr", "--debug")
# At -v=9 Pulumi's engine itself logs every property it exchanges with anybody, in plain.
OF_THE_ENGINE = (b"arshaling property for RPC[", b'"v":9}')


@pytest.fixture
def google(engine: Engine, tmp_path: Path) -> Iterator[FakeGoogle]:
    """What Google keeps lies outside the user's folders."""
    samples.write("llama-3.2-1b", tmp_path / "bucket" / "llama")
    buckets = {"weights": tmp_path / "bucket"}
    with fake_google(tmp_path / "google", tmp_path / "google" / "state.db", buckets) as google:
        engine.environment.update(google.environment())
        yield google


def leaks(folder: Path, secrets: Mapping[str, str]) -> list[str]:
    """Return where a secret stands in a file, spelled out or in base64."""
    forms = {
        name: (secret.encode(), base64.b64encode(secret.encode())[:-4])
        for name, secret in secrets.items()
    }
    found: list[str] = []
    for path in (path for path in sorted(folder.rglob("*")) if path.is_file()):
        lines = [line for line in path.read_bytes().split(b"\n") if not _of_the_engine(line)]
        found += [
            f"{path.relative_to(folder)}: {name} in {line[:1000]!r}"
            for line in lines
            for name, shapes in forms.items()
            if any(shape in line for shape in shapes)
        ]
    return found


def _of_the_engine(line: bytes) -> bool:
    return all(part in line for part in OF_THE_ENGINE)


def test_no_credential_is_written_anywhere_whatever_is_repeated(
    engine: Engine, google: FakeGoogle
) -> None:
    key = service_account(f"{google.url}/token")
    secrets = {
        "config": "ya29.marked-token-of-the-configuration",
        "environment": "marked-token-of-the-environment",
        "minted": "marked-token-for-the-key",
        "container": "hf_markedtokenofthecontainer",
        "rotated": "hf_otherlymarkedtokenofthecontainer",
        "key": key["private_key"].splitlines()[5],
    }
    engine.program(PROGRAM)
    engine.configure({"gcp:project": "local-project", "gcp:region": "us-central1"})
    engine.environment["HUGGING_FACE"] = secrets["container"]
    engine.run("config", "set", "--secret", "gcp:accessToken", secrets["config"])

    engine.preview("--json", *LOUD)
    engine.environment["GOOGLE_OAUTH_ACCESS_TOKEN"] = f"{secrets['environment']}\n"
    google.echoes = {("POST", "/endpoints"): "json", ("POST", ":deploy"): "operation"}
    refused = engine.up("--continue-on-error", *LOUD, ok=False)
    for name in ("host", "chat"):
        (told,) = (line.message for line in refused.diagnostics if line.resource == name)
        assert "refused: " in told
        assert "[secret]" in told

    del engine.environment["GOOGLE_OAUTH_ACCESS_TOKEN"]
    google.echoes = {("GET", "/storage/"): "html"}
    up = engine.up(*LOUD)
    assert "The weights were not checked" in up.text
    google.echoes = {}
    engine.run("config", "rm", "gcp:accessToken")
    engine.run("config", "set", "--secret", "gcp:credentials", json.dumps(key))
    assert "RefreshError" in engine.refresh("--run-program", *LOUD, ok=False).text
    google.minted = secrets["minted"]
    engine.environment["HUGGING_FACE"] = secrets["rotated"]
    preview = engine.preview("--refresh", *LOUD)
    assert "containerSpec" in preview.text
    assert "replace" in preview.ops("chat")

    used = {secrets[name] for name in ("config", "environment", "minted")}
    assert google.tokens == used
    assert engine.resources()["chat"]["inputs"]["containerSpec"]
    assert leaks(engine.folder.parent, secrets) == []
