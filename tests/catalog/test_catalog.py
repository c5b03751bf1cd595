"""The catalog's facts agree with each other, and lookups help."""

import msgspec
import pytest

from vertex_custom_weights_provider import catalog, samples
from vertex_custom_weights_provider.catalog import consistency
from vertex_custom_weights_provider.catalog.page import NoTableError, differences, names_on_page

AMBIGUOUS = [
    {"gemma-3-4b", "medgemma-4b", "medgemma-1.5-4b"},
    {"llama-3.1-70b", "llama-3.3-70b"},
    {"qwen2-1.5b", "qwen2.5-1.5b"},
    {"deepseek-r1", "deepseek-v3", "deepseek-v3.1"},
    {"qwen3-next-80b-a3b-instruct", "qwen3-next-80b-a3b-thinking"},
]
ALL_MODELS = [row.id for row in catalog.models()]


def expected_set(model_id):
    return next((group for group in AMBIGUOUS if model_id in group), {model_id})


def recognised(config):
    return {row.id for row in catalog.identify(catalog.read_config(config)).rows}


def test_catalog_has_all_documented_models():
    assert len(ALL_MODELS) == 51
    named = {
        page.id: [r for r in catalog.models() if page.id in r.lists] for page in catalog.lists()
    }
    assert {page: len(rows) for page, rows in named.items()} == {"custom-weights": 45, "tuning": 22}


@pytest.mark.parametrize("model_id", ALL_MODELS)
def test_published_config_is_recognised(model_id):
    found = recognised(samples.config_of(model_id))
    assert found == expected_set(model_id)


@pytest.mark.parametrize("model_id", ALL_MODELS)
def test_resaved_config_is_recognised_alike(model_id):
    config = samples.config_of(model_id)
    assert recognised(samples.resaved(config)) == recognised(config)


@pytest.mark.parametrize("model_id", ALL_MODELS)
def test_resized_vocabulary_does_not_change_recognition(model_id):
    config = samples.config_of(model_id)
    before = recognised(config)
    if model_id == "medgemma-27b-text":
        before = {"gemma-3-27b", "medgemma-27b-text"}
    inner = config.get("text_config", config)
    inner["vocab_size"] = catalog.model(model_id).vocab + 17
    inner["max_position_embeddings"] = 999
    assert recognised(config) == before


def test_text_only_save_of_gemma_3_27b_stays_ambiguous():
    text = samples.config_of("gemma-3-27b")["text_config"]
    assert recognised(text) == {"gemma-3-27b", "medgemma-27b-text"}


@pytest.mark.parametrize(
    ("model_id", "change"),
    [
        ("llama-3.1-8b", {"rope_scaling": None}),
        ("llama-3.1-70b", {"rope_scaling": None, "vocab_size": 32000}),
        ("mistral-7b-v0.1", {"rope_theta": 1000000.0, "sliding_window": None}),
        ("phi-4-reasoning", {"rope_theta": 250000}),
        ("qwen3-8b", {"num_hidden_layers": 40}),
        ("qwen2.5-7b", {"num_attention_heads": "28"}),
    ],
)
def test_near_miss_is_not_taken_for_a_listed_model(model_id, change):
    assert recognised({**samples.config_of(model_id), **change}) == set()


@pytest.mark.parametrize("nonsense", [{}, {"text_config": 3}, {"model_type": ["llama"]}])
def test_nonsense_is_recognised_as_nothing(nonsense):
    assert recognised(nonsense) == set()


def test_every_machine_carries_accelerators_of_the_catalog():
    known = {row.id for row in catalog.accelerators()}
    for machine in catalog.machines():
        named = {machine.accelerator} - {None} | set(machine.attachable or ())
        assert named <= known
        assert named or machine.tpu


def test_every_quota_region_is_a_region():
    known = {row.id for row in catalog.regions()}
    for row in [*catalog.accelerators(), *catalog.tpus()]:
        assert set(row.default_quota) <= known


def test_every_price_says_how_sure_it_is():
    words = {"sourced", "derived", "estimate", "uncertain", "unknown"}
    for machine in catalog.machines():
        assert machine.price_confidence in words
        assert machine.price_source
        assert (machine.usd_per_hour is None) == (machine.price_confidence == "unknown")


def test_accelerators_carry_the_numbers_of_the_api():
    for row in catalog.accelerators():
        assert catalog.accelerator_names()[row.id] == row.number


def test_tensor_parallel_sizes_follow_from_the_heads():
    for row in catalog.models():
        heads, kv = row.shape.heads, row.shape.kv_heads
        valid = tuple(
            n for n in (1, 2, 4, 8, 16) if heads % n == 0 and (kv % n == 0 or n % kv == 0)
        )
        assert row.tensor_parallel == valid


@pytest.mark.parametrize(
    ("lookup", "wrong", "meant"),
    [
        (catalog.machine, "g2-standard-13", "g2-standard-12"),
        (catalog.accelerator, "NVIDIA_H100", "NVIDIA_H100_80GB"),
        (catalog.region, "us-centrall1", "us-central1"),
        (catalog.model, "gemma-3-4b-itt", "gemma-3-4b"),
    ],
)
def test_unknown_name_says_what_was_meant(lookup, wrong, meant):
    with pytest.raises(LookupError, match=f"Did you mean .*{meant}"):
        lookup(wrong)


