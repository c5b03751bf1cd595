"""One serving process for all phases of a command: when it is taken over, and when it ends."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from dynamic_harness import SUPPORT
from google.protobuf import empty_pb2
from sample_providers import Echo

from vertex_custom_weights_provider.adapter.phase import Phase
from vertex_custom_weights_provider.host import standby
from vertex_custom_weights_provider.host.servicer import Servicer
from vertex_custom_weights_provider.resources.psc_address import PscAddressProvider

LAUNCHER = (str(Path(__file__).parents[2] / "plugin" / "pulumi-resource-pulumi-python"),)
MARKER = "VCW_STANDBY_TEST"
EMULATED = {
    "vertex-custom-weights:backend": "emulator",
    "vertex-custom-weights:emulatorState": "emulator.db",
}
ADDRESS = {"project": "shop", "region": "us-central1", "subnetwork": "default"}


class Phases:
    """Starts the launcher as the engine would for one phase after another."""

    def __init__(self, start: Callable[..., Any], marker: str, sockets: Path) -> None:
        self._start = start
        self._marker = marker
        self._sockets = sockets

    def begin(self, cwd: Path | None = None, **env: str) -> Any:
        mine = {MARKER: self._marker, "TMPDIR": str(self._sockets), "VIRTUAL_ENV": sys.prefix}
        cwd = cwd or self._sockets
        return self._start(LAUNCHER, config=EMULATED, cwd=cwd, env={**mine, **env})

    def end(self, server: Any) -> None:
        os.killpg(server.process.pid, signal.SIGINT)
        server.process.wait(10)

    def alive(self) -> set[int]:
        return alive(self._marker)

    def settled(self, count: int) -> set[int]:
        """Wait until so many processes are left; return them."""
        return settled(self._marker, count)


def alive(marker: str) -> set[int]:
    wanted, found = f"{MARKER}={marker}".encode(), set[int]()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in (process / "environ").read_bytes().split(b"\0"):
                found.add(int(process.name))
    return found


def settled(marker: str, count: int) -> set[int]:
    deadline = time.monotonic() + 10
    while len(found := alive(marker)) != count and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(found) == count
    return found


@pytest.fixture
def sockets() -> Iterator[Path]:
    """A folder for sockets, whose paths have to be short: those of `tmp_path` are not."""
    with tempfile.TemporaryDirectory(prefix="vcw-") as folder:
        yield Path(folder)


@pytest.fixture
def phases(start_server: Callable[..., Any], tmp_path: Path, sockets: Path) -> Iterator[Phases]:
    marker = tmp_path.name
    yield Phases(start_server, marker, sockets)
    for pid in alive(marker):
        os.kill(pid, signal.SIGKILL)


def test_the_next_phase_is_served_by_the_process_of_the_last(phases: Phases) -> None:
    first = phases.begin()
    first.check(PscAddressProvider(), ADDRESS)
    serving = phases.alive() - {first.process.pid}
    phases.end(first)
    assert phases.settled(1) == serving

    second = phases.begin()
    assert second.check(PscAddressProvider(), ADDRESS).failures == []
    assert phases.alive() == {*serving, second.process.pid}


def test_the_next_phase_runs_in_its_own_folder_and_environment(
    phases: Phases, tmp_path: Path
) -> None:
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        folder.mkdir()
        server = phases.begin(cwd=folder)
        checked = server.check(PscAddressProvider(), ADDRESS).inputs
        server.create(PscAddressProvider(), dict(checked))
        phases.end(server)
    assert len(phases.settled(1)) == 1
    assert [(folder / "emulator.db").exists() for folder in folders] == [True, True]


def test_the_engines_pipes_are_closed_when_a_phase_ends(phases: Phases) -> None:
    server = phases.begin()
    phases.end(server)
    phases.settled(1)
    assert server.process.stdout.read() == b""
    assert server.process.stderr.read() == b""


def test_a_process_that_served_somebody_elses_provider_is_not_used_again(phases: Phases) -> None:
    server = phases.begin(cwd=SUPPORT)
    server.create(Echo(), {"name": "a"})
    phases.end(server)
    phases.settled(0)


def test_nobody_but_a_child_of_the_engine_is_served(phases: Phases, sockets: Path) -> None:
    phases.end(phases.begin())
    (standing_by,) = phases.settled(1)
    (place,) = (sockets / f"vertex-custom-weights-{os.getuid()}").iterdir()
    connect = f"""
