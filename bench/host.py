"""How fast servers of providers start: the host, the plugin, launchers, Pulumi's bundled server.

The last row is the launcher in the second phase of a command, where a process stands by.

    python bench/host.py [ROUNDS]

In milliseconds: from the start to the port (median and best), to the answer of the first call, and
the processor time of all that. They run in turns, so that a busy machine slows all three alike; on
a busy machine trust the best and the processor time.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

import grpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

LAUNCHER = Path(__file__).parents[1] / "plugin" / "pulumi-resource-pulumi-python"
SERVERS = {
    "bundled": [sys.executable, "-u", "-m", "pulumi.dynamic"],
    "host": [sys.executable, "-u", "-m", "vertex_custom_weights_provider.host"],
    "plugin": [sys.executable, "-u", "-m", "vertex_custom_weights_plugin"],
    "launcher": ["env", "VCW_STANDBY=0", str(LAUNCHER)],
    "standby": [str(LAUNCHER)],
}


def start(command: list[str]) -> tuple[float, float, float]:
    """Return seconds to the port, seconds to the end of the first call, processor seconds."""
    environment = {**os.environ, "PULUMI_RUNTIME_VIRTUALENV": sys.prefix}
    began = time.perf_counter()
    process = subprocess.Popen(
        [*command, "127.0.0.1:1"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    port = int(process.stdout.readline())
    to_port = time.perf_counter() - began
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        stub.Configure(provider_pb2.ConfigureRequest(), timeout=30)
        to_answer = time.perf_counter() - began
    os.killpg(process.pid, signal.SIGINT)  # as the engine ends a phase
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    process.stdin.close()
    process.stdout.close()
    return to_port, to_answer, usage.ru_utime + usage.ru_stime


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    times: dict[str, list[tuple[float, float, float]]] = {name: [] for name in SERVERS}
    for command in SERVERS.values():
        start(command)  # warm the file cache
    for _ in range(rounds):
        for name, command in SERVERS.items():
            times[name].append(start(command))
    print(f"{'':<10}{'port':>8}{'best':>8}{'answer':>8}{'cpu':>8}")
    for name, rows in times.items():
        ports, answers, cpus = zip(*rows, strict=True)
        cells = (
            statistics.median(ports),
            min(ports),
            statistics.median(answers),
            statistics.median(cpus),
        )
        print(f"{name:<10}" + "".join(f"{cell * 1e3:>8.0f}" for cell in cells))


if __name__ == "__main__":
    main()
