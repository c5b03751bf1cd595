"""A small cloud and its dynamic provider, copied into scratch projects.

The cloud is a folder: one JSON file per thing, with the number of times it was created. A thing is
ready after `seconds`; the provider waits for that, stops waiting when the engine cancels, and
adopts a thing that is already there.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, ResourceProvider, UpdateResult

from vertex_custom_weights_provider.call.call import InitFailed
from vertex_custom_weights_provider.call.current import current


def url_of(name: str) -> str:
    return f"https://things.example/{name}"


class Cloud:
    """The folder; files are replaced as a whole, so that a kill leaves none half written."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)

    def read(self, name: str) -> dict[str, Any] | None:
        path = self.folder / f"{name}.json"
        return json.loads(path.read_text()) if path.exists() else None

    def write(self, name: str, thing: dict[str, Any]) -> None:
        self.folder.mkdir(exist_ok=True)
        draft = self.folder / f"{name}.draft"
        draft.write_text(json.dumps(thing))
        draft.replace(self.folder / f"{name}.json")

    def remove(self, name: str) -> None:
        (self.folder / f"{name}.json").unlink(missing_ok=True)


class ThingProvider(ResourceProvider):
    serialize_as_secret_always = False

    def preview_create(self, props: dict[str, Any]) -> dict[str, Any]:
        return {**props, "url": url_of(props["name"])}

    def create(self, props: dict[str, Any]) -> CreateResult:
        name = props["name"]
        if name == "broken":
            raise RuntimeError("things may not be called broken")
        cloud = Cloud(props["cloud"])
        if cloud.read(name) is None:
            now = time.time()
            thing = {"creations": 1, "began": now, "ready": now + props["seconds"]}
            cloud.write(name, thing)
        outputs = {**props, "url": url_of(name)}
        self._wait(cloud, name, outputs)
        return CreateResult(name, outputs)

    def update(self, id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        outputs = {**news, "url": url_of(id)}
        self._wait(Cloud(news["cloud"]), id, outputs)
        return UpdateResult(outputs)

    def diff(self, id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        renamed = olds["name"] != news["name"]
        changed = renamed or olds["size"] != news["size"]
        result = DiffResult(changes=changed, replaces=["name"] if renamed else [])
        result.detailed = {"name": "UPDATE_REPLACE"} if renamed else {"size": "UPDATE"}
        return result

    def read(self, id: str, props: dict[str, Any]) -> ReadResult:
        # An import gives the id alone; the cloud is then the one of the project.
        props = {"cloud": "cloud", "name": id, "seconds": 0, "size": 1, **props}
        if Cloud(props["cloud"]).read(id) is None:
            return ReadResult("", {})
        inputs = {key: props[key] for key in ("cloud", "name", "seconds", "size")}
        return ReadResult(id, {**props, "url": url_of(id)}, inputs)

    def delete(self, id: str, props: dict[str, Any]) -> None:
        Cloud(props["cloud"]).remove(id)

    def _wait(self, cloud: Cloud, name: str, outputs: dict[str, Any]) -> None:
        thing = cloud.read(name)
        assert thing is not None
        while time.time() < thing["ready"]:
            if current().cancelled.wait(0.05):
                raise InitFailed(name, outputs, [f"{name} is still being made"])
        cloud.write(name, {**thing, "ended": time.time()})


class Thing(pulumi.dynamic.Resource, module="toy", name="Thing"):
    url: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        seconds: float = 0,
        size: int = 1,
        name: str | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {"name": name or resource_name, "cloud": "cloud", "seconds": seconds, "size": size}
        super().__init__(ThingProvider(), resource_name, {**props, "url": None}, opts)
