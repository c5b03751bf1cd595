"""A small tokenizer that is really one: bytes as tokens, loadable by the `tokenizers` package."""

from __future__ import annotations

from typing import Any

_PIECE_UNKNOWN, _PIECE_CONTROL, _PIECE_BYTE = 2, 3, 6
_SPECIAL = ("<unk>", "<s>", "</s>")
_CLASSES = {
    "llama": "PreTrainedTokenizerFast",
    "llama4": "PreTrainedTokenizerFast",
    "gemma2": "GemmaTokenizer",
    "gemma3": "GemmaTokenizer",
    "gemma3_text": "GemmaTokenizer",
    "mistral": "LlamaTokenizer",
    "mixtral": "LlamaTokenizer",
    "deepseek_v3": "LlamaTokenizerFast",
    "phi3": "GPT2Tokenizer",
    "gpt_oss": "PreTrainedTokenizerFast",
}
_TEMPLATE = (
    "{% for message in messages %}"
    "<|{{ message['role'] }}|>\n{{ message['content'] }}\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)


def _byte_symbols() -> list[str]:
    """Return the printable stand-in of each byte, as byte-level BPE uses them."""
    plain = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    spare = iter(range(0x100, 0x200))
    return [chr(byte) if byte in plain else chr(next(spare)) for byte in range(256)]


def tokenizer_json() -> dict[str, Any]:
    """Return the content of `tokenizer.json`."""
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    added = [
        {"id": n, "content": text, **flags, "special": True} for n, text in enumerate(_SPECIAL)
    ]
    symbols = [*_SPECIAL, *_byte_symbols()]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": None,
        "pre_tokenizer": {**level, "use_regex": True},
        "post_processor": None,
        "decoder": {**level, "use_regex": True},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "vocab": {text: n for n, text in enumerate(symbols)},
            "merges": [],
        },
    }


def tokenizer_config(config: dict[str, Any]) -> dict[str, Any]:
    """Return the content of `tokenizer_config.json` for a model configuration."""
    unk, bos, eos = _SPECIAL
    return {
        "tokenizer_class": _CLASSES.get(config["model_type"], "Qwen2Tokenizer"),
        "unk_token": unk,
        "bos_token": bos,
        "eos_token": eos,
        "clean_up_tokenization_spaces": False,
        "model_max_length": config.get("max_position_embeddings", 131072),
        "chat_template": _TEMPLATE,
    }


def _field(number: int, wire: int, payload: bytes) -> bytes:
    return bytes([number << 3 | wire]) + payload


def _piece(text: str, kind: int) -> bytes:
    encoded = text.encode()
    body = _field(1, 2, bytes([len(encoded)]) + encoded) + _field(2, 5, bytes(4))
    body += _field(3, 0, bytes([kind]))
    return _field(1, 2, bytes([len(body)]) + body)


def sentencepiece_model() -> bytes:
    """Return a `tokenizer.model`: the three special pieces and one piece a byte."""
    pieces = [_piece(_SPECIAL[0], _PIECE_UNKNOWN)]
    pieces += [_piece(text, _PIECE_CONTROL) for text in _SPECIAL[1:]]
    pieces += [_piece(f"<0x{byte:02X}>", _PIECE_BYTE) for byte in range(256)]
    return b"".join(pieces)
