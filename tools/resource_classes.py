"""Write the classes of resources and of their arguments from the property tables.

python tools/resource_classes.py            # write
python tools/resource_classes.py --check    # exit code 1 when a file is out of date
"""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args, get_origin

from vertex_custom_weights_provider.lifecycle.lifecycles import MODULES, lifecycle_of
from vertex_custom_weights_provider.properties.base import Outputs, Spec
from vertex_custom_weights_provider.properties.table import (
    Property,
    bare,
    output_names,
    properties,
)
from vertex_custom_weights_provider.spelling import snake

CHECKOUT = Path(__file__).resolve().parents[1]
TARGET = CHECKOUT / "provider" / "vertex_custom_weights_provider" / "resources"
NOTICE = "# Written by tools/resource_classes.py from the tables in properties/. Do not edit."
WIDTH = 100
# Providers that look at more than their inputs; all others are VertexProvider.
PROVIDERS = {"CustomWeightsDeployment": ("weights_provider", "WeightsProvider")}
SCALARS = {str: "str", int: "int", bool: "bool", float: "float"}


def files() -> Iterator[tuple[Path, str]]:
    """Yield each file and what it has to hold."""
    for name in MODULES:
        module = MODULES[name].rpartition(".")[2]
        yield TARGET / f"{module}.py", _formatted("\n".join(_resource(name)))
    yield TARGET / "types.py", _formatted("\n".join(_types()))


def _resource(name: str) -> Iterator[str]:
    model = lifecycle_of(name).model
    module, base = PROVIDERS.get(name, ("provider", "VertexProvider"))
    package = "vertex_custom_weights_provider"
    rows = [row for row in properties(model) if not row.internal]
    rows.sort(key=lambda row: not row.required or bool(row.configured))
    yield f'"""The resource `{name}`."""\n\n{NOTICE}\n'
    yield "from __future__ import annotations\n\nfrom typing import Any\n\nimport pulumi\n"
    yield f"from {package}.adapter.{module} import {base}"
    yield f"from {package}.resources import arguments, types"
    yield f"from {package}.resources.base import VertexResource\n\n"
    yield f"class {name}Provider({base}):"
    yield f'    """Provider of `{name}`; pickled by this path."""\n'
    yield f'    resource_type = "{name}"\n\n'
    yield f"class {name}(VertexResource):"
    yield _docstring(_sentences(model), 4)
    yield f'\n    resource_type = "{name}"'
    configured = {row.name: row.configured for row in rows if row.configured}
    if configured:
        yield f"    configured = {configured!r}"
    internal = [row.wire for row in properties(model) if row.internal and row.name != "owner"]
    yield f"    outputs = {(*output_names(model), *internal)!r}\n"
    yield from _constructor(name, rows)
    for row in (*properties(model), *properties(model.outputs)):
        yield from _getter(row)


def _constructor(name: str, rows: Sequence[Property]) -> Iterator[str]:
    yield "    def __init__(self, resource_name: str, *,"
    for row in rows:
        optional = "" if row.required and not row.configured else " | None = None"
        yield f"        {row.name}: {_input(row, 'types.')}{optional},"
    yield "        opts: pulumi.ResourceOptions | None = None,\n    ) -> None:"
    yield '        """Declare the resource.\n\n        Args:'
    yield _entry("resource_name", "Name in the program; names that are chosen follow from it.")
    for row in rows:
        yield _entry(row.name, _in_python(row.description))
    yield _entry("opts", "Pulumi resource options.")
    yield "\n        Raises:"
    yield _entry("pulumi.RunError", "an argument is neither given nor configured.")
    yield '        """\n        given: dict[str, Any] = {'
    yield from (f'            "{row.name}": {row.name},' for row in rows)
    yield f"        }}\n        super().__init__({name}Provider(), resource_name, given, opts)\n"


def _getter(row: Property) -> Iterator[str]:
    certain = (row.required or row.computed) and not row.internal
    yield "    @property"
    yield f"    def {row.name}(self) -> pulumi.Output[{_output(row.kind)}{_or_none(certain)}]:"
    yield _docstring(_in_python(row.description), 8, summary=True)
    yield f'        return arguments.output(self, "{row.wire}")\n'


def _types() -> Iterator[str]:
    yield '"""Shapes of nested arguments, named after the API messages they mirror."""'
    yield f"\n{NOTICE}\n"
    yield "from typing import Literal, NotRequired, TypedDict\n\nimport pulumi\n"
    done: dict[type, None] = {}
    for name in MODULES:
        _collect(lifecycle_of(name).model, done)
    nested = [model for model in done if not _is_resource(model)]
    for alias, row in _choices(done).items():
        yield f"{alias} = Literal[{', '.join(map(repr, row.words))}]"
        yield f"{_docstring(_in_python(row.about.text), 0)}\n"
    for model in nested:
        yield f"\nclass {model.__name__}Args(TypedDict):\n{_docstring(_sentences(model), 4)}\n"
        for row in properties(model):
            shape = _input(row, "")
            yield f"    {row.name}: {shape if row.required else f'NotRequired[{shape}]'}"
            yield _docstring(_in_python(row.description), 4)


