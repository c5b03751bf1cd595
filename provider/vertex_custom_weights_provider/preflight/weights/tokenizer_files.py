"""F4: are the files of a tokenizer whole, and are its tokens rows of the embedding."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from vertex_custom_weights_provider import catalog
from vertex_custom_weights_provider.architectures import ARCHITECTURES
from vertex_custom_weights_provider.preflight import rules
from vertex_custom_weights_provider.preflight.findings import (
    Finding,
    error,
    info,
    shown,
    some,
    warn,
)

from .documents import BadDocumentError, parse_object

TOKENIZER = "tokenizer.json"
ADDED_TOKENS = "added_tokens.json"
# Read by tokenizers and servers, and a few kilobytes long.
SIDE_FILES = ("generation_config.json", "special_tokens_map.json", ADDED_TOKENS)
# Published ones have megabytes: of those the ends are looked at.
WHOLE_BYTES = 64_000
TAIL_BYTES = 1024
_WEB_PAGE = re.compile(rb"\s*<(!doctype|html|\?xml|head|body)", re.IGNORECASE)
_TOKEN_ID = re.compile(r"[0-9]{1,9}")
_ADDED_ID = re.compile(rb'"id"\s*:\s*([0-9]{1,9})\b')
_ADDED = re.compile(rb'"added_tokens"\s*:\s*\[(.*?)\]\s*,\s*"normalizer"', re.DOTALL)
_SPECIAL_IDS = ("eos_token_id", "pad_token_id", "bos_token_id")
_AGAIN = "Upload it again."
_LATER = 5
_LATER_CLASS = "TokenizersBackend"


def web_page(data: bytes) -> bool:
    """Whether a file is a page that a proxy or a login has answered with."""
    return _WEB_PAGE.match(data) is not None


def check_tail(tail: bytes) -> Iterator[Finding]:
    """Check the last bytes of a long `tokenizer.json`."""
    if not tail.rstrip().endswith(b"}"):
        yield error(rules.F4, f"{TOKENIZER} does not end as JSON does: cut off. {_AGAIN}")


def check_whole(data: bytes, text: catalog.TextConfig) -> Iterator[Finding]:
    """Check a short `tokenizer.json`."""
    if web_page(data):
        yield error(rules.F4, f"{TOKENIZER} is a web page, not a tokenizer. {_AGAIN}")
        return
    try:
        found = parse_object(data, constants=True)
    except BadDocumentError as broken:
        yield error(rules.F4, f"{TOKENIZER}: {broken}. {_AGAIN}")
        return
    model = found.get("model")
    if not isinstance(model, dict):
        yield error(rules.F4, f"{TOKENIZER} describes no model of a tokenizer. {_AGAIN}")
        return
    vocabulary = _vocabulary(cast("dict[str, Any]", model))
    yield from _beyond(TOKENIZER, (*vocabulary, *_added(found.get("added_tokens"))), text)


def check_head(head: bytes, text: catalog.TextConfig) -> Iterator[Finding]:
    """Check the tokens that a long `tokenizer.json` adds, which stand before its vocabulary."""
    added = _ADDED.search(head)
    if added:
        yield from _beyond(TOKENIZER, map(int, _ADDED_ID.findall(added[1])), text)


def _vocabulary(model: Mapping[str, Any]) -> Iterator[int]:
    vocabulary = model.get("vocab")
    if isinstance(vocabulary, dict):
        yield from (n for n in cast("dict[str, Any]", vocabulary).values() if type(n) is int)
    elif isinstance(vocabulary, list):  # a list of pieces, numbered as they stand
        yield from range(len(cast("list[Any]", vocabulary)))


def _added(entries: Any) -> Iterator[int]:
    for entry in cast("list[Any]", entries) if isinstance(entries, list) else ():
        number = cast("dict[str, Any]", entry).get("id") if isinstance(entry, dict) else None
        if type(number) is int:
            yield number


def check_added_tokens(tokens: Mapping[str, Any], text: catalog.TextConfig) -> Iterator[Finding]:
    """Check the ids of `added_tokens.json`: token to id."""
    yield from _beyond(ADDED_TOKENS, (n for n in tokens.values() if type(n) is int), text)


def check_tokenizer_config(
    config: Mapping[str, Any], text: catalog.TextConfig
) -> Iterator[Finding]:
    """Check the ids and the class that `tokenizer_config.json` names."""
    added = config.get("added_tokens_decoder")
    if isinstance(added, dict):
        keys = (key for key in cast("dict[str, Any]", added) if _TOKEN_ID.fullmatch(key))
        yield from _beyond("tokenizer_config.json", map(int, keys), text)
    known = ARCHITECTURES.get(text.outer_type or "")
    if known and known.since >= _LATER:
        return  # a server that has the model has the class
    if config.get("tokenizer_class") == _LATER_CLASS:
        yield warn(
            rules.F4,
            f"tokenizer_config.json names the class {_LATER_CLASS}, which transformers before 5 "
            'does not have: such a server does not start. Write "tokenizer_class": '
            '"PreTrainedTokenizerFast", which both read.',
        )


def check_special_ids(
    name: str, document: Mapping[str, Any], text: catalog.TextConfig
) -> Iterator[Finding]:
    """Check the ids of the tokens that begin, end and fill a text."""
    rows = _rows(text)
    if rows is None:
        return
    wrong = [
        f"{key} {number}"
        for key in _SPECIAL_IDS
        for number in _numbers(document.get(key))
        if number >= rows
    ]
    if wrong:
        yield warn(
            rules.F4,
            f"{name}: {some(wrong)}, and vocab_size is {text.values['vocab_size']}. A text never "
            "ends with a token that the model cannot write. Correct it, or resize the embedding.",
        )


def _numbers(value: Any) -> list[int]:
    every = cast("list[Any]", value) if isinstance(value, list) else [value]
    return [number for number in every if type(number) is int]


def _rows(text: catalog.TextConfig) -> int | None:
    """Return how many rows the embedding has, by `config.json`."""
    vocabulary = text.values.get("vocab_size")
    if type(vocabulary) is not int:
        return None
    # Text-only Gemma 3 is published with a token for images, one beyond its vocabulary.
    return vocabulary + (text.model_type == "gemma3_text")


def _beyond(where: str, ids: Iterable[int], text: catalog.TextConfig) -> Iterator[Finding]:
    """Find tokens that the embedding has no row for, which a request can send it."""
    rows = _rows(text)
    beyond = sorted({number for number in ids if rows is not None and number >= rows})
    if beyond:
        yield warn(
            rules.F4,
            f"{where} has tokens {some(map(str, beyond))}, and vocab_size is "
            f"{text.values['vocab_size']}: requests that hold them fail. Resize the embedding "
            "(resize_token_embeddings), or take the tokenizer that belongs to the weights.",
        )


def no_chat_template(rows: Iterable[catalog.Model]) -> Iterator[Finding]:
    """Say what comes of a checkpoint without a chat template.

    That is as it should be of base models, and most models are published as one too: it is said,
    and speaks against nothing.
    """
    every = tuple(rows)
    if every and not any(row.chat for row in every):
        return
    yield info(
        rules.F4,
        "There is no chat template, neither in tokenizer_config.json nor as chat_template.jinja: "
        "every chat completion is answered 400; plain completions work. Copy the template of the "
        "model that was trained on, or save its tokenizer again.",
    )


def not_json(name: str, data: bytes, broken: str) -> str:
    """Say what is the matter with a document that cannot be read."""
    return f"{shown(name)}: {'it is a web page' if web_page(data) else broken}. {_AGAIN}"
