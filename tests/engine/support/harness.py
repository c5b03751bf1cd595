"""Drive the real Pulumi CLI on a scratch project.

    def test_something(engine):
        engine.program('''
            import pulumi
            from vertex_custom_weights_provider.resources.endpoint import Endpoint
            pulumi.export("name", Endpoint("chat", project="p", location="us-central1").name)
        ''')
        engine.configure({"vertex-custom-weights:backend": "emulator"})
        preview = engine.preview()
        assert preview.step("chat").op == "create"
        assert preview.outputs["name"].endswith(preview.step("chat").inputs["endpointUserId"])
        engine.up()
        assert engine.preview().unchanged
        engine.destroy()

Every project has its own folder, back end and PULUMI_HOME, runs on the interpreter that runs
pytest, and uses the provider host of this checkout (`bundled=True`: Pulumi's bundled server). A
verb returns a `Run` (see `events.py`) and fails the test when the exit code is not the expected
one (`ok=False` expects an error, `ok=None` accepts both) or when a process is left behind. For what
happens in the middle of an update there is `start`:

    with engine.start("up") as update:
        update.wait_for("chat creating")
        update.interrupt()                      # Ctrl-C; update.kill() is kill -9
        run = update.finish(ok=False)

A verb costs about 2.5 s on two cores. `up`, `refresh` and `destroy` skip the preview that the CLI
would make first; `engine.run("up", "--yes")` does not.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml

from .events import Run, read_events
from .processes import MARKER, end_language_host, wait_until_gone, with_marker

CHECKOUT = Path(__file__).resolve().parents[3]
PLUGIN = CHECKOUT / "plugin"
# Of the user's environment these would change what a run does or which account it uses.
FOREIGN = ("PULUMI_", "GOOGLE_", "CLOUDSDK_", "PYTEST_", "GRPC_", "PYTHON")


def environment() -> dict[str, str]:
    """Return the environment of a Pulumi run; the CLI is built first where there is none."""
    script = CHECKOUT / "tools" / "pulumi" / "environment.py"
    found = subprocess.run([sys.executable, script, "--json"], stdout=subprocess.PIPE, check=True)
    own = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    # Pulumi finds the home folder by the user, whatever HOME says: the tester's own is left alone.
    home = CHECKOUT / ".local" / "pulumi"
    home.mkdir(parents=True, exist_ok=True)
    return {**own, **json.loads(found.stdout), "PULUMI_HOME": str(home)}


class Running:
    """A CLI that has been started; a context manager that leaves nothing running."""

    def __init__(self, command: list[str], folder: Path, environment: Mapping[str, str]) -> None:
        self._id = uuid.uuid4().hex
        self._command = command
        log = folder / f"run-{self._id}"
        self._out, self._err = log.with_suffix(".out"), log.with_suffix(".err")
        self._events = log.with_suffix(".jsonl")
        if command[1] in ("preview", "up", "refresh", "destroy", "import"):
            command = [*command, "--event-log", str(self._events)]
        self._killed = False
        self._started = time.monotonic()
        # Files, not pipes: what a killed CLI leaves behind would keep a pipe open. An own session
        # makes the CLI a group leader, so that interrupt() reaches whom a terminal would reach.
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env={**environment, MARKER: self._id},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.kill()
            self.process.wait()
            end_language_host(self._id)

    @property
    def text(self) -> str:
        """What has been printed so far."""
        return self._out.read_text() + self._err.read_text()

    def wait_for(self, text: str, seconds: float = 60) -> None:
        """Wait until `text` has been printed."""
        self.wait_until(lambda: text in self.text, seconds)

    def wait_until(self, condition: Callable[[], bool], seconds: float = 60) -> None:
        """Wait until `condition` holds, while the CLI runs."""
        deadline = time.monotonic() + seconds
        while not condition():
            if self.process.poll() is not None or time.monotonic() > deadline:
                message = f"waited in vain in {' '.join(self._command)}:\n{self.text}"
                raise AssertionError(message)
            time.sleep(0.05)

    def processes(self) -> dict[int, str]:
        """Return id and command of every living process of the run."""
        return with_marker(self._id)

    def interrupt(self) -> None:
        """Press Ctrl-C, as a terminal does."""
        self.strike("group", signal.SIGINT)

    def kill(self) -> None:
        """Kill the CLI (and nothing else) with SIGKILL."""
        self.strike("CLI", signal.SIGKILL)

    def strike(self, whom: str, number: signal.Signals) -> None:
        """Send a signal to the `CLI`, to its whole `group`, or to the `host` of the provider."""
        if whom == "host":
            for pid, command in self.processes().items():
                if "vertex_custom_weights_provider" in command:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, number)
            return
        self._killed = self._killed or number != signal.SIGINT
        with contextlib.suppress(ProcessLookupError):
            if whom == "group":
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)

    def finish(self, *, ok: bool | None = True, seconds: float = 120) -> Run:
        """Wait for the end; see the module for `ok`."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            message = f"{' '.join(self._command)} did not end in {seconds} s:\n{self.text}"
            raise AssertionError(message) from error
        elapsed = time.monotonic() - self._started
        out, err = self._out.read_text(), self._err.read_text()
        events = read_events(self._events)
        run = Run(" ".join(self._command), code, out, err, elapsed, events)
        if self._killed:
            end_language_host(self._id)
        left = wait_until_gone(self._id, 10)
        assert not left, f"{run.command} left processes behind: {left}"
        if ok is not None:
            assert (code == 0) is ok, f"{run.command}: exit code {code}\n{run.text}"
        return run