def _collect(model: type[Spec], done: dict[type, None]) -> None:
    """Add a spec after those that it holds."""
    for row in properties(model):
        inner = _inner(row.kind)
        if issubclass(inner, Spec) and inner not in done:
            _collect(inner, done)
    done[model] = None


def _choices(models: Iterator[type] | dict[type, None]) -> dict[str, Property]:
    """Return the properties that are one of a few words, by the name of their type."""
    rows = [row for model in models for row in properties(model) if row.words]
    return {_alias(row): row for row in rows}


def _alias(row: Property) -> str:
    return row.wire[0].upper() + row.wire[1:]


def _inner(kind: Any) -> type:
    """Return the type of a value, of a list's items or of a map's values."""
    while get_origin(kind) in (list, dict):
        kind = bare(get_args(kind)[-1])[0]
    return kind


def _input(row: Property, home: str) -> str:
    if row.words:
        return f"pulumi.Input[{home}{_alias(row)}]"
    return f"pulumi.Input[{_shape(row.kind, home)}]"


def _shape(kind: Any, home: str) -> str:
    if get_origin(kind) in (list, dict):
        item = bare(get_args(kind)[-1])[0]
        entry = _shape(item, home)
        entry = entry if issubclass(_inner(item), Spec) else f"pulumi.Input[{entry}]"
        return f"list[{entry}]" if get_origin(kind) is list else f"dict[str, {entry}]"
    if issubclass(kind, Spec):
        return f"{home}{kind.__name__}Args"
    return SCALARS[kind]


def _output(kind: Any) -> str:
    """Return the type of what a program gets; nested objects have the keys of the state."""
    if get_origin(kind) in (list, dict):
        entry = _output(bare(get_args(kind)[-1])[0])
        return f"list[{entry}]" if get_origin(kind) is list else f"dict[str, {entry}]"
    return "dict[str, Any]" if issubclass(kind, Spec | Outputs) else SCALARS[kind]


def _or_none(certain: bool) -> str:
    return "" if certain else " | None"


def _is_resource(model: type) -> bool:
    return any(lifecycle_of(name).model is model for name in MODULES)


def _sentences(model: type) -> str:
    return _in_python(textwrap.dedent(f"    {model.__doc__ or ''}").strip())


def _in_python(text: str) -> str:
    """Return a text with properties called as Python calls them."""
    names = {row.wire: row.name for model in _every() for row in properties(model)}

    def spelled(found: re.Match[str]) -> str:
        word = found.group(1)
        return f"`{names.get(word) or (snake(word) if word in names else word)}`"

    return re.sub(r"`([a-zA-Z]+)`", spelled, text)


def _every() -> Iterator[Any]:
    done: dict[type, None] = {}
    for name in MODULES:
        model = lifecycle_of(name).model
        _collect(model, done)
        yield model.outputs
    yield from done


def _docstring(text: str, indent: int, *, summary: bool = False) -> str:
    """Return a docstring; with `summary` its first sentence stands alone."""
    lines = _wrapped(f'"""{text}"""', indent) if "\n" not in text else []
    if len(lines) != 1:
        first, _, rest = _parts(text) if summary else ("", "", text)
        paragraphs = rest.splitlines() if "\n" in rest else _wrapped(rest, indent)
        lines = [*([first, ""] if first else []), *paragraphs, '"""']
        lines[0] = f'"""{lines[0]}'
    return textwrap.indent("\n".join(lines), " " * indent)


def _parts(text: str) -> tuple[str, str, str]:
    return re.sub(r"\. (?=[A-Z`])", ".\n", text, count=1).partition("\n")


def _wrapped(text: str, indent: int) -> list[str]:
    # Room for the quotes of a first line that is the only one.
    return textwrap.wrap(text, WIDTH - indent - 3, break_long_words=False, break_on_hyphens=False)


def _entry(name: str, text: str) -> str:
    """Return one entry of a section of a docstring."""
    return textwrap.fill(
        f"{name}: {text}",
        WIDTH,
        initial_indent=" " * 12,
        subsequent_indent=" " * 16,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _formatted(text: str) -> str:
    ruff = [sys.executable, "-m", "ruff"]
    for command in (["check", "--fix", "-q", "--select", "F401,I"], ["format", "-q"]):
        done = subprocess.run(
            [*ruff, *command, "--stdin-filename", str(TARGET / "new.py"), "-"],
            input=text,
            capture_output=True,
            text=True,
            check=True,
            cwd=CHECKOUT,
        )
        text = done.stdout
    return text


def main(arguments: list[str]) -> int:
    """Run the command line."""
    outdated = [
        (path, text)
        for path, text in files()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if arguments != ["--check"]:
        for path, text in outdated:
            path.write_text(text, encoding="utf-8")
        return 0
    for path, _ in outdated:
        print(f"{path.relative_to(CHECKOUT)} is out of date; run python tools/resource_classes.py")
    return int(bool(outdated))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
