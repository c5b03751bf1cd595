"""An endpoint of one stack that carries a deployment of another."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from vertex_custom_weights_provider.emulator import Settings, serve

from .support.cloud import EmulatedCloud
from .support.groups import WEIGHTS, prepare
from .support.harness import Engine

PLATFORM = """
    import pulumi
    from pathlib import Path

    from vertex_custom_weights_provider.resources.endpoint import Endpoint

    host = Endpoint("host", generation=int(Path("generation").read_text()))
    pulumi.export("endpoint", host.endpoint_name)
"""
APP = """
    import json
    from pathlib import Path

    from vertex_custom_weights_provider.resources.custom_weights_deployment import (
        CustomWeightsDeployment,
    )

    CustomWeightsDeployment("app", **json.loads(Path("inputs.json").read_text()))
"""


def test_an_endpoint_goes_when_the_other_stack_has_left_it(
    make_engine: Callable[..., Engine], tmp_path: Path
) -> None:
    platform, app = make_engine("platform", stack="platform"), make_engine("app", stack="prod")
    with serve.running(Settings(tmp_path / "emulator.db", deploy_seconds=0.2)) as url:
        prepare(platform, url=url, program=PLATFORM)
        prepare(app, url=url, program=APP)
        cloud = EmulatedCloud(tmp_path / "emulator.db")

        def deploy_app() -> str:
            name = platform.outputs()["endpoint"]
            (app.folder / "inputs.json").write_text(json.dumps({**WEIGHTS, "endpoint": name}))
            app.up()
            return name

        platform.write("generation", "1")
        platform.up()
        old = deploy_app()
        for verb in (platform.destroy, platform.up):
            if verb == platform.up:
                platform.write("generation", "2")
            run = verb(ok=False)
            assert f"{old} stays, because another stack has deployed onto it" in run.text
            assert "of scratch/prod/app (project/stack/resource)" in run.text
            assert app.refresh("--expect-no-changes").unchanged

        assert deploy_app() != old
        platform.up()
        assert platform.preview().unchanged
        assert platform.outputs()["endpoint"].endswith(cloud.names("endpoints")[0])
        assert len(cloud.names("endpoints")) == 1

        app.destroy()
        platform.destroy()
        assert cloud.empty
