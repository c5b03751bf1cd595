"""More of the corpus: what training runs leave, and configurations that do not fit them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from vertex_custom_weights_provider import samples

from . import folders as f
from .cases import Case
from .folders import Build

Q0 = "model.layers.0.self_attn.q_proj"
_GPT2 = {"architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "n_embd": 768, "n_layer": 12}
_NEOX = {
    "architectures": ["GPTNeoXForCausalLM"],
    "model_type": "gpt_neox",
    "hidden_size": 768,
    "num_hidden_layers": 2,
    "num_attention_heads": 12,
    "intermediate_size": 3072,
    "vocab_size": 50257,
}


def _cases(verdict: str, rule: str, **builds: Build) -> Iterator[Case]:
    for label, build in builds.items():
        yield Case(label, build, verdict, rule)


def _named(change: Callable[[str], str]) -> Build:
    """Rename all tensors."""

    def rename(found: dict[str, Any]) -> None:
        for name in list(found):
            found[change(name)] = found.pop(name)

    return f.on_base(f.relay(rename))


def _lacking(*parts: str) -> Build:
    """Take out the tensors whose names hold one of the parts."""

    def take(found: dict[str, Any]) -> None:
        for name in [name for name in found if any(part in name for part in parts)]:
            del found[name]

    return f.on_base(f.relay(take))


def _only(config: dict[str, Any], **tensors: tuple[int, ...]) -> Build:
    """Make it another model altogether."""

    def put(found: dict[str, Any]) -> None:
        found.clear()
        for name, shape in tensors.items():
            found[name] = {"dtype": "BF16", "shape": list(shape)}

    return f.on_base(f.put("config.json", json.dumps(config)), f.relay(put))


def _each(model_id: str, change: Callable[[dict[str, Any]], None]) -> Build:
    """Change the first weight file of a sharded sample, which then does not fit its index."""

    def build(directory: Path) -> None:
        samples.write(model_id, directory)
        (first, *_) = sorted(directory.glob("*.safetensors"))
        f.relay(change, first.name)(directory)

    return build


def _plain(found: dict[str, Any]) -> None:
    for name in list(found):
        if name.endswith("_scales"):
            del found[name]
        elif name.endswith("_blocks"):
            experts, out, blocks, _ = found.pop(name)["shape"]
            plain = {"dtype": "BF16", "shape": [experts, blocks * 32, out]}
            found[name.removesuffix("_blocks")] = plain


def _dequantized(directory: Path) -> None:
    """gpt-oss as fine-tuning leaves it, with the configuration it came with."""
    samples.write("gpt-oss-20b", directory)
    for path in directory.glob("*.safetensors"):
        f.relay(_plain, path.name)(directory)
    index = json.loads((directory / f.INDEX).read_text())
    weight_map: dict[str, str] = {}
    for path in directory.glob("*.safetensors"):
        found, _ = f.read_header(path)
        weight_map |= dict.fromkeys((name for name in found if name != "__metadata__"), path.name)
    (directory / f.INDEX).write_text(json.dumps({**index, "weight_map": weight_map}))


def structure() -> Iterator[Case]:
    """Names and shapes of a decoder: S3."""
    yield from _cases(
        "error",
        "S3",
        adapter_prefix=_named(lambda name: f"base_model.model.{name}"),
        adapter_inside=f.on_base(f.with_tensor(f"{Q0}.lora_A.weight", "BF16", (8, 2048))),
        adapter_base_layers=_named(lambda name: name.replace("q_proj", "q_proj.base_layer")),
        compiled_model=_named(lambda name: f"_orig_mod.{name}"),
        data_parallel_model=_named(lambda name: f"module.{name}"),
        keys_missing_everywhere=_lacking("k_proj"),
        norms_missing_in_half=_lacking("1.input_layernorm", "2.input_layernorm"),
        no_feed_forward=_lacking("down_proj"),
        no_final_norm=f.on_base(f.without("model.norm.weight")),
        embedding_of_other_width=f.on_base(f.reshaped("model.embed_tokens.weight", 128_256, 1024)),
        embedding_flattened=f.on_base(f.reshaped("model.embed_tokens.weight", 128_256 * 2048)),
        # The class has another vocabulary than the weights.
        no_vocabulary=f.on_base(f.config(vocab_size=...)),
        query_flattened=f.on_base(f.reshaped(f"{Q0}.weight", 2048 * 2048)),
    )
    yield from _cases(
        "error",
        "S3",
        output_of_attention=f.on_base(
            f.reshaped("model.layers.3.self_attn.o_proj.weight", 2048, 9)
        ),
        one_feed_forward=f.on_base(f.reshaped("model.layers.3.mlp.down_proj.weight", 2048, 4096)),
        one_norm=f.on_base(f.reshaped("model.layers.3.input_layernorm.weight", 4096)),
    )


def configurations() -> Iterator[Case]:
    """Values of config.json that are none, and models that nobody here knows: F2 and M1."""
    yield from _cases(
        "error",
        "F2",
        vocabulary_a_text=f.on_base(f.config(vocab_size="128256")),
        vocabulary_negative=f.on_base(f.config(vocab_size=-1)),
        tie_flag_a_text=f.on_base(f.config(tie_word_embeddings="true")),
    )
    yield from _cases(
        "warn",
        "F2",
        classifier=f.on_base(f.config(architectures=["LlamaForSequenceClassification"])),
        bare_model=f.on_base(f.config(architectures=["LlamaModel"])),
        architectures_a_text=f.on_base(f.config(architectures="LlamaForCausalLM")),
        class_of_another_type=f.on_base(f.config(architectures=["Gemma2ForCausalLM"])),
    )
    yield from _cases(
        "warn",
        "M1",
        other_words_for_sizes=_only(_GPT2, **{"wte.weight": (50257, 768)}),
        other_names_of_tensors=_only(_NEOX, **{"gpt_neox.embed_in.weight": (50257, 768)}),
        unlisted_type_tied_by_default=f.then(
            f.sample("gemma-2-9b"), f.config(model_type="gemma", tie_word_embeddings=...)
        ),
        unlisted_type_with_a_layer_missing=f.on_base(
            f.config(model_type="smollm3", num_hidden_layers=17)
        ),
        audio_tower_deeper_than_text=f.on_base(
            f.config(model_type="qwen2_audio"),
            f.relay(
                lambda found: found.update(
                    {
                        f"audio_tower.layers.{n}.self_attn.q_proj.weight": {
                            "dtype": "BF16",
                            "shape": [8, 8],
                        }
                        for n in range(32)
                    }
                )
            ),
        ),
    )


def quantized() -> Iterator[Case]:
    """What the exception for two families does not cover: Q1."""
    yield from _cases(
        "error",
        "Q1",
        gptq_inside_mxfp4=_each(
            "gpt-oss-20b",
            lambda found: found.update({f"{Q0}.qweight": {"dtype": "I32", "shape": [8, 8]}}),
        ),
        int8_inside_fp8=_each(
            "deepseek-v3", lambda found: found.update({"model.x": {"dtype": "I8", "shape": [8, 8]}})
        ),
    )
    yield from _cases("warn", "Q1", dequantized_under_its_old_config=_dequantized)


def _adapter(name: str = "base_model.model.model.layers.0.lora_A.weight") -> bytes:
    """A file of one tensor."""
    header = f.entries(**{name: f.tensor()})
    return len(header).to_bytes(8, "little") + header + bytes(4)


def folders() -> Iterator[Case]:
    """Files beside each other: F3."""
    yield from _cases(
        "warn",
        "F3",
        bin_of_another_name=f.on_base(
            f.drop(f.WEIGHTS), f.hole("weights.bin", 4096, b"PK\x03\x04")
        ),
        makers_format_beside=f.sharded(f.hole("consolidated.safetensors", 14_000_000_000)),
        data_of_any_name_beside=f.on_base(f.hole("replay.parquet", 3_000_000_000)),
        data_below=f.on_base(f.hole("runs/1/trace.json", 3_000_000_000)),
    )
    yield from _cases(
        "ok",
        "",
        adapter_beside_an_index=f.sharded(f.put("adapter_model.safetensors", _adapter())),
        little_that_is_not_served=f.on_base(f.put("README.md"), f.put("runs/events", "x" * 10_000)),
    )
    yield from _cases(
        "error",
        "F3",
        adapter_that_is_loaded_too=f.on_base(f.put("adapter_model.safetensors", _adapter())),
        makers_format_that_is_loaded_too=f.on_base(
            f.put("consolidated.safetensors", _adapter("tok_embeddings.weight"))
        ),
        averages_that_are_loaded_too=f.on_base(f.put("ema.safetensors", _adapter("ema.w"))),
        state_that_is_loaded_too=f.on_base(f.put("optimizer.safetensors", _adapter("state.0"))),
        earlier_shards_that_are_loaded_too=f.on_base(
            f.put("model-00001-of-00002.safetensors", _adapter("model.norm.weight"))
        ),
    )
    yield from _cases(
        "error",
        "F3",
        training_arguments_only=f.on_base(f.drop(f.WEIGHTS), f.put("training_args.bin")),
        whole_checkpoint_below=lambda directory: f.void(
            samples.write("llama-3.2-1b", directory / "checkpoint-500")
        ),
    )


def _long(added: int) -> str:
    """A tokenizer of the size of real ones that adds a token of that id."""
    first = {"version": "1.0", "added_tokens": [{"id": added, "content": "<x>"}]}
    model = {"type": "BPE", "vocab": {f"t{n}": n for n in range(10_000)}, "merges": []}
    return json.dumps({**first, "normalizer": None, "model": model}, indent=2)


def spellings() -> Iterator[Case]:
    """Configurations that an older transformers reads otherwise: F2."""
    rope = {"rope_type": "llama3", "factor": 32.0, "rope_theta": 500000.0}
    plain = {"rope_type": "default", "rope_theta": 1000000}
    later = f.config(rope_parameters=rope, rope_theta=..., rope_scaling=...)
    yield from _cases(
        "warn",
        "F2",
        saved_by_transformers_5=f.on_base(later),
        saved_by_transformers_5_without_scaling=f.then(
            f.sample("qwen3-0.6b"),
            f.config(rope_parameters=plain, rope_theta=..., rope_scaling=...),
        ),
        only_the_scaling_in_both=f.on_base(f.config(rope_parameters=rope, rope_theta=...)),
        only_the_base_in_both=f.on_base(f.config(rope_parameters=rope, rope_scaling=...)),
        float16_gemma=f.then(f.sample("gemma-2-9b"), f.config(torch_dtype="float16")),
        float16_gemma_inside=f.then(f.sample("gemma-3-4b"), f.config(dtype="float16")),
    )
    yield from _cases(
        "ok",
        "",
        both_spellings=f.on_base(f.config(rope_parameters=rope)),
        what_the_class_says_anyway=f.then(
            f.sample("llama-2-7b"),
            f.config(
                rope_parameters={"rope_type": "default", "rope_theta": 10000.0},
                rope_theta=...,
                rope_scaling=...,
            ),
        ),
        float16_llama=f.then(f.sample("llama-2-7b"), f.config(torch_dtype="float16")),
    )


def tokenizers() -> Iterator[Case]:
    """Files of the tokenizer, and tokens that the embedding has no row for: F4."""

    def adding(*ids: str) -> Build:
        return f.tokenizer_config(added_tokens_decoder={n: {"content": f"<{n}>"} for n in ids})

    no_template = f.edit("tokenizer_config.json", lambda t: f.void(t.pop("chat_template")))

    def vocabulary(size: int) -> Build:
        return f.edit("tokenizer.json", lambda t: t["model"].update(vocab={"a": size - 1}))

    yield from _cases(
        "warn",
        "F4",
        side_file_cut_off=f.on_base(f.put("generation_config.json", '{"eos_token_id": [12')),
        side_file_empty=f.on_base(f.put("special_tokens_map.json", b"")),
        side_file_of_a_proxy=f.on_base(f.put("added_tokens.json", "<html><body>Sign in</body>")),
        side_file_a_list=f.on_base(f.put("generation_config.json", "[]")),
        tokenizer_beyond_the_vocabulary=f.on_base(vocabulary(128_257)),
        added_by_the_tokenizer=f.on_base(
            f.edit("tokenizer.json", lambda t: t["added_tokens"].append({"id": 128_256}))
        ),
        long_tokenizer_that_adds=f.on_base(f.put("tokenizer.json", _long(128_256))),
        added_in_a_file_of_its_own=f.on_base(f.put("added_tokens.json", '{"<x>": 128256}')),
        end_beyond_the_vocabulary=f.on_base(f.config(eos_token_id=[128_001, 128_256])),
        filling_beyond_the_vocabulary=f.on_base(f.config(pad_token_id=128_256)),
        end_of_generation_beyond=f.on_base(
            f.put("generation_config.json", '{"eos_token_id": 200000}')
        ),
        later_class=f.on_base(f.tokenizer_config(tokenizer_class="TokenizersBackend")),
        slow_tokenizer=f.on_base(
            f.drop("tokenizer.json"), f.put("vocab.json", "{}"), f.put("merges.txt")
        ),
    )
    yield from _cases(
        "error",
        "F4",
        tokenizer_cut_off=f.on_base(f.put("tokenizer.json", _long(5)[:-3])),
        tokenizer_short_and_cut_off=f.on_base(f.put("tokenizer.json", '{"model": {"vocab": {')),
        tokenizer_of_a_proxy=f.on_base(f.put("tokenizer.json", "<!DOCTYPE html>" + " " * 2000)),
        long_page_of_a_proxy=f.on_base(f.put("tokenizer.json", "<html>" + " " * 200_000)),
        tokenizer_without_a_model=f.on_base(f.put("tokenizer.json", "{}")),
        configuration_of_a_proxy=f.on_base(f.put("tokenizer_config.json", "<html></html>")),
        vocabulary_alone=f.on_base(f.drop("tokenizer.json"), f.put("vocab.json", "{}")),
        merges_alone=f.on_base(f.drop("tokenizer.json"), f.put("merges.txt")),
    )
    yield from _cases(
        "ok",
        "",
        long_tokenizer=f.on_base(f.put("tokenizer.json", _long(128_255))),
        as_many_tokens_as_rows=f.on_base(vocabulary(128_256)),
        no_filling=f.on_base(f.config(pad_token_id=-1)),
        no_template_of_a_base_model=f.then(f.sample("mistral-7b-v0.1"), no_template),
        template_in_a_file=f.on_base(no_template, f.put("chat_template.jinja", "{{ messages }}")),
        several_templates=f.on_base(
            no_template,
            f.put("additional_chat_templates/tools.jinja", "{{ messages }}"),
        ),
        slow_and_fast_tokenizer=f.on_base(f.put("vocab.json", "{}"), f.put("merges.txt")),
        infinity_in_the_configuration=f.on_base(
            f.put("generation_config.json", '{"epsilon_cutoff": Infinity}')
        ),
    )
    yield from _cases(
        "warn",
        "F4",
        tokens_beyond_the_vocabulary=f.on_base(adding("128255", "128256", "128257")),
        gemma_tokens_beyond=f.then(f.sample("gemma-3-1b"), adding("262144", "262145")),
    )
    yield from _cases(
        "ok",
        "",
        tokens_within_the_vocabulary=f.on_base(adding("0", "128255", "x", "9" * 400)),
        image_token_of_gemma=f.then(f.sample("gemma-3-1b"), adding("262144")),
    )


ALL = [
    *structure(),
    *configurations(),
    *quantized(),
    *folders(),
    *spellings(),
    *tokenizers(),
]
