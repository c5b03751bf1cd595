"""From wire values to specs, once, at the edge.

In previews a value may be unknown, and a program may have several things wrong at once. Then each
top-level property is parsed by itself: what is known and right is available to further checks,
what is wrong is reported by its path, and what is unknown is left for the real run.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Generic, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from vertex_custom_weights_provider.spec.base import Problem, Spec

S = TypeVar("S", bound=Spec)


@dataclass(frozen=True)
class Parsed(Generic[S]):
    """The outcome of parsing: a spec of what is known and right, and everything else by name."""

    spec: S
    problems: tuple[Problem, ...]
    unknown: frozenset[str]
    usable: frozenset[str]

    def known(self, *names: str) -> bool:
        """Tell whether all these wire names are known and right (or unset)."""
        bad = {problem.path.split(".")[0].split("[")[0] for problem in self.problems}
        return not self.unknown.intersection(names) and not bad.intersection(names)

    def has(self, *names: str) -> bool:
        """Tell whether all these wire names have a value that is known and right."""
        return self.usable.issuperset(names)


def parse(
    model: type[S], wire: Mapping[str, Any], is_unknown: Callable[[Any], bool] = lambda _: False
) -> Parsed[S]:
    """Parse wire inputs, collecting every problem instead of stopping at the first.

    Keys that start with `__` belong to Pulumi and are passed over, and so are nulls: in Pulumi
    an absent property and a null one are the same.
    """
    given = {k: v for k, v in wire.items() if v is not None and not k.startswith("__")}
    unknown = frozenset(key for key, value in given.items() if _contains(value, is_unknown))
    if not unknown:
        try:
            return Parsed(model.model_validate(given), (), unknown, frozenset(given))
        except ValidationError:
            pass  # told property by property, below
    return _parse_each(model, given, unknown)


def _parse_each(model: type[S], given: Mapping[str, Any], unknown: frozenset[str]) -> Parsed[S]:
    """Parse property by property, so that what is right is usable beside what is not."""
    problems: list[Problem] = []
    # Rules that look at the outcome find None where nothing usable was given.
    values: dict[str, Any] = {
        n: None for n, info in model.model_fields.items() if info.is_required()
    }
    aliases = {info.alias or name: name for name, info in model.model_fields.items()}
    for alias, name in aliases.items():
        if alias in unknown:
            continue
        if alias not in given:
            if model.model_fields[name].is_required():
                problems.append(Problem(alias, _missing(model, name)))
            continue
        try:
            values[name] = _adapter(model, name).validate_python(given[alias])
        except ValidationError as error:
            problems.extend(_problems(alias, error))
    problems += [Problem(key, _stray(key, list(aliases))) for key in given if key not in aliases]
    usable = frozenset(a for a, n in aliases.items() if values.get(n) is not None and a in given)
    return Parsed(model.model_construct(**values), tuple(problems), unknown, usable)


def load(model: type[S], wire: Mapping[str, Any]) -> S:
    """Parse inputs that `check` has already accepted.

    Properties that a newer or older version of this package knows are passed over: state must
    stay usable across versions.

    Raises:
        ValueError: `check` was not run, or another program wrote the state.
    """
    aliases = {info.alias or name for name, info in model.model_fields.items()}
    parsed = parse(model, {key: value for key, value in wire.items() if key in aliases})
    if parsed.problems:
        told = "; ".join(f"{p.path}: {p.message}" for p in parsed.problems)
        raise ValueError(told)
    return parsed.spec


@cache
def _adapter(model: type[Spec], name: str) -> TypeAdapter[Any]:
    info = model.model_fields[name]
    annotated: Any = Annotated[cast("Any", info.annotation), *info.metadata]
    return TypeAdapter(annotated)


def _contains(value: Any, is_unknown: Callable[[Any], bool]) -> bool:
    if is_unknown(value):
        return True
    if isinstance(value, Mapping):
        entries = cast("Mapping[str, Any]", value).values()
        return any(_contains(entry, is_unknown) for entry in entries)
    if isinstance(value, list):
        return any(_contains(item, is_unknown) for item in cast("list[Any]", value))
    return False


# What values of the wrong kind should be, by pydantic's name of the mistake. Only numbers and
# switches are quoted back: a text may be a secret.
_WANTED: Mapping[str, str] = {
    "bool_parsing": "true or false",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_parsing": "a number",
    "greater_than": "more than {gt}",
    "greater_than_equal": "{ge} or more",
    "less_than_equal": "{le} or less",
}


def _problems(alias: str, error: ValidationError) -> Iterable[Problem]:
    for item in error.errors(include_url=False):
        location = [alias, *item["loc"]]
        context = item.get("ctx", {})
        if item["type"] == "rule":
            yield Problem(_path([*location, context["path"]]), context["text"])
        elif item["type"] == "extra_forbidden":
            yield Problem(_path(location), "is not a property here. Remove it, or mend its name.")
        elif item["type"] == "missing":
            yield Problem(_path(location), "is required.")
        elif "error" in context:  # raised as ValueError by a validator of ours: already a sentence
            yield Problem(_path(location), f"{context['error']}.")
        elif wanted := _WANTED.get(item["type"]):
            told = f"{_quoted(item['input'])} is not {wanted.format(**context)}."
            yield Problem(_path(location), told)
        else:
            yield Problem(_path(location), f"{item['msg']}.")


def _quoted(value: Any) -> str:
    whole = isinstance(value, float) and value.is_integer()  # every number of Pulumi's is a float
    return repr(int(value) if whole else value)


def _path(location: Iterable[str | int]) -> str:
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part:
            path += f".{part}" if path else part
    return path


def _missing(model: type[Spec], name: str) -> str:
    about = (model.model_fields[name].description or "").split(". ")[0].rstrip(".")
    return f"is required: {about[:1].lower()}{about[1:]}." if about else "is required."


def _stray(key: str, known: list[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    return f"is not a property of this resource.{f' Did you mean {near[0]}?' if near else ''}"
