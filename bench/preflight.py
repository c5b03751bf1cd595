"""Measures what preflight costs: requests, bytes, seconds with 50 ms to storage, peak memory.

    python bench/preflight.py            # all bars
    python bench/preflight.py deepseek-v3

Exit code 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from threading import Lock

from vertex_custom_weights_provider import samples
from vertex_custom_weights_provider.backend import connect
from vertex_custom_weights_provider.cli.quiet import Quiet
from vertex_custom_weights_provider.preflight import Request, examine, listing_digest
from vertex_custom_weights_provider.settings import Settings
from vertex_custom_weights_provider.storage import GcsSource, Listing, LocalSource

sys.path.insert(0, str(Path(__file__).parent.parent / "tests/preflight/support"))

import hostile_store  # noqa: E402 - the stores that the tests have

LATENCY_SECONDS = 0.05
_NUMBERS = count()
SMALL = {"config.json", "tokenizer_config.json", "tokenizer.json", "model.safetensors.index.json"}


class DistantSource(LocalSource):
    """A local folder that is 50 ms away, and counts."""

    def __init__(self, path: Path, latency: float = LATENCY_SECONDS) -> None:
        super().__init__(path)
        self.latency = latency
        self._number = next(_NUMBERS)
        self.requests = 0
        self.bytes = 0
        self.small_bytes = 0
        self._counting = Lock()

    @property
    def uri(self) -> str:
        """A new folder every time, so that nothing is remembered."""
        return f"{super().uri}?{self._number}"

    def list(self) -> Listing:
        time.sleep(self.latency)
        self.requests += 1
        return super().list()

    def read(self, name: str, start: int, length: int, generation: str) -> bytes:
        time.sleep(self.latency)
        data = super().read(name, start, length, generation)
        with self._counting:
            self.requests += 1
            self.bytes += len(data)
            if name in SMALL:
                self.small_bytes += len(data)
        return data

    def location(self) -> str | None:
        time.sleep(self.latency)
        with self._counting:
            self.requests += 1
        return None


@dataclass(frozen=True)
class Bar:
    model: str
    seconds: float
    megabytes: float
    requests: int
    beyond_small_files: bool = False


BARS = (
    Bar("llama-3.1-8b", 0.5, 0.2, 10),
    Bar("llama-3.1-70b", 1.0, 0.6, 40, beyond_small_files=True),
    Bar("deepseek-v3", 3.0, 40, 200),
)


def measure_model(bar: Bar, root: Path) -> bool:
    folder = root / bar.model
    if not folder.exists():
        samples.write(bar.model, folder)
    best = float("inf")
    for _ in range(3):
        source = DistantSource(folder)
        began = time.perf_counter()
        report = examine(source, Request())
        best = min(best, time.perf_counter() - began)
    counted = source.bytes - (source.small_bytes if bar.beyond_small_files else 0)
    passed = best <= bar.seconds and counted <= bar.megabytes * 1e6
    passed = passed and source.requests <= bar.requests and report.verdict != "error"
    print(
        f"{bar.model}: {best:.2f} s (bar {bar.seconds}), {counted / 1e6:.2f} MB (bar "
        f"{bar.megabytes}), {source.requests} requests (bar {bar.requests}), "
        f"{report.tensors} tensors: {'ok' if passed else 'MISSED'}"
    )
    return passed


def timed(what: str, bar: float, work: Callable[[], object]) -> bool:
    began = time.perf_counter()
    work()
    took = time.perf_counter() - began
    print(f"{what}: {took:.2f} s (bar {bar}): {'ok' if took <= bar else 'MISSED'}")
    return took <= bar


def measure_stacks(root: Path) -> bool:
    """64 endpoints, one after another, as the engine calls Check."""
    folder = root / "llama-3.1-8b"
    known = listing_digest(LocalSource(folder).list())

    def unchanged() -> None:
        for _ in range(64):
            assert listing_digest(DistantSource(folder).list()) == known

    def all_new() -> None:
        for _ in range(64):
            examine(DistantSource(folder), Request("g2-standard-12", "NVIDIA_L4", 1))

    passed = timed("64 unchanged endpoints, one listing each", 5, unchanged)
    return timed("64 new 8B endpoints, one after another", 15, all_new) and passed


HOSTILE = {
    "header of 15 MB, one name": lambda: b'{"' + b"a" * 15_000_000 + b'":3}',
    "header of a million objects": lambda: b'{"a":{' + b'"a":{},' * 1_000_000,
    "header of 150,000 objects": lambda: (
        b'{"a":0' + b"".join(b',"%d":{"a":0}' % n for n in range(149_000)) + b"}"
    ),
    "header of 900,000 numbers": lambda: b'{"a":[0' + b",123456" * 900_000 + b"]}",
    "header of 900,000 texts": lambda: b'{"a":[0' + b',"12345678"' * 900_000 + b"]}",
    "valid headers of 100,000 tensors each": lambda: _valid_header(100_000),
    "metadata of 850,000 texts": lambda: (
        b'{"__metadata__":{"a":"b"'
        + b"".join(b',"%d":"%d"' % (n, n) for n in range(850_000))
        + b"}}"
    ),
    "header of 850,000 pairs": lambda: (
        b'{"a":{"a":"b"' + b"".join(b',"%d":"%d"' % (n, n) for n in range(850_000)) + b"}}"
    ),
    "header of 450,000 keys": lambda: (
        b'{"a":0' + b"".join(b',"%d":[]' % n for n in range(450_000)) + b"}"
    ),
}


def _pairs(count: int) -> bytes:
    return b",".join(b'"%d":"%d"' % (n, n) for n in range(count))


def _valid_header(tensors: int) -> bytes:
    entries = b",".join(
        b'"model.layers.%d.mlp.experts.%d.w":{"dtype":"F32","shape":[0,4],"data_offsets":[0,0]}'
        % (n % 60, n)
        for n in range(tensors)
    )
    return b"{" + entries + b"}"


def peak_megabytes(folder: Path) -> float:
    """Examine one folder and return this process's peak resident memory."""
    examine(LocalSource(folder), Request())
    return own_peak()


