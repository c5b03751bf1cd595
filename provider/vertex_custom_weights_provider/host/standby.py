"""One serving process for all phases of one command.

`pulumi up` is a preview and then an update; for each the engine starts a provider, and ends it
after. Starting again, and loading on first use what the preview had loaded already, is half a
second of every `up` (2026-11). So the process that the engine starts becomes a front: it lends its
standard streams to the process that serves, and ends when the phase does. The serving process then
stands by, and the front of the next phase takes it over. It never outlives the engine.

It is reached by its own engine only: where it listens is named after the engine, its start and its
namespace of processes, and it answers nobody but a child of that engine. And after the code: where
the package or its environment has changed meanwhile, the next phase finds nobody there.

It is taken over only as good as new: every call has come to its end, and nothing but this package's
own providers was loaded, which keep nothing from one phase to the next. Otherwise, and wherever the
system lacks what this takes, each phase gets a process of its own; with `VCW_STANDBY=0` always.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import stat
import struct
import sys
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from vertex_custom_weights_provider.host.parent import Watch

VARIABLE = "VCW_STANDBY"
_OVER = b"e"  # front to server: the engine ends the phase
_FREE = b"f"  # server to front: the phase has ended, and the engine may start the next
_TAKEN = b"t"  # server to front: the streams have arrived
# Whoever stands by answers at once. One that has been stopped must not keep the engine waiting.
_ANSWER_SECONDS = 2.0
_LENGTH = struct.Struct("!I")
_CREDENTIALS = struct.Struct("3i")  # of the other end: process, user, group
_PARENT, _START = 1, 19  # in what Linux tells of a process
_STREAMS = (0, 1, 2)
_ENDING = (signal.SIGINT, signal.SIGTERM)
_PRIVATE = 0o700


def main() -> None:
    """Serve, by the process that stands by for this engine or by a new one."""
    engine = os.getppid()
    if not _possible() or _let_down():
        _serve_alone()
    place = _place(engine)
    if place is None:
        _serve_alone()
    signals = _signals()
    line = _take_over(place)
    child = 0
    if line is None:
        line, theirs = socket.socketpair()
        child = os.fork()  # nothing has been imported yet, and there is one thread
        if not child:
            line.close()
            signals.close()
            _serve_in_the_background(theirs, engine, place)
        theirs.close()
    os._exit(_front(line, signals, child))


def _possible() -> bool:
    """Tell whether the system has what it takes, and whether the engine's pipe tells its end."""
    if os.environ.get(VARIABLE) == "0" or "TRACEPARENT" in os.environ or len(sys.argv) < 2:
        return False
    if not (hasattr(os, "fork") and hasattr(socket, "AF_UNIX") and hasattr(socket, "send_fds")):
        return False
    return stat.S_ISFIFO(os.fstat(0).st_mode) or stat.S_ISSOCK(os.fstat(0).st_mode)


def _let_down() -> bool:
    """Tell whether the engine has gone: its parent may then be whose end we would wait for."""
    pipe = select.poll()
    pipe.register(0, 0)
    return any(event & (select.POLLHUP | select.POLLERR) for _, event in pipe.poll(0))


def _signals() -> socket.socket:
    """Have signals that end a phase turn up in a socket.

    A handler runs between two steps of Python, so a signal that comes right before a blocking call
    would be heard after it, which may be never.
    """
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    for number in _ENDING:
        signal.signal(number, lambda _number, _frame: None)
    signal.set_wakeup_fd(theirs.detach())
    return ours


def _serve_alone() -> NoReturn:
    from vertex_custom_weights_provider.host import __main__

    __main__.main()
    sys.exit()


def _place(engine: int) -> Path | None:
    """Return where the process of this engine, environment and code can be reached.

    None where the system shows the processes of another namespace, so that numbers mean others.
    """
    namespace = start = ""
    if os.path.isdir("/proc/self"):  # Linux; elsewhere there are no namespaces
        try:
            if os.readlink("/proc/self") != str(os.getpid()):
                return None
            namespace, start = os.readlink("/proc/self/ns/pid"), _status(engine)[_START]
        except OSError:
            return None
    folder = Path(os.environ.get("TMPDIR") or "/tmp") / f"vertex-custom-weights-{os.getuid()}"  # noqa: S108 - private, see _private
    code = sorted(map(repr, _code()))
    key = repr((namespace, start, sys.prefix, code)).encode()
    return folder / f"{engine}-{zlib.crc32(key):08x}"


def _status(pid: int) -> list[str]:
    """Return what Linux tells of a process, from its state on: names may hold blanks."""
    text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    return text.rpartition(")")[2].split()


def _code() -> Iterator[object]:
    """Yield what changes when the package or its environment does."""
    installed = [path for path in sys.path if path.endswith("-packages")]
    for path in (sys.executable, *installed):  # its time tells what comes, goes or is upgraded
        with contextlib.suppress(OSError):
            yield path, os.stat(path).st_mtime_ns
    yield from _files(os.fspath(Path(__file__).parent.parent))