def test_replicas_on_half_a_machine_share_it():
    machine = catalog.machine("a3-highgpu-8g")
    assert machine.usd_per_hour is not None
    assert machine.usd_for(2, 4) == machine.usd_per_hour
    assert machine.usd_for(3, 4) == machine.usd_per_hour * 2
    assert machine.usd_for(2, 5) == machine.usd_per_hour * 2


def test_bucket_in_the_multi_region_is_near():
    assert catalog.region("us-central1").holds("US")
    assert not catalog.region("europe-west2").holds("EU")


def test_catalog_agrees_with_itself():
    assert list(consistency.problems()) == []


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"bf16_bytes": 1}, "not twice the parameters"),
        ({"tensor_parallel": (1, 3)}, "do not follow from"),
        ({"name": "Gemma-2 9B"}, "its name leads to gemma-2-9b"),
        ({"published_specs": ("g9-standard-1/L4x1",)}, "is not in the catalog"),
        ({"default_machine": "n1-standard-8"}, "has no GPU of the catalog"),
        ({"tensor_parallel": (2, 4)}, "cannot be split over the GPUs of its default"),
        ({"native_bytes": 5}, "go together"),
        (
            {"vocab": 1, "shape": catalog.Shape("llama", 1, 2, 3, 4, 4, None)},
            "recognised as nothing",
        ),
    ],
)
def test_contradiction_in_a_row_is_found(monkeypatch, change, complaint):
    broken = msgspec.structs.replace(catalog.model("llama-3.1-8b"), **change)
    monkeypatch.setattr(consistency, "models", lambda: (broken,))
    assert any(complaint in problem for problem in consistency.problems())


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"usd_per_hour": None}, "exactly when it is not unknown"),
        ({"price_confidence": "guessed"}, "no price confidence"),
        ({"accelerator": "NVIDIA_L5"}, "not in the catalog"),
        ({"accelerator": None}, "neither GPUs nor TPUs"),
    ],
)
def test_contradiction_in_a_machine_is_found(monkeypatch, change, complaint):
    broken = msgspec.structs.replace(catalog.machine("g2-standard-12"), **change)
    monkeypatch.setattr(consistency, "machines", lambda: (broken, catalog.machine("g2-standard-8")))
    assert any(complaint in problem for problem in consistency.problems())


MARKDOWN = """
| **Model name** | **Version** |
|---|---|
| Llama | - Llama-2: 7B, 13B - Llama-3.1: 8B, 70B - Llama-3.2: 1B, 3B - Llama-4: Scout-17B, Maverick-17B - CodeLlama-13B |
| Gemma | - Gemma-2: 9B, 27B - Gemma-3: 1B, 4B, 3-12B, 27B - Gemma-4: 26B-A4B-it, 31B-it, E2B-it, E4B-it - Medgemma: 4B, 27B-text |
| Qwen | - Qwen2: 1.5B - Qwen2.5: 0.5B, 1.5B, 7B, 32B - Qwen3: 0.6B, 1.7B, 4B, 8B, 32B, Qwen3-Coder-480B-A35B-Instruct, Qwen3-Next-80B-A3B-Instruct, Qwen3-Next-80B-A3B-Thinking, Qwen3-VL-8B-Instruct - Qwen3.5: 9B |
| Deepseek | - Deepseek-R1 - Deepseek-V3 - DeepSeek-V3.1 |
| Mistral and Mixtral | - Mistral-7B-v0.1 - Mixtral-8x7B-v0.1 - Mistral-Nemo-Base-2407 |
| Phi-4 | - Phi-4-reasoning |
| OpenAI OSS | - gpt-oss: 20B, 120B |

### Model files

| **Model file content** | **File type** |
|---|---|
| Model configuration | - `config.json` |
"""  # noqa: E501 - the table of the page, as it was on 2026-12-01


def as_html(markdown: str) -> str:
    rows = [line.strip("| ").split(" | ") for line in markdown.splitlines() if line.startswith("|")]
    cells = [[c.strip("* ").removeprefix("- ").split(" - ") for c in row] for row in rows]
    body = "".join(
        f"<tr><td>{row[0][0]}</td><td><ul>{''.join(f'<li>{i}</li>' for i in row[1])}</ul></td></tr>"
        for row in cells
        if "---" not in row[0][0]
    )
    return f"<!DOCTYPE html><html><body><p>Llama-9: 1B</p><table>{body}</table></body></html>"


@pytest.mark.parametrize("page", [MARKDOWN, as_html(MARKDOWN)], ids=["markdown", "html"])
def test_saved_page_of_google_names_the_models_of_the_catalog(page):
    assert len(names_on_page(page)) == 45
    assert list(differences(page)) == []


@pytest.mark.parametrize("form", [str, as_html], ids=["markdown", "html"])
def test_page_that_has_changed_is_told_model_by_model(form):
    page = form(MARKDOWN.replace("Qwen3.5: 9B", "Qwen3.5: 9B, 27B").replace(" - DeepSeek-V3.1", ""))
    assert list(differences(page)) == [
        "Qwen3.5 27B is on the page, and not in the catalog.",
        "DeepSeek-V3.1 (deepseek-v3.1) is in the catalog, and not on the page.",
    ]


@pytest.mark.parametrize("page", ["", "<html><body>Sign in</body></html>", "| a | b |", "<table>"])
def test_what_is_no_copy_of_the_page_is_refused(page):
    with pytest.raises(NoTableError):
        list(differences(page))
