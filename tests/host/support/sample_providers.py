"""Providers that the tests pickle by reference and a server loads by name."""

from __future__ import annotations

import atexit
import contextlib
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)
from pulumi.output import UNKNOWN, Unknown
from pulumi.runtime import rpc

from vertex_custom_weights_provider.call.call import InitFailed
from vertex_custom_weights_provider.call.current import current
from vertex_custom_weights_provider.errors import VcwError


class Echo(ResourceProvider):
    """Give back what comes in, plus one computed output."""

    serialize_as_secret_always = False

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        changed = [key for key in _news if _news[key] != _olds.get(key)]
        return DiffResult(changes=bool(changed))

    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult(f"id-{props.get('name', '')}", {**props, "url": "http://created"})

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        return UpdateResult({**_news, "url": _olds.get("url")})

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        Path(_props["trace"]).write_text(_id)


class Describing(ResourceProvider):
    """Tell what types arrive."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        return CheckResult({"seen": _describe(news), **news}, [])

    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult("id", {"seen": _describe(props)})


def _describe(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _describe(each) for key, each in value.items() if key != "__provider"}
    if isinstance(value, list):
        return [_describe(each) for each in value]
    return type(value).__name__


class Picky(ResourceProvider):
    """Refuse everything, with reasons."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        failures = [CheckFailure("machine", "does not exist"), CheckFailure("replicas", "too many")]
        return CheckResult(news, failures)


class Sealing(ResourceProvider):
    """Return a secret output in its wire form."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult("id", {"token": rpc.wrap_rpc_secret("hush")})


class Differing(ResourceProvider):
    """Answer diffs with what the `answer` input says."""

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        return {
            "undecided": DiffResult(),
            "same": DiffResult(changes=False),
            "changed": DiffResult(changes=True),
            "replaced": DiffResult(True, ["name"], ["id"], True),
        }[_news["answer"]]


class Detailing(ResourceProvider):
    """Answer diffs property by property."""

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        result = DiffResult(changes=True, replaces=["machine"])
        result.detailed = {"machine.type": "UPDATE_REPLACE", 'labels["a"]': "ADD"}
        return result


class Reading(ResourceProvider):
    """Read what the id asks for."""

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        if id_ == "gone":
            return ReadResult("", {})
        if id_ == "with-inputs":
            return ReadResult(id_, {"size": 2}, {"size": 2})
        return ReadResult(id_, {**props, "read": True})


class Forgetful(ResourceProvider):
    """Update without outputs."""

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        return UpdateResult(None)


class Failing(ResourceProvider):
    """Fail as the `how` input says."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        how = props["how"]
        if how == "exit":
            sys.exit(3)
        if how == "ours":
            message = "The endpoint is gone. Run `pulumi refresh`."
            raise VcwError(message)
        if how == "noted":
            error = Exception("first line")
            error.add_note("second line")
            raise error
        raise {"plain": Exception("out of luck"), "key": KeyError("size")}[how]


class Configured(ResourceProvider):
    """Show the configuration, and how often it came."""

    configured = 0

    def configure(self, req: ConfigureRequest) -> None:
        self.configured += 1
        self.region = req.config.get("region")
        self.token = req.config.get("other:token")
        if self.region == "refused-once":
            marker = Path(req.config.require("marker"))
            if not marker.exists():
                marker.touch()
                message = "not configured yet"
                raise Exception(message)

    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult(
            "id",
            {
                "region": self.region,
                "token": self.token,
                "configured": self.configured,
                "project": pulumi.get_project(),
                "stack": pulumi.get_stack(),
                "organization": pulumi.get_organization(),
            },
        )


class Waiting(ResourceProvider):
    """Take `seconds` to create; end early, and resumable, when cancelled."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        if current().cancelled.wait(props["seconds"]):
            raise InitFailed("id-unfinished", {"operation": "op-7"}, ["stopped", "run up again"])
        return CreateResult("id", {})


class Stubborn(ResourceProvider):
    """Take `seconds` to create, whatever happens."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        time.sleep(props["seconds"])
        return CreateResult("id", {})


class Straying(ResourceProvider):
    """Leave a thread behind that would keep the process alive."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        threading.Thread(target=time.sleep, args=(600,), daemon=False).start()
        return CreateResult("id", {})


class HalfUpdated(ResourceProvider):
    """Change the resource and then fail."""

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        raise InitFailed(_id, {"size": _news["size"]}, ["not ready yet"])


class Previewing(ResourceProvider):
    """Know outputs before anything exists."""

    def preview_create(self, props: dict[str, Any]) -> dict[str, Any]:
        known = not isinstance(props["name"], Unknown)
        return {**props, "url": f"http://{props['name']}" if known else UNKNOWN, "ip": UNKNOWN}

    def preview_update(
        self, id_: str, olds: dict[str, Any], news: dict[str, Any]
    ) -> dict[str, Any]:
        return {**news, "id": id_, "ip": olds["ip"]}


class Talking(ResourceProvider):
    """Say things while working, and show what is known about the call."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        return CheckResult({**news, "urn": current().urn}, [])

    def create(self, props: dict[str, Any]) -> CreateResult:
        call = current()
        call.info("an information")
        call.warn("a warning")
        call.debug("a detail")
        call.status("first status")
        call.status("second status, at once")
        known = {"urn": call.urn, "preview": call.preview, "timeout": call.timeout}
        return CreateResult("id", known)

    def preview_create(self, props: dict[str, Any]) -> dict[str, Any]:
        current().info("costs 3 dollars")
        return {**props, "preview": current().preview}


class SayingGoodbye(ResourceProvider):
    """Registers something for the end of the process."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        atexit.register(sys.stderr.write, "goodbye\n")
        return CreateResult("goodbye", props)


class Printing(ResourceProvider):
    """Write where only the port belongs."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        sys.stdout.write("printed by the provider\n")
        with contextlib.suppress(OSError):
            subprocess.run(["echo", "printed by a child"], check=True)
        return CreateResult("id", {})


class FromEntryPoint(Echo):
    """Serve a type by its name alone."""

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        if id_ == "unready":
            raise InitFailed(id_, {"name": id_}, ["still being made"])
        return ReadResult(id_, {"name": id_}, {"name": id_})