class Engine:
    """A scratch project with one stack; the module explains the use."""

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        *,
        project: str = "scratch",
        stack: str = "dev",
        bundled: bool = False,
        venv: Path | None = None,
    ) -> None:
        """Make the project folder.

        Args:
            folder: An empty folder; project, state and Pulumi's home go there.
            environment: Where the CLI is found and how it is run (fixture `engine_environment`).
            project: Project name; decides the config namespace of bare keys.
            stack: Stack name.
            bundled: Run on Pulumi's bundled dynamic server rather than on our host.
            venv: Environment that runs program and providers; default the one running pytest.
        """
        self.folder = folder / "project"
        self.stack = stack
        venv = venv or Path(sys.prefix)
        self.environment = {
            **environment,
            "PATH": f"{venv / 'bin'}{os.pathsep}{environment['PATH']}",
            "VIRTUAL_ENV": str(venv),
            "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_DEBUG_COMMANDS": "true",  # unlocks --event-log
        }
        for name in ("project", "state", "home"):
            (folder / name).mkdir(parents=True)
        options = {"toolchain": "pip", "virtualenv": str(venv)}
        settings: dict[str, Any] = {
            "name": project,
            "runtime": {"name": "python", "options": options},
        }
        if not bundled:
            providers = [{"name": "pulumi-python", "path": str(PLUGIN)}]
            settings["plugins"] = {"providers": providers}
        self.write("Pulumi.yaml", yaml.safe_dump(settings))
        self.program("import pulumi")
        self._created = False

    def program(self, text: str) -> None:
        """Write the program; indentation that all lines share is removed."""
        self.write("__main__.py", text)

    def write(self, name: str, text: str) -> Path:
        """Write a file of the project."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    def configure(self, values: Mapping[str, Any]) -> None:
        """Set stack config (keys with namespace; values may be structured); None removes a key."""
        path = self.folder / f"Pulumi.{self.stack}.yaml"
        settings = yaml.safe_load(path.read_text()) if path.exists() else {}
        config = {**settings.get("config", {}), **values}
        settings["config"] = {key: value for key, value in config.items() if value is not None}
        path.write_text(yaml.safe_dump(settings))

    def start(self, verb: str, *options: str) -> Running:
        """Start a run and return at once; `--yes --skip-preview` are added where they apply."""
        self._create_stack()
        added: list[str] = []
        if verb in ("up", "refresh", "destroy", "import"):
            added = ["--yes", "--skip-preview"]
        return self._start(verb, *added, *options)

    def run(self, *command: str, ok: bool | None = True, seconds: float = 120) -> Run:
        """Run any command of the CLI exactly as given."""
        self._create_stack()
        with self._start(*command) as running:
            return running.finish(ok=ok, seconds=seconds)

    def preview(self, *options: str, ok: bool | None = True, seconds: float = 120) -> Run:
        """Run `pulumi preview`."""
        return self._verb("preview", *options, ok=ok, seconds=seconds)

    def up(self, *options: str, ok: bool | None = True, seconds: float = 120) -> Run:
        """Run `pulumi up`."""
        return self._verb("up", *options, ok=ok, seconds=seconds)

    def refresh(self, *options: str, ok: bool | None = True, seconds: float = 120) -> Run:
        """Run `pulumi refresh`."""
        return self._verb("refresh", *options, ok=ok, seconds=seconds)

    def destroy(self, *options: str, ok: bool | None = True, seconds: float = 120) -> Run:
        """Run `pulumi destroy`."""
        return self._verb("destroy", *options, ok=ok, seconds=seconds)

    def import_(
        self, type_: str, name: str, id_: str, *options: str, ok: bool | None = True
    ) -> Run:
        """Run `pulumi import` without code generation (`engine.start("import", …)` generates)."""
        arguments = (type_, name, id_, "--generate-code=false", "--protect=false", *options)
        return self._verb("import", *arguments, ok=ok, seconds=120)

    def shell(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment in the project folder, such as `vcw`."""
        options = {"cwd": self.folder, "env": self.environment, "text": True}
        program = str(Path(self.environment.get("VIRTUAL_ENV", sys.prefix), "bin", command[0]))
        done = subprocess.run([program, *command[1:]], capture_output=True, check=False, **options)
        assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"
        return done

    def cancel(self) -> Run:
        """Run `pulumi cancel`: release the lock of a killed run."""
        return self.run("cancel", "--yes")

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs, secrets in plain."""
        return json.loads(self.run("stack", "output", "--json", "--show-secrets").stdout)

    def stack_export(self) -> dict[str, Any]:
        """Return the deployment in state: `resources`, `pending_operations`, …"""
        return json.loads(self.run("stack", "export").stdout)["deployment"]

    def resources(self) -> dict[str, dict[str, Any]]:
        """Return the resources in state by name, without stack and providers."""
        return {
            resource["urn"].rsplit("::", 1)[-1]: resource
            for resource in self.stack_export().get("resources", [])
            if not resource["type"].startswith("pulumi:")
        }

    def _verb(self, verb: str, *options: str, ok: bool | None, seconds: float) -> Run:
        with self.start(verb, *options) as running:
            return running.finish(ok=ok, seconds=seconds)

    def _start(self, *command: str) -> Running:
        line = ["pulumi", *command, "--non-interactive", "--color", "never"]
        return Running(line, self.folder, self.environment)

    def _create_stack(self) -> None:
        if not self._created:
            self._created = True
            self.run("stack", "init", self.stack)
