"""The rules of preflight: findings take their id from here, docs/preflight.md its text.

A finding names its rule; it never spells an id. A rule lists each severity that its findings can
have, and what earns it; `tools/preflight_rules.py` writes the page, and a test compares the table
with the calls that make findings.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Severity = Literal["error", "warn", "info"]


class Rule(msgspec.Struct, frozen=True):
    """One rule of preflight.

    Attributes:
        id: Stable short name, such as `F2`: what findings, `--json` and the report carry.
        title: What must be so, one sentence.
        error: What is an error, in Markdown; empty when nothing is.
        warn: What is a warning.
        info: What is said in reports only.
        more: Background that a reader of the page may want.
    """

    id: str
    title: str
    error: str = ""
    warn: str = ""
    info: str = ""
    more: str = ""

    @property
    def severities(self) -> tuple[Severity, ...]:
        """The severities that findings of this rule can have, the worst first."""
        every: dict[Severity, str] = {"error": self.error, "warn": self.warn, "info": self.info}
        return tuple(severity for severity, when in every.items() if when)

    @property
    def anchor(self) -> str:
        """Where the rule is explained."""
        return f"docs/preflight.md#{self.id.lower()}"


F1 = Rule(
    "F1",
    "The folder can be read.",
    error="the bucket or folder does not exist, the address is a file, files are stored with "
    "`Content-Encoding: gzip`.",
    warn="you may not list it (which takes `storage.objects.list` and `storage.objects.get`), an "
    "object changed while it was read, the folder holds more than 20,000 objects, the bucket is "
    "far from the endpoint's region.",
)
F2 = Rule(
    "F2",
    "`config.json` describes a language model.",
    error="it is not there, is no JSON object of at most 1 MB without duplicate keys, or lacks the "
    "numbers that describe a language model.",
    warn="no `architectures`, a class that does not generate text, a class of another type than "
    "`model_type`, no `vocab_size`; `rope_parameters` without `rope_theta` and `rope_scaling`, "
    "where an older reader's defaults are others; Gemma in float16.",
    more="transformers 5 writes `rope_parameters` alone, and a server with a version before reads "
    "it as nothing, without an error. Which version Google's containers have is not known; with "
    "both spellings in the file all of them read it.",
)
F3 = Rule(
    "F3",
    "There are weights that serving loads: `*.safetensors`, or `*.bin`.",
    error="there are none; `*.safetensors` that are not the model's, beside weights without a "
    "`model.safetensors.index.json`: serving loads all of them then. What looks like weights and "
    "is not gets a message of its own: git-LFS pointers, GGUF, LoRA adapters without their base "
    "model, Meta's and Mistral's own formats, FSDP and DeepSpeed training state.",
    warn="`*.bin`, because loading a pickle runs code and its shapes cannot be checked; 1 GB or "
    "more of files that serving does not read, whatever their names: replicas download them.",
)
F4 = Rule(
    "F4",
    "There is a tokenizer, and it is the model's.",
    error="neither `tokenizer.json` nor `tokenizer.model` is there, nor `vocab.json` with "
    "`merges.txt`; one is empty; `tokenizer.json` is cut off or a web page; "
    "`tokenizer_config.json` is no JSON.",
    warn="`vocab.json` and `merges.txt` without `tokenizer.json`; no `tokenizer_config.json`; no "
    "`preprocessor_config.json` beside a multimodal model; `generation_config.json`, "
    "`special_tokens_map.json` or `added_tokens.json` that is no JSON; tokens beyond `vocab_size` "
    "in `tokenizer.json`, `tokenizer_config.json` or `added_tokens.json`; `eos_token_id`, "
    "`pad_token_id` or `bos_token_id` beyond it; the class `TokenizersBackend`, which transformers "
    "before 5 does not have, of a model that it does.",
    info="no chat template, which base models do not have: chat completions are answered 400.",
    more="Of a `tokenizer.json` over 64 kB the last kilobyte is read, and the first 64 kB where no "
    "other file names the tokens that were added.",
)
S1 = Rule(
    "S1",
    "Every safetensors file has a valid header that describes exactly the bytes that follow it.",
    error="it has not, as after an upload that was cut off; a header over 16 MB.",
    warn="a header describes tensors with fields that the format does not know.",
    more="Stricter than the reference library in two points that the format asks for: no duplicate "
    "tensor names, nothing before the opening brace.",
)
S2 = Rule(
    "S2",
    "All shards are there, and every tensor is where the index says and nowhere else.",
    error="it is not; a file name in the index that is no plain name of this folder; an index of "
    "over 32 MB.",
    warn="shards of several checkpoints side by side; tensors that the index leaves out; a total "
    "that is not that of the shards.",
)
S3 = Rule(
    "S3",
    "The tensors are exactly those of the model that `config.json` describes.",
    error="one is missing, has no place in the model, has another shape, holds nothing, or is "
    "stored twice: loading fails, or serving starts with weights that are not yours. Told by kind, "
    "with numbers and an example.",
    warn="of what serving does without, such as multi-token prediction, a part is missing.",
    more="Each architecture of the catalog is declared with all its tensors, their shapes as "
    "formulas over `config.json`, and the spellings that serving takes: as published, and as "
    "transformers 4 and 5 save it. Of any other `model_type` nothing is said. The usual faults of "
    "fine-tuning show here: a resized vocabulary without the new `config.json`, an adapter that "
    "was not merged, names under a wrapper's prefix, a merge that lost layers, a lost bias, "
    "training shards instead of the whole model.",
)
Q1 = Rule(
    "Q1",
    "Weights are not quantized: Model Garden documents that custom weights may not be.",
    error="they are.",
    warn="DeepSeek in its native FP8 and gpt-oss in its native MXFP4, because they ship in no "
    "other form and the documentation does not mention them (tensors quantized in any other way "
    "are refused there too); a `quantization_config` over plain tensors; float32.",
    info="native quantization that the service, asked with recommendSpec, accepts.",
)
M1 = Rule(
    "M1",
    "The base model is one of the documented ones.",
    error="weights of another family than a component of one serves (`family`); with `--strict`, "
    "whatever is a warning.",
    warn="an unlisted one (the nearest is named), stated or found; weights of another than is "
    "stated (`baseModel`, `base_model` of components, `vcw preflight --base-model llama-3.1-8b`). "
    "Models of the stated one's shape that the table does not name, such as Llama-3 8B where "
    "`llama-3.1-8b` is stated, are not.",
    info="several documented models have this configuration; doubts about a model that the service "
    "accepts.",
    more="A model is recognised by the shape of its decoder, whatever was done to context or the "
    "spelling of keys, or where a few tokens were added. Another class, a decoder that stands "
    "inside a model of another type (LLaVA, Pixtral, PaliGemma), a vocabulary more than 5 % off, "
    "and rotary parameters of another model tell what only looks alike. Models that nothing in "
    "their configuration separates are named as a set, those that are not documented too: "
    "Gemma-3 4B and MedGemma 4B, DeepSeek R1, V3 and V3.1, Qwen2.5 7B and Qwen2 7B and the "
    "R1 distills.",
)
C1 = Rule(
    "C1",
    "Machine type, accelerator type and count exist, go together, and are given all or none. The "
    "region exists.",
    error="they do not, or are not.",
    warn="a machine type that Model Garden does not document for models of one's own; an "
    "accelerator that does not compute in the type of the weights.",
)
C2 = Rule(
    "C2",
    "The attention heads can be split over the accelerators: vLLM refuses to start otherwise.",
    error="they cannot. Phi-4, with its 10 key-value heads, runs on 1 or 2 accelerators and never "
    "on 4.",
    warn="the same for models that Google serves with another container.",
)
C3 = Rule(
    "C3",
    "The model fits into accelerator memory, and its swap space into the host's.",
    error="weights and cache alone do not fit. The message names the cheapest machines that do.",
    warn="with the estimated overhead it needs over 95 % of the budget; 16 GiB of swap space for "
    "each accelerator, which the containers of Google's notebooks ask for, are over 70 % of the "
    "machine's memory, where vLLM refuses to start.",
    more="""\
    need a GPU = weights / count + cache of one 8k sequence / min(count, kv heads) + 1.5 to 3.5 GiB
    budget     = usable memory x 0.90

