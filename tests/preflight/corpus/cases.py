"""The corpus: folders and headers, each with the verdict and rule that must come out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from . import folders as f
from .folders import Build


@dataclass(frozen=True)
class Case:
    """One hostile or mistaken folder.

    Attributes:
        rule: Rule id that must be among the findings, with the severity of `verdict`; "" for ok.
    """

    label: str
    build: Build
    verdict: str
    rule: str


LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 2471645608\n"
EMBED = "model.embed_tokens.weight"
Q5 = "model.layers.5.self_attn.q_proj.weight"
SHARD1, SHARD2 = "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"
T = f.tensor


def _error(rule: str, **builds: Build) -> Iterator[Case]:
    for label, build in builds.items():
        yield Case(label, build, "error", rule)


def _warn(rule: str, **builds: Build) -> Iterator[Case]:
    for label, build in builds.items():
        yield Case(label, build, "warn", rule)


def _ok(**builds: Build) -> Iterator[Case]:
    for label, build in builds.items():
        yield Case(label, build, "ok", "")


def folders() -> Iterator[Case]:
    """Names and files: F1 to F4."""
    yield from _error("F1", nothing_there=lambda d: d.mkdir(exist_ok=True))
    yield from _error(
        "F2",
        no_config=f.on_base(f.drop("config.json")),
        config_in_a_subfolder=f.on_base(f.drop("config.json"), f.put("hf/config.json", "{}")),
        config_empty=f.on_base(f.put("config.json", b"")),
        config_not_json=f.on_base(f.put("config.json", b"{model_type: llama}")),
        config_is_a_list=f.on_base(f.put("config.json", b"[]")),
        config_is_a_string=f.on_base(f.put("config.json", b'"llama"')),
        config_with_nan=f.on_base(f.put("config.json", b'{"hidden_size": NaN}')),
        config_with_infinity=f.on_base(f.put("config.json", b'{"hidden_size": -Infinity}')),
        config_with_duplicate_keys=f.on_base(
            f.put("config.json", b'{"model_type": "llama", "model_type": "gemma"}')
        ),
        config_not_utf8=f.on_base(f.put("config.json", b'{"model_type": "\xff"}')),
        config_with_bom=f.on_base(f.put("config.json", b"\xef\xbb\xbf{}")),
        config_of_200000_levels=f.on_base(f.put("config.json", b"[" * 200_000)),
        config_of_300000_objects=f.on_base(f.put("config.json", b'{"a":' * 190_000)),
        config_with_5000_digits=f.on_base(
            f.put("config.json", b'{"hidden_size": ' + b"9" * 5000 + b"}")
        ),
        config_over_1_mb=f.on_base(f.hole("config.json", 1_000_001, b"{")),
        config_without_shape=f.on_base(f.config(num_hidden_layers=..., hidden_size=...)),
        config_with_negative_layers=f.on_base(f.config(num_hidden_layers=-16)),
        config_with_layers_as_text=f.on_base(f.config(num_hidden_layers="16")),
        config_with_layers_as_float=f.on_base(f.config(num_hidden_layers=16.5)),
        config_with_zero_heads=f.on_base(f.config(num_attention_heads=0)),
        config_with_bool_heads=f.on_base(f.config(num_attention_heads=True)),
        config_truncated=f.on_base(f.put("config.json", b'{"model_type": "llama", "hid')),
        config_html=f.on_base(f.put("config.json", b"<!DOCTYPE html><html></html>")),
    )
    yield from _warn("F2", config_without_architectures=f.on_base(f.config(architectures=...)))
    yield from _error(
        "F3",
        no_weights=f.on_base(f.drop(f.WEIGHTS)),
        weights_in_a_subfolder=f.on_base(f.drop(f.WEIGHTS), f.put("final/model.safetensors")),
        gguf_only=f.on_base(f.drop(f.WEIGHTS), f.put("model-Q4_K_M.gguf", b"GGUF")),
        adapter_only=f.on_base(
            f.drop(f.WEIGHTS),
            f.put("adapter_config.json", "{}"),
            f.put("adapter_model.safetensors"),
        ),
        adapter_of_pickle=f.on_base(
            f.drop(f.WEIGHTS), f.put("adapter_config.json", "{}"), f.put("adapter_model.bin")
        ),
        meta_format_only=f.on_base(
            f.drop(f.WEIGHTS), f.put("consolidated.00.pth"), f.put("params.json", "{}")
        ),
        mistral_format_only=f.on_base(
            f.drop(f.WEIGHTS), f.put("consolidated.safetensors"), f.put("params.json", "{}")
        ),
        original_subfolder_only=f.on_base(f.drop(f.WEIGHTS), f.put("original/consolidated.00.pth")),
        fsdp_shards_only=f.on_base(f.drop(f.WEIGHTS), f.put("pytorch_model_fsdp_0/__0_0.distcp")),
        deepspeed_only=f.on_base(
            f.drop(f.WEIGHTS), f.put("global_step500/mp_rank_00_model_states.pt")
        ),
        checkpoints_only=f.on_base(f.drop(f.WEIGHTS), f.put("checkpoint-500/model.safetensors")),
        optimizer_only=f.on_base(f.drop(f.WEIGHTS), f.put("optimizer.safetensors")),
        lfs_pointer_config=f.on_base(f.put("config.json", LFS)),
        lfs_pointer_tokenizer=f.on_base(f.put("tokenizer.json", LFS)),
        lfs_pointer_index=f.sharded(f.put(f.INDEX, LFS)),
        lfs_pointer_bin=f.on_base(f.drop(f.WEIGHTS), f.put("pytorch_model.bin", LFS)),
        bin_of_zeros=f.on_base(f.drop(f.WEIGHTS), f.hole("pytorch_model.bin", 4096)),
        bin_of_text=f.on_base(f.drop(f.WEIGHTS), f.put("pytorch_model.bin", "hello, world")),
        config_of_an_adapter=f.on_base(
            f.put("config.json", json.dumps({"peft_type": "LORA", "r": 8}))
        ),
    )
    yield from _warn(
        "F3",
        bin_only=f.on_base(f.drop(f.WEIGHTS), f.hole("pytorch_model.bin", 4096, b"PK\x03\x04")),
        legacy_pickle=f.on_base(f.drop(f.WEIGHTS), f.hole("pytorch_model.bin", 4096, b"\x80\x02c")),
        both_formats=f.on_base(f.hole("pytorch_model.bin", 2_400_000_000, b"PK\x03\x04")),
        training_leftovers=f.on_base(f.hole("optimizer.pt", 5_000_000_000)),
        old_checkpoints=f.on_base(f.hole("checkpoint-500/model.safetensors", 3_000_000_000)),
        git_history=f.on_base(f.hole(".git/lfs/objects/ab/cd/abcd", 2_400_000_000)),
        other_runtimes_beside=f.on_base(f.hole("metal/model.bin", 13_000_000_000)),
        original_beside=f.on_base(f.hole("original/consolidated.00.pth", 2_400_000_000)),
    )
    yield from _error(
        "F4",
        no_tokenizer=f.on_base(f.drop("tokenizer.json")),
        empty_tokenizer=f.on_base(f.put("tokenizer.json", b"")),
        tokenizer_config_not_json=f.on_base(f.put("tokenizer_config.json", b"{")),
        tokenizer_config_a_list=f.on_base(f.put("tokenizer_config.json", b"[[]]")),
    )
    yield from _warn(
        "F4",
        no_tokenizer_config=f.on_base(f.drop("tokenizer_config.json")),
        tokenizer_config_too_big=f.on_base(f.hole("tokenizer_config.json", 8_000_001, b"{")),
        no_processor=f.then(f.sample("gemma-3-4b"), f.drop("preprocessor_config.json")),
    )
    yield from _ok(
        correct=f.base,
        readme_beside=f.on_base(f.put("README.md"), f.put("runs/events.out.tfevents.1")),
        sentencepiece_only=f.on_base(f.rename("tokenizer.json", "tokenizer.model")),
        name_with_newline=f.on_base(f.put("a\nb\x1b[31m.txt")),
        small_leftovers=f.on_base(f.put("training_args.bin"), f.put("trainer_state.json", "{}")),
    )


def headers() -> Iterator[Case]:
    """Safetensors headers: S1."""
    good = T()
    yield from _error(
        "S1",
        file_empty=f.on_base(f.put(f.WEIGHTS, b"")),
        file_of_7_bytes=f.on_base(f.put(f.WEIGHTS, b"\0" * 7)),
        file_of_8_zeros=f.on_base(f.put(f.WEIGHTS, b"\0" * 8)),
        length_zero=f.on_base(f.header(b"", 100)),
        length_beyond_file=f.on_base(f.header(b"{}", 10, length=1000)),
        length_of_2_to_63=f.on_base(f.header(b"{}", 10, length=2**63)),
        length_of_2_to_64=f.on_base(f.header(b"{}", 10, length=2**64 - 1)),
        length_over_cap=f.on_base(f.header(b"{}", 90_000_000, length=80_000_000)),
        lfs_pointer=f.on_base(f.put(f.WEIGHTS, LFS)),
        gguf_renamed=f.on_base(f.put(f.WEIGHTS, b"GGUF\x03\0\0\0" + b"\0" * 64)),
        pickle_renamed=f.on_base(f.put(f.WEIGHTS, b"PK\x03\x04" + b"\0" * 64)),
        old_pickle_renamed=f.on_base(f.put(f.WEIGHTS, b"\x80\x02ctorch" + b"\0" * 64)),
        html_renamed=f.on_base(f.put(f.WEIGHTS, b"<html><body>Access denied</body></html>")),
        gzip_renamed=f.on_base(f.put(f.WEIGHTS, b"\x1f\x8b\x08\0\0\0\0\0" + b"\0" * 64)),
        not_json=f.on_base(f.header(b"{not json}")),
        root_a_list=f.on_base(f.header(b"[1, 2, 3]")),
        root_a_number=f.on_base(f.header(b"12345678")),
        leading_space=f.on_base(f.header(b" " + f.entries(a=good), 4)),
        not_utf8=f.on_base(f.header(b'{"\xff\xfe": {}}')),
        lone_surrogate=f.on_base(f.header(b'{"\\ud800": ' + json.dumps(good).encode() + b"}", 4)),
        deep_nesting=f.on_base(f.header(b'{"a":' + b"[" * 200_000)),
        nan_value=f.on_base(f.header(b'{"a": NaN}')),
        nul_padding=f.on_base(f.header(f.entries(a=good) + b"\0\0", 4)),
        tensor_a_list=f.on_base(f.header(b'{"a": []}')),
        tensor_a_number=f.on_base(f.header(b'{"a": 3}')),
        tensor_null=f.on_base(f.header(b'{"a": null}')),
        no_dtype=f.on_base(f.header(f.entries(a={"shape": [1], "data_offsets": [0, 4]}), 4)),
        no_shape=f.on_base(f.header(f.entries(a={"dtype": "F32", "data_offsets": [0, 4]}), 4)),
        no_offsets=f.on_base(f.header(f.entries(a={"dtype": "F32", "shape": [1]}), 4)),
        unknown_dtype=f.on_base(f.header(f.entries(a=T("F128")), 4)),
        lower_case_dtype=f.on_base(f.header(f.entries(a=T("f32")), 4)),
        dtype_a_number=f.on_base(f.header(f.entries(a=T(3)), 4)),
        negative_shape=f.on_base(f.header(f.entries(a=T(shape=[-1])), 4)),
        negative_zero_shape=f.on_base(
            f.header(b'{"a": {"dtype": "F32", "shape": [-0], "data_offsets": [0, 0]}}')
        ),
        float_shape=f.on_base(f.header(f.entries(a=T(shape=[1.0])), 4)),
        bool_shape=f.on_base(f.header(f.entries(a=T(shape=[True])), 4)),
        text_shape=f.on_base(f.header(f.entries(a=T(shape=["1"])), 4)),
        null_shape=f.on_base(f.header(f.entries(a=T(shape=None)), 4)),
        overflowing_shape=f.on_base(f.header(f.entries(a=T(shape=[2**40, 2**40])), 4)),
        overflow_times_zero=f.on_base(
            f.header(f.entries(a=T(shape=[2**63, 2**63, 0], offsets=[0, 0])), 0)
        ),
        shape_of_100000_sizes=f.on_base(f.header(f.entries(a=T(shape=[2**40] * 100_000)), 4)),
        shape_beyond_u64=f.on_base(f.header(f.entries(a=T(shape=[2**64])), 4)),
        integer_of_5000_digits=f.on_base(
            f.header(b'{"a": {"dtype": "F32", "shape": [' + b"1" * 5000 + b"]}}")
        ),
        huge_offset=f.on_base(f.header(f.entries(a=T(offsets=[0, 10**30])), 4)),
        one_offset=f.on_base(f.header(f.entries(a=T(offsets=[4])), 4)),
        three_offsets=f.on_base(f.header(f.entries(a=T(offsets=[0, 4, 8])), 4)),
        negative_offset=f.on_base(f.header(f.entries(a=T(offsets=[-4, 0])), 4)),
        end_before_begin=f.on_base(f.header(f.entries(a=T(offsets=[4, 0])), 4)),
        shape_and_length_disagree=f.on_base(f.header(f.entries(a=T(shape=[2])), 4)),
        overlap=f.on_base(f.header(f.entries(a=T(), b=T(offsets=[2, 6])), 6)),
        same_place_twice=f.on_base(f.header(f.entries(a=T(), b=T()), 4)),
        hole_between=f.on_base(f.header(f.entries(a=T(), b=T(offsets=[8, 12])), 12)),
        hole_at_start=f.on_base(f.header(f.entries(a=T(offsets=[4, 8])), 8)),
        trailing_bytes=f.on_base(f.header(f.entries(a=good), 5)),
        truncated_data=f.on_base(f.header(f.entries(a=T(shape=[100], offsets=[0, 400])), 100)),
        no_data_at_all=f.on_base(f.header(f.entries(a=good), 0)),
        odd_f4=f.on_base(f.header(f.entries(a=T("F4", [3], [0, 2])), 2)),
        duplicate_tensor=f.on_base(
            f.header(b'{"a": %b, "a": %b}' % ((json.dumps(good).encode(),) * 2), 4)
        ),
        duplicate_field=f.on_base(
            f.header(
                b'{"a": {"dtype": "F32", "dtype": "F32", "shape": [1], "data_offsets": [0,4]}}', 4
            )
        ),
        metadata_a_list=f.on_base(f.header(f.entries(__metadata__=[], a=good), 4)),
        metadata_nested=f.on_base(f.header(f.entries(__metadata__={"a": {}}, a=good), 4)),
        metadata_number=f.on_base(f.header(f.entries(__metadata__={"a": 1}, a=good), 4)),
        no_tensors=f.on_base(f.header(b"{}")),
        only_metadata=f.on_base(f.header(f.entries(__metadata__={"format": "pt"}))),
        million_objects=f.on_base(f.header(b'{"a":{' + b'"a":{},' * 1_000_000)),
        million_numbers=f.on_base(f.header(b'{"a":[' + b"999," * 3_000_000)),
        header_of_15_mb=f.on_base(f.header(b'{"' + b"a" * 15_000_000 + b'":3}')),
    )
    yield from _warn(
        "S1",
        extra_field=f.on_base(f.relay(lambda found: found[EMBED].update(note="hello"))),
    )
    yield from _ok(
        trailing_spaces=f.on_base(f.relay(lambda found: None)),
    )


def indexes() -> Iterator[Case]:
    """The index and the shards: S2."""
    yield from _ok(two_shards=f.sharded(), index_of_one=f.on_base(_index_of_one()))
    yield from _error(
        "S2",
        no_index=f.sharded(f.drop(f.INDEX)),
        index_not_json=f.sharded(f.put(f.INDEX, b"{")),
        index_empty=f.sharded(f.put(f.INDEX, b"")),
        index_a_list=f.sharded(f.put(f.INDEX, b"[]")),
        index_without_map=f.sharded(f.index(lambda d: void_pop(d, "weight_map"))),
        index_with_empty_map=f.sharded(f.index(lambda d: d.update(weight_map={}))),
        index_map_a_list=f.sharded(f.index(lambda d: d.update(weight_map=[1]))),
        index_duplicate_keys=f.sharded(
            f.put(f.INDEX, b'{"weight_map": {"a": "b.safetensors", "a": "b.safetensors"}}')
        ),
        index_over_32_mb=f.sharded(f.hole(f.INDEX, 32_000_001, b"{")),
        index_file_a_number=f.sharded(f.mapped("a", 3)),  # type: ignore[arg-type]
        index_file_empty=f.sharded(f.mapped("a", "")),
        index_names_parent=f.sharded(f.mapped("a", "../../etc/passwd")),
        index_names_absolute=f.sharded(f.mapped("a", "/etc/passwd")),
        index_names_url=f.sharded(f.mapped("a", "https://example.com/w.safetensors")),
        index_names_drive=f.sharded(f.mapped("a", "C:w.safetensors")),
        index_names_backslash=f.sharded(f.mapped("a", "..\\w.safetensors")),
        index_names_subfolder=f.sharded(f.mapped("a", "sub/w.safetensors")),
        index_names_nul=f.sharded(f.mapped("a", "w.safetensors\0.txt")),
        index_names_newline=f.sharded(f.mapped("a", "w\n.safetensors")),
        index_names_fullwidth_slash=f.sharded(f.mapped("a", "a\uff0fb.safetensors")),
        index_names_right_to_left=f.sharded(f.mapped("a", "\u202ew.safetensors")),
        index_names_two_dots=f.sharded(f.mapped("a", "..")),
        index_name_of_300_characters=f.sharded(f.mapped("a", "a" * 300)),
        tensor_name_of_2000_characters=f.sharded(f.mapped("a" * 2000, SHARD1)),
        shard_missing=f.sharded(f.drop(SHARD2)),
        shard_renamed=f.sharded(f.rename(SHARD2, "model-00003-of-00003.safetensors")),
        tensor_in_wrong_shard=f.sharded(f.mapped(EMBED, SHARD2)),
        tensor_not_in_shards=f.sharded(f.mapped("model.layers.0.gone.weight", SHARD1)),
        tensor_in_two_shards=f.sharded(
            f.relay(lambda found: found.update({EMBED: {"dtype": "BF16", "shape": [4, 4]}}), SHARD2)
        ),
        pickled_shard_missing=f.on_base(
            f.drop(f.WEIGHTS),
            f.hole("pytorch_model-00001-of-00002.bin", 4096, b"PK\x03\x04"),
            f.put(
                "pytorch_model.bin.index.json",
                json.dumps(
                    {
                        "weight_map": {
                            "a": "pytorch_model-00001-of-00002.bin",
                            "b": "pytorch_model-00002-of-00002.bin",
                        }
                    }
                ),
            ),
        ),
        pickled_index_names_parent=f.on_base(
            f.drop(f.WEIGHTS),
            f.hole("pytorch_model.bin", 4096, b"PK\x03\x04"),
            f.put("pytorch_model.bin.index.json", '{"weight_map": {"a": "../x.bin"}}'),
        ),
        one_of_thousands=f.on_base(f.rename(f.WEIGHTS, "model-00001-of-99999999.safetensors")),
        two_files_without_index=f.on_base(
            f.rename(f.WEIGHTS, "whole.safetensors"), f.put("extra.safetensors", b"")
        ),
    )
    yield from _warn(
        "S2",
        total_size_wrong=f.sharded(f.index(lambda d: d["metadata"].update(total_size=5))),
        single_file_and_shards=f.sharded(
            lambda d: f.write_header(
                d / "model.safetensors", f.entries(**{EMBED: T("F32", [4], [0, 16])}), 16
            )
        ),
        shard_not_in_index=f.sharded(
            lambda d: f.write_header(d / "extra.safetensors", f.entries(extra=T()), 4)
        ),
        tensor_not_in_index=f.sharded(f.index(lambda d: void_pop(d["weight_map"], Q5))),
    )
    yield from _ok(
        index_without_metadata=f.sharded(f.index(lambda d: void_pop(d, "metadata"))),
        total_size_a_float=f.sharded(
            f.index(lambda d: d["metadata"].update(total_size=6425499648.0))
        ),
    )


def void_pop(document: dict[str, object], key: str) -> None:
    document.pop(key)


def _index_of_one() -> Build:
    def build(directory: f.Path) -> None:
        found, _ = f.read_header(directory / f.WEIGHTS)
        names = [name for name in found if name != "__metadata__"]
        (directory / f.INDEX).write_text(
            json.dumps({"weight_map": dict.fromkeys(names, f.WEIGHTS)})
        )

    return build


def tensors() -> Iterator[Case]:
    """Tensors against the configuration: S3."""
    yield from _error(
        "S3",
        vocabulary_resized_without_config=f.on_base(f.reshaped(EMBED, 128_257, 2048)),
        config_vocabulary_changed=f.on_base(f.config(vocab_size=128_000)),
        no_embedding=f.on_base(f.without(EMBED)),
        no_head=f.on_base(f.config(tie_word_embeddings=False)),
        layer_missing=f.on_base(f.relay(lambda found: _pop_matching(found, "model.layers.7."))),
        last_layers_missing=f.on_base(f.config(num_hidden_layers=18)),
        layers_beyond=f.on_base(f.config(num_hidden_layers=14)),
        one_tensor_missing=f.on_base(f.without(Q5)),
        query_of_other_model=f.on_base(f.reshaped(Q5, 4096, 2048)),
        heads_changed=f.on_base(f.config(num_attention_heads=16)),
        head_of_other_vocabulary=f.on_base(f.with_tensor("lm_head.weight", "BF16", (7, 2048))),
        expert_missing=f.then(
            f.sample("gpt-oss-20b"), f.config(num_local_experts=32, num_hidden_layers=25)
        ),
        only_a_head=f.on_base(f.header(f.entries(**{"lm_head.weight": T("F32", [1, 1])}), 4)),
        zero_size_tensor=f.on_base(f.with_tensor("model.layers.0.empty", "F32", (0, 4))),
        scalar=f.on_base(f.with_tensor("model.scale", "F32", ())),
        unicode_name=f.on_base(f.with_tensor("model.größe", "BF16", (4,))),
        copy_of_the_embedding=f.on_base(f.with_tensor("base_model.copy", "BF16", (128_256, 2048))),
        fsdp_flat_parameters=f.on_base(f.header(f.entries(_flat_param=T()), 4)),
    )
    yield from _error(
        "S3",
        feed_forward_widened=f.on_base(
            f.relay(
                lambda found: (
                    [
                        found[name].update(shape=[12288, 2048])
                        for name in found
                        if name.endswith("up_proj.weight")
                    ]
                    and None
                )
            )
        ),
    )
    yield from _ok(
        tied_head_stored=f.on_base(f.with_tensor("lm_head.weight", "BF16", (128_256, 2048))),
        vocabulary_resized_with_config=f.on_base(
            f.reshaped(EMBED, 128_264, 2048), f.config(vocab_size=128_264)
        ),
        float16=f.on_base(f.retyped("F16")),
    )


def _pop_matching(found: dict[str, object], prefix: str) -> None:
    for name in [name for name in found if name.startswith(prefix)]:
        del found[name]


def quantized() -> Iterator[Case]:
    """Quantized weights: Q1."""
    for method in ("gptq", "awq", "bitsandbytes", "compressed-tensors", "fp8", "mxfp4", "nonesuch"):
        build = f.on_base(f.config(quantization_config={"quant_method": method}))
        yield Case(f"config_says_{method}", build, "warn", "Q1")
        pickled = f.then(build, f.drop(f.WEIGHTS), f.hole("pytorch_model.bin", 4096, b"PK\x03\x04"))
        yield Case(f"config_of_pickles_says_{method}", pickled, "error", "Q1")
    yield from _warn(
        "Q1",
        config_without_method=f.on_base(f.config(quantization_config={"bits": 4})),
        method_a_list=f.on_base(f.config(quantization_config={"quant_method": ["gptq"]})),
        compression_config=f.on_base(f.config(compression_config={"quant_method": "x"})),
        maverick_that_was_unpacked=f.then(
            f.sample("llama-4-maverick-17b-128e"),
            f.config(quantization_config={"quant_method": "compressed-tensors"}),
        ),
    )
    yield from _error(
        "Q1",
        hf_quant_config=f.on_base(f.put("hf_quant_config.json", "{}")),
        quantize_config=f.on_base(f.put("quantize_config.json", "{}")),
        gptq_tensors=f.on_base(f.with_tensor("model.layers.0.self_attn.q_proj.qweight", "I32")),
        packed_tensors=f.on_base(f.with_tensor("model.layers.0.mlp.up_proj.weight_packed", "I32")),
        scale_tensors=f.on_base(
            f.with_tensor("model.layers.0.mlp.up_proj.weight_scale", "BF16", (1,))
        ),
        absmax_tensors=f.on_base(
            f.with_tensor("model.layers.0.mlp.up_proj.weight.absmax", "F32", (4,))
        ),
        int8_matrices=f.on_base(f.retyped("I8")),
        uint8_matrices=f.on_base(f.retyped("U8")),
        fp8_matrices=f.on_base(f.retyped("F8_E4M3")),
        deepseek_in_another_block=f.then(
            f.sample("gpt-oss-20b"),
            f.config(quantization_config={"quant_method": "fp8", "weight_block_size": [64, 64]}),
        ),
    )
    yield from _warn(
        "Q1",
        native_gpt_oss=f.sample("gpt-oss-20b"),
        float32=f.on_base(f.retyped("F32")),
    )


def code() -> Iterator[Case]:
    """What could run: X1."""
    template = "{% for m in messages %}{{ m.content }}{% endfor %}"
    yield from _ok(
        plain_template=f.on_base(f.put("chat_template.jinja", template)),
        namespace_template=f.on_base(
            f.put("chat_template.jinja", "{% set ns = namespace(x=1) %}{% set ns.x = 2 %}")
        ),
    )
    yield from _error(
        "X1",
        auto_map=f.on_base(f.config(auto_map={"AutoModel": "evil.Model"})),
        nested_auto_map=f.on_base(f.config(vision_tower={"auto_map": {"AutoModel": "evil.M"}})),
        auto_map_to_another_repository=f.on_base(
            f.config(auto_map={"AutoModel": "evil/repo--modeling.Model"})
        ),
        custom_pipelines=f.on_base(f.config(custom_pipelines={"x": {"impl": "evil.P"}})),
        python_file=f.on_base(f.put("modeling_llama.py", "import os")),
        remote_kernel=f.on_base(f.config(_attn_implementation="evil/kernel")),
        remote_kernel_internal=f.on_base(f.config(_attn_implementation_internal="evil:kernel")),
        nested_model_type=f.on_base(f.config(sub={"model_type": "../../evil"})),
        model_file=f.on_base(f.config(model_file={"a": 1})),
    )
    yield from _warn(
        "X1",
        template_with_dunder=f.on_base(f.put("chat_template.jinja", "{{ ''.__class__.__mro__ }}")),
        template_with_attr=f.on_base(
            f.put("chat_template.jinja", "{{ x|attr('y') }}{{ attr(x) }}")
        ),
        template_with_lipsum=f.on_base(
            f.tokenizer_config(chat_template="{{ lipsum.__globals__['os'].popen('id') }}")
        ),
        template_with_cycler=f.on_base(f.tokenizer_config(chat_template="{{ cycler.x }}")),
        template_in_a_list=f.on_base(
            f.tokenizer_config(chat_template=[{"name": "x", "template": "{{ joiner() }}"}])
        ),
        template_with_huge_loop=f.on_base(
            f.put("chat_template.jinja", "{% for i in range(100000000) %}{% endfor %}")
        ),
        template_with_two_argument_loop=f.on_base(
            f.put("chat_template.jinja", "{% for i in range(0, 99999999) %}{% endfor %}")
        ),
        template_over_1_mb=f.on_base(f.hole("chat_template.jinja", 1_000_001)),
        template_in_json=f.on_base(
            f.put("chat_template.json", '{"chat_template": "{{ x.__init__ }}"}')
        ),
        tokenizer_auto_map=f.on_base(f.tokenizer_config(auto_map={"AutoTokenizer": ["a.B", None]})),
        huge_tokenizer=f.on_base(f.put("tokenizer.json", b"{" + b" " * 65_000_000 + b"}")),
    )


def models() -> Iterator[Case]:
    """Base models that the table does not have: M1."""
    yield from _warn(
        "M1",
        llama_3_8b=f.then(f.sample("llama-3.1-8b"), f.config(rope_scaling=None)),
        mistral_v03=f.then(
            f.sample("mistral-7b-v0.1"), f.config(rope_theta=1000000.0, sliding_window=None)
        ),
        phi_4=f.then(f.sample("phi-4-reasoning"), f.config(rope_theta=250000)),
        unknown_type=f.on_base(f.config(model_type="mamba2")),
    )


ALL = [
    *folders(),
    *headers(),
    *indexes(),
    *tensors(),
    *quantized(),
    *code(),
    *models(),
]
