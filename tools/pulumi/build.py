"""Build programs of Pulumi from Go modules into the tool cache.

Two sets: `CLI` is what every run needs, `LANGUAGES` what the tests of other languages need besides.

The modules are pinned by the go.sum files beside this one. A build happens in a folder of its own
and is renamed into place, under a lock: concurrent runs wait for one build, a killed one leaves
nothing that looks finished.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path

from toolchain import (
    CLI_VERSION,
    LANGUAGE_HOST_VERSION,
    MINIMUM_GO,
    ToolchainError,
    cache_folder,
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


@dataclass(frozen=True)
class GoProgram:
    """What `go build` makes in the module `module` beside this file."""

    module: str
    package: str
    version: str = ""
    tags: str = ""


@dataclass(frozen=True)
class Tools:
    """Programs that are built together, into one folder of the cache."""

    name: str
    version: str
    notice: str
    built: tuple[GoProgram, ...]
    copied: tuple[str, ...] = ()
    """Scripts in the `python` folder of Pulumi's SDK."""

    @property
    def programs(self) -> tuple[str, ...]:
        """The files in `bin`."""
        found = [program.package for program in self.built] + list(self.copied)
        return tuple(path.rsplit("/", 1)[-1] for path in found)

    def folder(self, env: Mapping[str, str]) -> Path:
        """Return where they are, or will be."""
        return cache_folder(env, self.name, self.version)

    def ready(self, env: Mapping[str, str]) -> bool:
        """Say whether a build has finished."""
        binaries = self.folder(env) / "bin"
        return all(os.access(binaries / program, os.X_OK) for program in self.programs)


def _recipe() -> str:
    """Return a name for everything in this folder that decides what is built."""
    digest = hashlib.sha256()
    for path in sorted(HERE.glob("*/**/*")):
        if path.name in ("go.mod", "go.sum") or path.suffix == ".go":
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


_CLI_TAGS = "osusergo,grpcnotrace"

CLI = Tools(
    "pulumi",
    CLI_VERSION,
    f"Building the Pulumi CLI {CLI_VERSION} and its Python language host with Go, once: "
    "about 7 minutes on 2 cores, 0.5 GB of modules.",
    (
        GoProgram("cli", "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", CLI_VERSION, _CLI_TAGS),
        GoProgram("host-python", f"{SDK}/python/cmd/pulumi-language-python", LANGUAGE_HOST_VERSION),
    ),
    ("cmd/pulumi-language-python-exec", "dist/pulumi-resource-pulumi-python"),
)

LANGUAGES = Tools(
    "languages",
    _recipe(),
    "Building language hosts and the SDK generator of Pulumi with Go, once: "
    "about 1 minute after the CLI.",
    (
        GoProgram("host-nodejs-go", f"{SDK}/nodejs/cmd/pulumi-language-nodejs", "3.64.0"),
        GoProgram("host-nodejs-go", f"{SDK}/go/pulumi-language-go", "3.64.0"),
        GoProgram("host-yaml", "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml"),
        GoProgram("cli", "example.invalid/pulumi-tools/generate-sdk", CLI_VERSION, _CLI_TAGS),
    ),
)


def build(tools: Tools, env: Mapping[str, str], why: str) -> Path:
    """Build `tools` unless another process has done so meanwhile; return the folder of programs.

    Raises:
        ToolchainError: Go is missing, too old, or the build failed.
    """
    folder = tools.folder(env)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _locked(folder.parent / f"{folder.name}.lock"):
        if tools.ready(env):
            return folder / "bin"
        go = _go(env, why)
        for stale in folder.parent.glob(f"{folder.name}.building-*"):
            shutil.rmtree(stale, ignore_errors=True)
        work = Path(tempfile.mkdtemp(prefix=f"{folder.name}.building-", dir=folder.parent))
        work.chmod(0o755)
        try:
            _build_all(go, tools, work, {**env, "GOTOOLCHAIN": "local", "GOWORK": "off"})
            shutil.rmtree(folder, ignore_errors=True)
            work.rename(folder)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return folder / "bin"


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


def _build_all(go: str, tools: Tools, work: Path, env: Mapping[str, str]) -> None:
    binaries = work / "bin"
    binaries.mkdir()
    say(tools.notice)
    for program in tools.built:
        _go_build(go, program, binaries, env)
    if tools.copied:
        _copy_scripts(go, tools.copied, binaries, env)


def _go_build(go: str, program: GoProgram, out: Path, env: Mapping[str, str]) -> None:
    name = program.package.rsplit("/", 1)[-1]
    flags = "-s -w"
    if program.version:
        flags += f" -X {SDK}/go/common/version.Version=v{program.version}"
    command = [go, "build", "-C", str(HERE / program.module), "-mod=readonly", "-buildvcs=false"]
    command += ["-trimpath", "-v", "-tags", program.tags, "-ldflags", flags]
    command += ["-o", f"{out}{os.sep}", program.package]
    log = out.parent.parent / f"build-{name}.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command, stdout=sink, stderr=sink, env={**env, "CGO_ENABLED": "0"}
        )
        try:
            _report_until_done(process, log, name)
        except BaseException:
            process.terminate()
            process.wait()
            raise
    if process.returncode:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise ToolchainError(f"Building {name} failed (whole log: {log}):\n{tail}")
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


def _copy_scripts(
    go: str, scripts: tuple[str, ...], binaries: Path, env: Mapping[str, str]
) -> None:
    """Copy the scripts that the language host and the bundled server are started through."""
    listing = [go, "list", "-C", str(HERE / "cli"), "-mod=readonly", "-m", "-f", "{{.Dir}}", SDK]
    sources = Path(output_of(listing, env).strip()) / "python"
    for script in scripts:
        target = binaries / Path(script).name
        shutil.copyfile(sources / script, target)
        target.chmod(0o755)


@contextlib.contextmanager
def _locked(path: Path) -> Generator[None]:
    if fcntl is None:
        yield
        return
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another process is building them; waiting for it.")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def say(text: str) -> None:
    """Print to stderr: stdout carries the answer of the program."""
    print(text, file=sys.stderr, flush=True)