The overhead is an estimate. No cache is planned for more tokens than `max_position_embeddings`.""",
)
C4 = Rule(
    "C4",
    "The region offers the accelerator, and quota allows for it: max replicas x accelerators.",
    warn="it does not. Spot capacity has quota of its own. Without permission to read your quota, "
    "the published defaults are used, and said to be defaults.",
)
C5 = Rule(
    "C5",
    "The price an hour is said.",
    info="always: floor (min replicas) to ceiling (max replicas), with the confidence and the date "
    "of the price. Endpoints are billed while idle.",
)
X1 = Rule(
    "X1",
    "Nothing in the folder could make a container run code.",
    error="`auto_map`, `custom_pipelines`, Python files (except where the published checkpoint has "
    "them, as DeepSeek's does), attention kernels fetched from elsewhere (CVE-2026-4372), model "
    "types that are paths.",
    warn="Python files where the published checkpoint has some; chat templates that reach for "
    "Python's insides, or loop a million times (CVE-2026-5760; the scan is advisory); tokens that "
    "`tokenizer_config.json` adds beyond `vocab_size`: a request that holds them fails.",
    info="an `auto_map` as the published `config.json` has it, naming no other repository.",
)
G1 = Rule(
    "G1",
    "The service, asked with recommendSpec, takes the folder for the same model.",
    error="it refuses the folder.",
    warn="it takes it for another model.",
)

RULES = {rule.id: rule for rule in (F1, F2, F3, F4, S1, S2, S3, Q1, M1, C1, C2, C3, C4, C5, X1, G1)}
