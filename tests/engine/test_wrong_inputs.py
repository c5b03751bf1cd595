"""What is said of wrong inputs, word for word, in a file that people review.

One preview has all the entries of `wrong_inputs/stack_file.yaml`, one program all the constructors
of `wrong_inputs/programs.py`: everything that is wrong is told at once. After a change of wording,
write the file anew and read the difference:

    python -m tests.engine.test_wrong_inputs
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from vertex_custom_weights_provider import samples

from .support.events import Run
from .support.harness import Engine, environment

HERE = Path(__file__).parent / "wrong_inputs"
SAID = HERE / "said.txt"
LEAST = 80
CONFIG = {
    "gcp:project": "local-project",
    "gcp:region": "us-central1",
    "vertex-custom-weights:backend": "emulator",
    "vertex-custom-weights:emulatorState": "emulator.db",
    "vertex-custom-weights:emulatorBuckets": {"weights": "weights"},
}
PROGRAM = """

for case, make in CASES.items():
    try:
        make(case)
    except Exception as error:
        kind = "" if isinstance(error, pulumi.RunError) else f"{type(error).__name__}: "
        pulumi.log.error(f"{case}: {kind}{error}".replace(f"{case}: {case}: ", f"{case}: "))
"""
# What differs from machine to machine.
_VARYING = re.compile(r"/\S*?/(?=project/)|0x[0-9a-f]+")


def of_stack_file(engine: Engine) -> Run:
    """Preview a stack file that has every entry."""
    (engine.folder / "weights" / "empty").mkdir(parents=True)
    samples.write("llama-3.2-1b", engine.folder / "weights" / "llama")
    entries = yaml.safe_load((HERE / "stack_file.yaml").read_text(encoding="utf-8"))
    for entry in entries.values():  # or each would be warned of that nobody can call it
        if isinstance(entry, dict) and not entry.keys() & {"public", "privateServiceConnect"}:
            entry["privateServiceConnect"] = {"allowedProjects": ["local-project"]}
    engine.configure({**CONFIG, "vertex-custom-weights:endpoints": entries})
    engine.program("from vertex_custom_weights import stack\n\nstack.declare()\n")
    return engine.preview(ok=False)


def of_programs(engine: Engine) -> Run:
    """Preview a program that has every constructor."""
    samples.write("llama-3.2-1b", engine.folder / "weights" / "llama")
    engine.configure(CONFIG)
    engine.write("__main__.py", (HERE / "programs.py").read_text(encoding="utf-8") + PROGRAM)
    return engine.preview(ok=None)


def said(run: Run, cases: list[str]) -> dict[str, list[str]]:
    """Return the lines that were said of each case, errors and warnings, each once."""
    found: dict[str, list[str]] = {case: [] for case in cases}
    for case, line in _lines(run, cases):
        if line not in found[case]:
            found[case].append(line)
    return {case: sorted(lines) for case, lines in found.items()}


def _lines(run: Run, cases: list[str]) -> Iterator[tuple[str, str]]:
    for one in run.diagnostics:
        if not one.severity.startswith(("error", "warning")):
            continue
        case = ""
        for line in one.message.strip().splitlines():
            named = next((n for n in cases if re.search(rf"(?:^|[. ]){n}(?:-\w+)?: ", line)), case)
            case = named or next((n for n in cases if one.resource.startswith(f"{n}-")), "")
            if case:
                yield case, _VARYING.sub("…", line.removeprefix("Preview failed: "))


def page(sections: Mapping[str, Mapping[str, list[str]]]) -> str:
    """Return the file: each case, and below it what was said."""
    written: list[str] = []
    for title, found in sections.items():
        written.append(f"== {title} ==")
        for case, lines in found.items():
            written += ["", case, *(f"    {line}" for line in lines or ["nothing"])]
        written.append("")
    return "\n".join(written)


def look(stack: Engine, program: Engine) -> str:
    """Run both, and return the file as it should be."""
    entries = [*yaml.safe_load((HERE / "stack_file.yaml").read_text(encoding="utf-8"))]
    named = re.findall(r'^    "([\w-]+)": ', (HERE / "programs.py").read_text(), re.MULTILINE)
    return page(
        {
            "a stack file": said(of_stack_file(stack), entries),
            "a program": said(of_programs(program), named),
        }
    )


def test_every_wrong_input_is_told_at_once_in_these_words(make_engine: Any) -> None:
    found = look(make_engine("stack"), make_engine("program"))

    assert found == SAID.read_text(encoding="utf-8")
    cases = [line for line in found.splitlines() if line and line[0] not in " ="]
    assert len(cases) >= LEAST
    assert "    nothing" not in found.splitlines()
    assert "Traceback" not in found
    assert json.dumps(found).count("File \\") == 0


def main() -> None:
    """Write what is said today."""
    with tempfile.TemporaryDirectory() as folder:
        made = [Engine(Path(folder, name), environment()) for name in ("stack", "program")]
        SAID.write_text(look(*made), encoding="utf-8")


if __name__ == "__main__":
    main()