def own_peak() -> float:
    """Return this process's peak resident memory in megabytes."""
    status = Path("/proc/self/status").read_text()
    # Not ru_maxrss: that starts from what the parent process had.
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def hostile_folder(name: str) -> Callable[[Path], None]:
    def build(folder: Path) -> None:
        samples.write("llama-3.2-1b", folder)
        header = HOSTILE[name]()
        blob = len(header).to_bytes(8, "little") + header
        for n in range(4):
            (folder / f"model-{n}.safetensors").write_bytes(blob)

    return build


def examine_hostile(port: int) -> float:
    """Examine what a hostile store serves, and return this process's peak resident memory."""
    settings = Settings.resolve(
        {
            "vertex-custom-weights:backend": "emulator",
            "vertex-custom-weights:emulatorUrl": f"http://127.0.0.1:{port}",
        }
    )
    rest = connect(settings, threading.Event(), Quiet()).storage_rest
    report = examine(GcsSource(rest, hostile_store.FOLDER), Request())
    assert not report.complete
    return own_peak()


def measure_hostile_stores() -> bool:
    """A store that is slow, silent or lies: memory, and seconds until an answer is there."""
    passed = True
    for name, way in hostile_store.WAYS.items():
        with hostile_store.serving(way) as port:
            began = time.perf_counter()
            command = [sys.executable, __file__, "--hostile", str(port)]
            peak = float(subprocess.run(command, check=True, capture_output=True).stdout)
            took = time.perf_counter() - began
        good = peak <= 200 and took <= 35
        passed = passed and good
        print(
            f"hostile store, {name}: {took:.1f} s (bar 35), {peak:.0f} MB (bar 200): "
            f"{'ok' if good else 'MISSED'}"
        )
    return passed


def measure_memory() -> bool:
    """Peak memory of each case in a process of its own."""
    passed = True
    for case in ["deepseek-v3", *HOSTILE]:
        with tempfile.TemporaryDirectory() as folder:
            if case in HOSTILE:
                hostile_folder(case)(Path(folder))
            else:
                samples.write(case, Path(folder))
            command = [sys.executable, __file__, "--peak", folder]
            peak = float(subprocess.run(command, check=True, capture_output=True).stdout)
        passed = passed and peak < 200
        print(f"peak memory, {case}: {peak:.0f} MB (bar 200): {'ok' if peak < 200 else 'MISSED'}")
    return passed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*")
    parser.add_argument("--peak", help=argparse.SUPPRESS)
    parser.add_argument("--hostile", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.hostile:
        print(examine_hostile(options.hostile))
        return 0
    if options.peak:
        print(peak_megabytes(Path(options.peak)))
        return 0
    with tempfile.TemporaryDirectory() as root:
        bars = [b for b in BARS if not options.models or b.model in options.models]
        results = [measure_model(bar, Path(root)) for bar in bars]
        if not options.models:
            results += [measure_stacks(Path(root)), measure_memory(), measure_hostile_stores()]
    return 0 if all(results) else 1


if __name__ == "__main__":
    raise SystemExit(main())