import socket
line = socket.socket(socket.AF_UNIX)
line.connect({os.fspath(place)!r})
line.settimeout(10)
assert line.recv(1) == b"", "somebody answers"
"""
    grandchild = (
        f"import subprocess as s, sys; s.run([sys.executable, '-c', {connect!r}], check=True)"
    )
    subprocess.run([sys.executable, "-c", grandchild], check=True, timeout=30)
    second = phases.begin()
    assert phases.alive() == {standing_by, second.process.pid}


ENGINE = f"""
import os, subprocess, sys
for number in range(2):
    front = subprocess.Popen([{LAUNCHER[0]!r}, "127.0.0.1:1"], stdin=-1, stdout=-1)
    front.stdout.readline()
    front.send_signal(2)
    front.wait()
print(os.getpid(), flush=True)
sys.stdin.read()
"""
CONTAINER = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]


def test_a_container_that_shares_the_folder_is_not_served_by_anothers_process(
    tmp_path: Path, sockets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    possible = subprocess.run([*CONTAINER, "true"], capture_output=True, check=False)
    if possible.returncode:  # not as this user: at least its name is another
        names = [standby._place(os.getppid())]
        link = os.readlink
        monkeypatch.setattr(
            os, "readlink", lambda path: "pid:[1]" if "ns" in str(path) else link(path)
        )
        assert standby._place(os.getppid()) not in names
        return
    mine = {MARKER: tmp_path.name, "TMPDIR": str(sockets), "VIRTUAL_ENV": sys.prefix}
    with contextlib.ExitStack() as running:
        for number in (1, 2):
            engine = running.enter_context(
                subprocess.Popen(
                    [*CONTAINER, sys.executable, "-c", ENGINE],
                    stdin=-1,
                    stdout=-1,
                    env={**os.environ, **mine},
                )
            )
            running.callback(engine.kill)
            assert engine.stdout is not None
            assert engine.stdout.readline() == b"1\n"  # the same number in both
            settled(tmp_path.name, 3 * number)  # unshare, the engine, and who stands by for it
    settled(tmp_path.name, 0)


def test_an_engine_with_the_number_of_one_that_has_gone_has_a_place_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = standby._place(os.getppid())
    status = standby._status

    def later(pid: int) -> list[str]:
        found = status(pid)
        found[19] = str(int(found[19]) + 1)
        return found

    monkeypatch.setattr(standby, "_status", later)
    assert standby._place(os.getppid()) != before


def test_where_numbers_of_processes_are_those_of_others_nobody_stands_by(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "getpid", lambda: 1)
    assert standby._place(os.getppid()) is None


def test_code_that_was_changed_while_a_prompt_waited_is_served_as_it_is_now(
    phases: Phases, tmp_path: Path
) -> None:
    package = tmp_path / "vertex_custom_weights_provider"
    shutil.copytree(Path(standby.__file__).parents[1], package)
    first = phases.begin(PYTHONPATH=str(tmp_path))
    assert first.stub.GetPluginInfo(empty_pb2.Empty()).version == "0.1.0"
    phases.end(first)
    phases.settled(1)
    servicer = package / "host" / "servicer.py"
    servicer.write_text(servicer.read_text().replace('_VERSION = "0.1.0"', '_VERSION = "0.1.1"'))
    second = phases.begin(PYTHONPATH=str(tmp_path))
    assert second.stub.GetPluginInfo(empty_pb2.Empty()).version == "0.1.1"


def test_an_environment_that_was_upgraded_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = tmp_path / "site-packages"
    environment.mkdir()
    monkeypatch.syspath_prepend(environment)
    before = standby._place(os.getppid())
    assert standby._place(os.getppid()) == before
    (environment / "urllib3-9.9.9.dist-info").mkdir()
    assert standby._place(os.getppid()) != before


def test_a_process_with_a_running_call_is_not_used_again() -> None:
    servicer = Servicer(lambda *_: None, threading.Event(), Phase())
    with servicer.running():
        assert not servicer.spotless
    assert servicer.spotless


def test_a_killed_front_takes_the_serving_process_along(phases: Phases) -> None:
    server = phases.begin()
    server.process.kill()
    server.process.wait(10)
    phases.settled(0)


def test_a_killed_serving_process_ends_the_front(phases: Phases) -> None:
    server = phases.begin()
    (serving,) = phases.alive() - {server.process.pid}
    os.kill(serving, signal.SIGKILL)
    assert server.process.wait(10) != 0
    phases.settled(0)


def test_a_process_that_stands_by_ends_with_the_engine(tmp_path: Path, sockets: Path) -> None:
    engine = f"""
