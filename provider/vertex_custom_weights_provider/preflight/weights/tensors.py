"""S3: are the tensors those of the model that the configuration describes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from vertex_custom_weights_provider.architectures import Key
from vertex_custom_weights_provider.preflight import rules
from vertex_custom_weights_provider.preflight.findings import Finding, error, shown, some, warn

from .comparison import Comparison, Kinds, Unlike, spelled
from .numbering import Numbering
from .renaming import Renaming, renaming

_MOST_KINDS = 2
_ADAPTER_MARKS = ("base_model.model.", ".lora_", ".base_layer.", ".modules_to_save.")


def check_tensors(compared: Comparison, *, whole: bool) -> Iterator[Finding]:
    """Say what a checkpoint lacks, has too much of, or has in another form, by kind.

    Args:
        compared: Of the checkpoint with the layout of its architecture.
        whole: All weight files were read; otherwise nothing is said to be missing.
    """
    adapter = [name for name in _names(compared.foreign) if any(m in name for m in _ADAPTER_MARKS)]
    if adapter:
        yield _adapter(adapter)
    else:
        numbering = Numbering(compared)
        yield from numbering.findings(whole=whole)
        missing: Kinds = numbering.others(compared.missing) if whole else {}
        yield from _names_and_places(compared, missing, numbering.others(compared.foreign))
    yield from _empty(compared.empty)
    yield from _misshapen(compared)
    if whole:
        yield from _incomplete(compared.incomplete)


def check_types(compared: Comparison) -> Iterator[Finding]:
    """Say which tensors hold no floating-point numbers."""
    kinds = [
        f"{_counted(pattern, unlikes)} as {unlikes[0].tensor.dtype}"
        for pattern, unlikes in compared.mistyped.items()
    ]
    if kinds:
        yield error(
            rules.S3,
            f"Tensors are stored in a type that the model does not compute with: {_few(kinds)}. "
            "Save the model in bfloat16.",
        )


def _names(kinds: Kinds) -> Iterator[str]:
    return (spelled(pattern, key) for pattern, keys in kinds.items() for key in keys)


def _adapter(names: Sequence[str]) -> Finding:
    return error(
        rules.S3,
        f"The weights hold an adapter that was not merged ({some(names)}). "
        "Merge it (peft: merge_and_unload), and save the whole model.",
    )


def _names_and_places(compared: Comparison, missing: Kinds, foreign: Kinds) -> Iterator[Finding]:
    moved = renaming(missing, foreign)
    if moved:
        yield _renamed(moved, foreign)
        missing = {p: keys for p, keys in missing.items() if p not in moved.expected}
        foreign = {p: keys for p, keys in foreign.items() if p not in moved.found}
    others = compared.layout.other_forms
    twice = {pattern: keys for pattern, keys in foreign.items() if pattern in others}
    if missing:
        yield _missing(missing)
    if twice:
        yield error(
            rules.S3,
            f"The same weights are stored twice, in two forms: {_kinds(twice)} beside the others. "
            "Loading takes one of them; keep one.",
        )
    rest = {p: keys for p, keys in foreign.items() if p not in twice}
    if rest:
        yield error(
            rules.S3,
            f"The model has no place for {_kinds(rest)}. Loading stops there, or leaves them out, "
            "and answers are not those of training. Save the model that is to be served, without "
            "what training put on it.",
        )


def _missing(missing: Kinds) -> Finding:
    embedding = any(pattern.endswith("embed_tokens.weight") for pattern in missing)
    only_head = all(pattern.endswith("lm_head.weight") for pattern in missing)
    if only_head:
        way = (
            "Save the whole model, or set tie_word_embeddings to true if the embedding is its head."
        )
    elif embedding:
        way = "This is not a whole model. Save the whole model, and not a part of it."
    else:
        way = "Save the whole model again; serving would fail, or start with what memory held."
    return error(rules.S3, f"Tensors are missing: {_kinds(missing)}. {way}")


def _renamed(moved: Renaming, foreign: Kinds) -> Finding:
    pattern = next(iter(moved.found))
    example = shown(spelled(pattern, foreign[pattern][0]))
    count = sum(len(foreign[pattern]) for pattern in moved.found)
    return error(
        rules.S3,
        f"{count} tensors have names that serving does not look for, such as {example}: "
        f"{moved.said}. Save the unwrapped model (accelerate: unwrap_model), or rename them.",
    )


def _empty(empty: Mapping[str, list[Unlike]]) -> Iterator[Finding]:
    if empty:
        kinds = [_counted(pattern, unlikes) for pattern, unlikes in empty.items()]
        yield error(
            rules.S3,
            f"Tensors are empty: {_few(kinds)}. DeepSpeed ZeRO-3 leaves them so when weights are "
            "not gathered. Save with stage3_gather_16bit_weights_on_model_save, or use "
            "zero_to_fp32.py.",
        )


def _misshapen(compared: Comparison) -> Iterator[Finding]:
    resized: dict[int, str] = {}
    kinds: list[str] = []
    for pattern, unlikes in compared.misshapen.items():
        rows = _rows_of_another_vocabulary(unlikes)
        if rows is not None:
            resized[rows] = pattern
            continue
        first = unlikes[0]
        keys = ", ".join(_keys(compared, first))
        kinds.append(
            f"{_counted(pattern, unlikes)} {list(first.tensor.shape)} for "
            f"{list(first.place.shape or ())}" + (f" ({keys})" if keys else "")
        )
    for rows, pattern in resized.items():
        stated = compared.layout.values.get("vocab_size")
        yield error(
            rules.S3,
            f"{pattern} has {rows} rows and config.json says vocab_size {stated}. Set vocab_size "
            f"to {rows}, or save the resized model again.",
        )
    if kinds:
        yield error(
            rules.S3,
            f"Shapes are not those that config.json describes: {_few(kinds)}. Loading fails; "
            "upload the config.json that was saved with the weights.",
        )


def _rows_of_another_vocabulary(unlikes: Sequence[Unlike]) -> int | None:
    """Return the rows of an embedding or head that differs from the configuration in them only."""
    (tensor, place), *more = unlikes
    alike = place.shape is not None and tensor.shape[1:] == place.shape[1:]
    if more or place.formulas[:1] != ("vocab_size",) or not alike or len(tensor.shape) < 1:
        return None
    return tensor.shape[0]


def _keys(compared: Comparison, unlike: Unlike) -> tuple[str, ...]:
    """Return the keys of config.json that the differing sizes follow."""
    shape = unlike.place.shape or ()
    same_rank = len(shape) == len(unlike.tensor.shape) == len(unlike.place.formulas)
    if not same_rank:
        return ()
    differing = (
        formula
        for formula, is_, should in zip(
            unlike.place.formulas, unlike.tensor.shape, shape, strict=True
        )
        if is_ != should
    )
    keys = (key for formula in differing for key in compared.layout.architecture.keys_of(formula))
    return tuple(dict.fromkeys(keys))


def _incomplete(groups: Mapping[str, Kinds]) -> Iterator[Finding]:
    for group, lacking in groups.items():
        yield warn(
            rules.S3,
            f"Of {group.replace('_', ' ')}, which serving does without, {_kinds(lacking)} is "
            "missing: the files may be of two saves. Save the model again, or leave all of it out.",
        )


def _kinds(kinds: Kinds) -> str:
    return _few([_counted(pattern, keys) for pattern, keys in kinds.items()])


def _counted(pattern: str, members: Sequence[Key] | Sequence[Unlike]) -> str:
    """Name a kind by one of its tensors, and say how many more there are."""
    first = members[0]
    name = shown(first.tensor.name if isinstance(first, Unlike) else spelled(pattern, first))
    return name if len(members) == 1 else f"{name} and {len(members) - 1} like it"


def _few(kinds: Iterable[str]) -> str:
    every = list(kinds)
    listed = "; ".join(islice(every, _MOST_KINDS))
    more = len(every) - _MOST_KINDS
    return f"{listed} and {more} more kind{'s' if more > 1 else ''}" if more > 0 else listed
