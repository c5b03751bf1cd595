"""Build the Pulumi CLI and its Python language host from Go modules into the tool cache.

The modules are pinned by the go.sum files beside this one. A build happens in a folder of its own
and is renamed into place, under a lock: concurrent runs wait for one build, a killed one leaves
nothing that looks finished.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from pathlib import Path

from toolchain import (
    CLI_VERSION,
    LANGUAGE_HOST_VERSION,
    MINIMUM_GO,
    PROGRAMS,
    ToolchainError,
    output_of,
    version_in,
)

try:
    import fcntl
except ImportError:  # Windows: two builds at once then only cost time
    fcntl = None

HERE = Path(__file__).resolve().parent
SDK = "github.com/pulumi/pulumi/sdk/v3"
HELP = (
    "Install the Pulumi CLI (https://www.pulumi.com/docs/install/, {cli} or newer) "
    "or Go {go} or newer (https://go.dev/doc/install), then run this again."
)


def build(folder: Path, env: Mapping[str, str], why: str) -> Path:
    """Build into `folder` unless another process has done so meanwhile; return its `bin`.

    Raises:
        ToolchainError: Go is missing, too old, or the build failed.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _locked(folder.parent / f"{folder.name}.lock"):
        if is_complete(folder):
            return folder / "bin"
        go = _go(env, why)
        for stale in folder.parent.glob(f"{folder.name}.building-*"):
            shutil.rmtree(stale, ignore_errors=True)
        work = Path(tempfile.mkdtemp(prefix=f"{folder.name}.building-", dir=folder.parent))
        work.chmod(0o755)
        try:
            _build_all(go, work, {**env, "GOTOOLCHAIN": "local", "GOWORK": "off"})
            shutil.rmtree(folder, ignore_errors=True)
            work.rename(folder)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return folder / "bin"


def is_complete(folder: Path) -> bool:
    """Say whether `folder` holds every program of a finished build."""
    return all(os.access(folder / "bin" / name, os.X_OK) for name in PROGRAMS)


def _go(env: Mapping[str, str], why: str) -> str:
    go = shutil.which("go", path=env.get("PATH", os.defpath))
    wanted = ".".join(map(str, MINIMUM_GO))
    advice = HELP.format(cli=CLI_VERSION, go=wanted)
    if go is None:
        raise ToolchainError(f"Cannot run Pulumi: {why}, and no Go to build one with. {advice}")
    version = version_in(output_of([go, "version"], {**env, "GOTOOLCHAIN": "local"}))
    if version is None or version < MINIMUM_GO:
        found = ".".join(map(str, version)) if version else "unknown"
        raise ToolchainError(
            f"Cannot run Pulumi: {why}, and {go} is version {found}, too old to build one "
            f"(at least {wanted}). {advice}"
        )
    return go


def _build_all(go: str, work: Path, env: Mapping[str, str]) -> None:
    binaries = work / "bin"
    binaries.mkdir()
    say(
        f"Building the Pulumi CLI {CLI_VERSION} and its Python language host with Go, once: "
        "about 7 minutes on 2 cores, 0.5 GB of modules."
    )
    flags = f"-s -w -X {SDK}/go/common/version.Version=v"
    cli = ["-tags", "osusergo,grpcnotrace", "-ldflags", flags + CLI_VERSION]
    cli.append("github.com/pulumi/pulumi/pkg/v3/cmd/pulumi")
    _go_build(go, "cli", cli, binaries, env)
    language = ["-ldflags", flags + LANGUAGE_HOST_VERSION]
    language.append(f"{SDK}/python/cmd/pulumi-language-python")
    _go_build(go, "language", language, binaries, env)
    _copy_scripts(go, binaries, env)


def _go_build(
    go: str, module: str, arguments: list[str], out: Path, env: Mapping[str, str]
) -> None:
    command = [go, "build", "-C", str(HERE / module), "-mod=readonly", "-buildvcs=false"]
    command += ["-trimpath", "-v", "-o", f"{out}{os.sep}", *arguments]
    log = out.parent.parent / f"build-{module}.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command, stdout=sink, stderr=sink, env={**env, "CGO_ENABLED": "0"}
        )
        try:
            _report_until_done(process, log, arguments[-1].rsplit("/", 1)[-1])
        except BaseException:
            process.terminate()
            process.wait()
            raise
    if process.returncode:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise ToolchainError(f"Building the Pulumi CLI failed (whole log: {log}):\n{tail}")
    log.unlink()


def _report_until_done(process: subprocess.Popen[bytes], log: Path, program: str) -> None:
    """Print a line now and then, often on a terminal and seldom in a log."""
    terminal = sys.stderr.isatty()
    started, reported = time.monotonic(), 0.0
    while process.poll() is None:
        time.sleep(0.2)
        elapsed = time.monotonic() - started
        if elapsed - reported < (1 if terminal else 20):
            continue
        reported = elapsed
        lines = log.read_text(errors="replace").splitlines()
        line = f"  {program}: {int(elapsed) // 60}m{int(elapsed) % 60:02}s"
        line += f", {len(lines)} steps, {lines[-1].removeprefix('go: ')}" if lines else ""
        if terminal:
            line = f"\r\x1b[K{line[: shutil.get_terminal_size().columns - 1]}"
        print(line, end="" if terminal else "\n", file=sys.stderr, flush=True)
    if terminal:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _copy_scripts(go: str, binaries: Path, env: Mapping[str, str]) -> None:
    """Copy the scripts that the language host and the bundled server are started through."""
    listing = [go, "list", "-C", str(HERE / "cli"), "-mod=readonly", "-m", "-f", "{{.Dir}}", SDK]
    sources = Path(output_of(listing, env).strip()) / "python"
    for script in (
        sources / "cmd" / "pulumi-language-python-exec",
        sources / "dist" / "pulumi-resource-pulumi-python",
    ):
        shutil.copyfile(script, binaries / script.name)
        (binaries / script.name).chmod(0o755)


@contextlib.contextmanager
def _locked(path: Path) -> Generator[None]:
    if fcntl is None:
        yield
        return
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another process is building the Pulumi CLI; waiting for it.")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def say(text: str) -> None:
    """Print to stderr: stdout carries the answer of the program."""
    print(text, file=sys.stderr, flush=True)