import subprocess, sys
front = subprocess.Popen([{LAUNCHER[0]!r}, "127.0.0.1:1"], stdin=-1, stdout=-1)
front.stdout.readline()
front.send_signal(2)
front.wait()
print("ended", flush=True)
sys.stdin.read()
"""
    mine = {MARKER: tmp_path.name, "TMPDIR": str(sockets), "VIRTUAL_ENV": sys.prefix}
    with subprocess.Popen(
        [sys.executable, "-c", engine], stdin=-1, stdout=-1, env={**os.environ, **mine}
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ended\n"
        settled(tmp_path.name, 2)
        process.kill()
    settled(tmp_path.name, 0)


def test_a_process_whose_engine_has_gone_before_it_began_does_not_stand_by(
    tmp_path: Path, sockets: Path
) -> None:
    mine = {MARKER: tmp_path.name, "TMPDIR": str(sockets), "VIRTUAL_ENV": sys.prefix}
    with subprocess.Popen(
        [*LAUNCHER, "127.0.0.1:1"], stdin=-1, stdout=-1, env={**os.environ, **mine}
    ) as front:
        assert front.stdin is not None
        front.stdin.close()
        front.wait(20)
    settled(tmp_path.name, 0)


def test_a_process_that_stands_by_and_was_stopped_does_not_keep_the_engine_waiting(
    phases: Phases,
) -> None:
    phases.end(phases.begin())
    (stopped,) = phases.settled(1)
    os.kill(stopped, signal.SIGSTOP)
    try:
        second = phases.begin()
        assert second.check(PscAddressProvider(), ADDRESS).failures == []
        assert len(phases.alive()) == 3
    finally:
        os.kill(stopped, signal.SIGCONT)
    phases.settled(2)  # what was stopped finds that nobody needs it


def test_a_signal_that_comes_before_the_front_waits_is_heard() -> None:
    front = """
import os, signal, socket
from vertex_custom_weights_provider.host import standby
signals = standby._signals()
os.kill(os.getpid(), signal.SIGINT)
line, server = socket.socketpair()
if not os.fork():
    os._exit(server.recv(1) != standby._OVER or server.send(standby._FREE) != 1)
os._exit(standby._front(line, signals, 0) or os.waitstatus_to_exitcode(os.wait()[1]))
"""
    subprocess.run([sys.executable, "-c", front], timeout=20, check=True)


def test_standing_by_can_be_switched_off(phases: Phases) -> None:
    server = phases.begin(VCW_STANDBY="0")
    assert phases.alive() == {server.process.pid}
    phases.end(server)
    phases.settled(0)


def test_a_folder_that_others_may_write_to_is_not_used(phases: Phases, sockets: Path) -> None:
    shared = sockets / f"vertex-custom-weights-{os.getuid()}"
    shared.mkdir()
    shared.chmod(0o777)
    server = phases.begin()
    server.check(PscAddressProvider(), ADDRESS)
    phases.end(server)
    phases.settled(0)


def test_a_folder_whose_name_is_too_long_for_a_socket_is_passed_over(
    phases: Phases, tmp_path: Path
) -> None:
    deep = tmp_path / ("x" * 120)
    deep.mkdir()
    server = phases.begin(TMPDIR=str(deep))
    server.check(PscAddressProvider(), ADDRESS)
    phases.end(server)
    phases.settled(0)
    assert server.process.stderr.read() == b""