def _files(folder: str) -> Iterator[object]:
    """Yield path, size and time of everything in a folder that is loaded, in any order."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir() and entry.name != "__pycache__":
                yield from _files(entry.path)
            elif entry.name.endswith((".py", ".json")):
                found = entry.stat()
                yield entry.path, found.st_size, found.st_mtime_ns


def _private(folder: Path) -> bool:
    """Make the folder, and tell whether nobody else can put anything there."""
    try:
        folder.mkdir(mode=_PRIVATE, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return False
    mine = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    return mine and stat.S_IMODE(found.st_mode) == _PRIVATE


def _take_over(place: Path) -> socket.socket | None:
    """Hand streams, folder and environment to the process that stands by, if there is one."""
    if not place.exists() or not _private(place.parent):
        return None
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    situation = {"argv": sys.argv, "folder": os.getcwd(), "environment": dict(os.environ)}
    text = json.dumps(situation).encode()
    line.settimeout(_ANSWER_SECONDS)
    try:
        line.connect(os.fspath(place))
        socket.send_fds(line, [_LENGTH.pack(len(text))], _STREAMS)
        line.sendall(text)
        taken = line.recv(1) == _TAKEN
    except OSError:  # it has just ended, serves another phase, or has been stopped
        taken = False
    if not taken:
        line.close()
        return None
    line.settimeout(None)
    return line


def _front(line: socket.socket, signals: socket.socket, child: int) -> int:
    """Stand for the serving process until the phase ends; return the exit code."""
    while line not in select.select([line, signals], [], [])[0]:
        signals.recv(1)
        with contextlib.suppress(OSError):  # it has just left, and the line tells
            line.send(_OVER)
    with contextlib.suppress(OSError):
        if line.recv(1) == _FREE or not child:
            return 0
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF if child else 1


def _serve_in_the_background(line: socket.socket, engine: int, place: Path) -> NoReturn:
    """Serve phase after phase, each for the front at the other end of its line."""
    try:
        os.close(signal.set_wakeup_fd(-1))
        for number in _ENDING:
            signal.signal(number, signal.SIG_DFL)
        os.setsid()  # the engine ends a phase by signals to the process group of its front
        _serve_phases(line, engine, place)
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
        sys.stderr.flush()
    os._exit(1)


def _serve_phases(line: socket.socket, engine: int, place: Path) -> NoReturn:
    from vertex_custom_weights_provider.host.__main__ import imported_server

    server = imported_server()
    while True:
        over = threading.Event()
        threading.Thread(target=_follow, args=(line, over), daemon=True).start()
        if not server.serve_phase(sys.argv, over):
            server.leave()
        line = _stand_by(place, engine, line) or server.leave()


def _follow(line: socket.socket, over: threading.Event) -> None:
    """End the phase when the front says so. A front that was killed takes this process along."""
    try:
        word = line.recv(1)
    except OSError:
        word = b""
    if not word and not over.is_set():
        os._exit(1)
    over.set()


def _stand_by(place: Path, engine: int, line: socket.socket) -> socket.socket | None:
    """Free the front, and wait for the next; None when the engine is gone instead."""
    from vertex_custom_weights_provider.host.parent import Watch

    if not _private(place.parent):
        return None
    place.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener, Watch(engine) as watch:
        try:
            listener.bind(os.fspath(place))  # a folder with a very long name is refused here
            listener.listen(1)
            _let_go_of_streams()
            line.sendall(_FREE)
            following = _child_of(engine, listener, watch)
        except OSError:
            following = None
        finally:
            place.unlink(missing_ok=True)
    return following if following is not None and _moved_in(following) else None


def _child_of(engine: int, listener: socket.socket, watch: Watch) -> socket.socket | None:
    """Return a connection from a child of the engine; others are hung up on."""
    while watch.outlives(listener):
        line = listener.accept()[0]
        if _parent_of(line) in (engine, None):
            return line
        line.close()
    return None


def _parent_of(line: socket.socket) -> int | None:
    """Return the parent of whoever is at the other end; None where the system does not tell."""
    if not hasattr(socket, "SO_PEERCRED"):
        return None
    told = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    pid, uid, _ = _CREDENTIALS.unpack(told)
    try:
        return int(_status(pid)[_PARENT]) if uid == os.getuid() else 0
    except (OSError, ValueError):  # gone, or of another namespace
        return 0


def _let_go_of_streams() -> None:
    """Close the engine's pipes: it waits for their end."""
    sys.stdout.flush()
    sys.stderr.flush()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in _STREAMS:
        os.dup2(nothing, stream)
    os.close(nothing)


def _moved_in(line: socket.socket) -> bool:
    """Take on the streams, folder, environment and arguments of a front."""
    head, streams, _, _ = socket.recv_fds(line, _LENGTH.size, len(_STREAMS))
    if len(head) != _LENGTH.size or len(streams) != len(_STREAMS):
        return False
    wanted, text = _LENGTH.unpack(head)[0], bytearray()
    while len(text) < wanted and (piece := line.recv(wanted - len(text))):
        text += piece
    if len(text) < wanted:
        return False
    situation = json.loads(text)
    for stream, given in zip(_STREAMS, streams, strict=True):
        os.dup2(given, stream)
        os.close(given)
    os.chdir(situation["folder"])
    os.environ.clear()
    os.environ.update(situation["environment"])
    sys.argv[:] = situation["argv"]
    try:
        line.sendall(_TAKEN)
    except OSError:  # the front has lost patience, and another process serves
        return False
    return True


if __name__ == "__main__":
    main()
