"""Projects in TypeScript and Go: what `npm install` and `go build` do before `pulumi up`."""

from __future__ import annotations

from pathlib import Path

from tests.support import sdks

from .harness import Engine
from .languages import example


def prepared(engine: Engine, name: str, *models: str) -> Engine:
    """Copy an example, and do what its README says before `pulumi up`."""
    example(engine, name, *models)
    prepare(engine)
    return engine


def prepare(engine: Engine) -> None:
    """Give the project its SDK, and let its language compile it."""
    if (engine.folder / "package.json").exists():
        sdks.use_node_packages(engine.folder)
        sdks.check_types(engine.folder)
        # The types have been checked: the runs need not do it again, 2 s each.
        engine.environment = {
            **sdks.with_node(engine.environment),
            "TS_NODE_TRANSPILE_ONLY": "1",
        }
        return
    engine.environment = {**engine.environment, **sdks.GO}
    if not Path(engine.folder, "sdks").exists():
        sdks.write("go", engine.folder / "sdks" / "vcw")
