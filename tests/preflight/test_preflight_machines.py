"""Machine checks and advice: triples, tensor parallelism, memory, quota, price."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from vertex_custom_weights_provider import catalog, samples
from vertex_custom_weights_provider.preflight import QuotaState, Request, examine
from vertex_custom_weights_provider.preflight.deployment.machine_options import (
    fits,
    machine_options,
)
from vertex_custom_weights_provider.preflight.deployment.memory import (
    BORDERLINE,
    Footprint,
    budget_gib,
)
from vertex_custom_weights_provider.storage import LocalSource

COLUMNS = (
    "NVIDIA_L4",
    "NVIDIA_TESLA_A100",
    "NVIDIA_H100_80GB",
    "NVIDIA_RTX_PRO_6000",
    "NVIDIA_H200_141GB",
    "NVIDIA_B200",
)
# Fewest accelerators at 8k context; * within five percent of the limit; - no machine.
TABLE = {
    "1 1 1 1 1 1": "llama-2-7b llama-3.1-8b llama-3.2-1b llama-3.2-3b gemma-3-1b gemma-3-4b "
    "medgemma-4b qwen2-1.5b qwen2.5-0.5b qwen2.5-1.5b qwen2.5-7b qwen3-0.6b qwen3-1.7b qwen3-8b "
    "mistral-7b-v0.1 gpt-oss-20b:native gemma-4-e2b gemma-4-e4b medgemma-1.5-4b qwen3-4b",
    "2 1 1 1 1 1": "llama-2-13b codellama-13b gemma-2-9b gemma-3-12b mistral-nemo-base-2407 "
    "phi-4-reasoning qwen3-14b qwen3-vl-8b qwen3.5-9b",
    "8* 8 2* 2 2 1": "llama-3.1-70b llama-3.3-70b",
    "- 8 4 4 2 2": "llama-4-scout-17b-16e gpt-oss-120b",
    "- - - - 8 8": "llama-4-maverick-17b-128e qwen3-coder-480b-a35b",
    "4 2 1 1 1 1": "gemma-2-27b gemma-3-27b medgemma-27b-text gpt-oss-20b gpt-oss-120b:native "
    "gemma-4-26b-a4b qwen3.6-27b glm-4.7-flash",
    "8 4 1* 1 1 1": "gemma-4-31b qwen3.6-35b-a3b",
    "4 2* 1 1 1 1": "qwen2.5-32b qwen3-32b",
    "- 8 4 2 2 1": "qwen3-next-80b-a3b-instruct qwen3-next-80b-a3b-thinking",
    "- - - - - 8*": "deepseek-r1 deepseek-v3 deepseek-v3.1",
    "- - - 8* 8 4*": "deepseek-r1:native deepseek-v3:native deepseek-v3.1:native",
    "8 4 2 2 1 1": "mixtral-8x7b-v0.1",
}
ROWS = [(name, counts) for counts, names in TABLE.items() for name in names.split()]


def footprint(name: str) -> Footprint:
    model_id, _, form = name.partition(":")
    row = catalog.model(model_id)
    size = row.native_bytes if form else row.bf16_bytes
    assert size is not None
    return Footprint(
        size, row.attention, row.shape.heads, row.shape.kv_heads, row.multimodal, 8192, bool(form)
    )


def fewest(need: Footprint, accelerator: catalog.Accelerator) -> str:
    sold = max(m.count for m in catalog.machines() if m.accelerator == accelerator.id)
    for count in (1, 2, 4, 8, 16):
        if count <= sold and fits(need, accelerator, count):
            close = need.need_gib(count) > BORDERLINE * budget_gib(accelerator)
            return f"{count}*" if close else str(count)
    return "-"


def test_table_covers_every_model():
    assert {name.partition(":")[0] for name, _ in ROWS} == {m.id for m in catalog.models()}


@pytest.mark.parametrize(("name", "counts"), ROWS, ids=[name for name, _ in ROWS])
def test_fewest_accelerators_are_those_of_the_documented_table(name, counts):
    need = footprint(name)
    assert [fewest(need, catalog.accelerator(c)) for c in COLUMNS] == counts.split()
    assert fewest(need, catalog.accelerator("NVIDIA_A100_80GB")) == counts.split()[2]


@pytest.mark.parametrize(("name", "counts"), ROWS, ids=[name for name, _ in ROWS])
def test_every_option_is_a_valid_triple_that_vllm_accepts(name, counts):
    model = catalog.model(name.partition(":")[0])
    for option in machine_options(footprint(name), "us-central1"):
        machine = catalog.machine(option.machine_type)
        assert option.accelerator_count in machine.counts(option.accelerator_type)
        assert option.accelerator_count in model.tensor_parallel
        assert option.need_gib <= option.budget_gib


def test_part_of_a_machine_is_offered_only_where_no_smaller_one_is_sold():
    options = machine_options(footprint("llama-3.1-8b"), None)
    parts = {o.accelerator_type for o in options if "8g" in o.machine_type}
    whole = {o.machine_type: o.accelerator_count for o in options if "standard" in o.machine_type}
    assert {o.accelerator_count for o in options if o.accelerator_type == "NVIDIA_B200"} == {
        1,
        2,
        4,
        8,
    }
    assert "NVIDIA_B200" in parts
    assert all(catalog.machine(name).count == count for name, count in whole.items())


def test_options_come_cheapest_first():
    options = machine_options(footprint("llama-3.1-8b"), None)
    prices = [o.usd_per_hour for o in options if o.usd_per_hour is not None]
    assert prices == sorted(prices)
    assert options[0].machine_type.startswith("g2-standard")


def test_machine_the_region_does_not_offer_comes_last():
    options = machine_options(footprint("llama-3.1-8b"), "us-east5")
    assert [o.offered for o in options] == sorted((o.offered for o in options), reverse=True)
    assert options[0].accelerator_type == "NVIDIA_H100_80GB"


@pytest.fixture(scope="module")
def llama(tmp_path_factory):
    folder = tmp_path_factory.mktemp("llama-3.1-8b")
    samples.write("llama-3.1-8b", folder)
    return LocalSource(folder)


@pytest.fixture(scope="module")
def phi(tmp_path_factory):
    folder = tmp_path_factory.mktemp("phi-4")
    samples.write("phi-4-reasoning", folder)
    return LocalSource(folder)


def found(source, **request):
    report = examine(source, Request(**request))
    return {(f.id, f.severity, f.path.rpartition(".")[2]) for f in report.findings if f.id != "C5"}


def spec(machine_type=None, accelerator_type=None, accelerator_count=None, **more):
    return {
        "machine_type": machine_type,
        "accelerator_type": accelerator_type,
        "accelerator_count": accelerator_count,
        **more,
    }


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (spec(), set()),
        (spec("g2-standard-12", "NVIDIA_L4", 1, location="us-central1"), set()),
        (
            spec("g2-standard-12"),
            {("C1", "error", "acceleratorType"), ("C1", "error", "acceleratorCount")},
        ),
        (spec("g2-standard-12", "NVIDIA_L4"), {("C1", "error", "acceleratorCount")}),
        (spec("g2-standard-12", None, 1), {("C1", "error", "acceleratorType")}),
        (spec(None, "NVIDIA_L4", 1), {("C1", "error", "machineType")}),
        (spec("g2-standard-13", "NVIDIA_L4", 1), {("C1", "error", "machineType")}),
        (spec("g2-standard-12", "NVIDIA_L44", 1), {("C1", "error", "acceleratorType")}),
        (spec("g2-standard-12", "NVIDIA_H100_80GB", 1), {("C1", "error", "acceleratorType")}),
        (spec("g2-standard-12", "NVIDIA_L4", 2), {("C1", "error", "acceleratorCount")}),
        (spec("g2-standard-12", "NVIDIA_L4", 0), {("C1", "error", "acceleratorCount")}),
        (spec("a3-highgpu-8g", "NVIDIA_H100_80GB", 3), {("C2", "error", "acceleratorCount")}),
        (spec("ct5lp-hightpu-1t", "NVIDIA_L4", 1), {("C1", "error", "acceleratorType")}),
        (spec("ct5lp-hightpu-1t"), set()),
        (spec(location="us-centrall1"), {("C1", "error", "location")}),
        (
            spec("g2-standard-12", "NVIDIA_L4", 1, location="us-east5"),
            {("C4", "warn", "location")},
        ),
        (
            spec("a3-ultragpu-8g", "NVIDIA_H200_141GB", 8, location="us-central1"),
            {("C4", "warn", "maxReplicaCount")},
        ),
        (
            spec("g2-standard-12", "NVIDIA_L4", 1, location="us-central1", max_replicas=29),
            {("C4", "warn", "maxReplicaCount")},
        ),
        (
            spec(
                "g2-standard-12", "NVIDIA_L4", 1, location="us-central1", max_replicas=29, spot=True
            ),
            set(),
        ),
        (
            spec("a4x-highgpu-4g", "NVIDIA_GB200", 4, min_replicas=1),
            {("C1", "error", "minReplicaCount")},
        ),
        (
            spec("a4x-highgpu-4g", "NVIDIA_GB200", 4, min_replicas=0),
            {("C1", "error", "minReplicaCount")},
        ),
    ],
)
def test_request_is_judged_by_property(llama, request_, expected):
    twins = ("M1", "info", "gcsUri")  # of the weights, whatever they are to run on
    assert found(llama, **request_) - {twins} == expected


# 70 % of the host's memory is the most that vLLM takes for swap space, of which Google's notebooks
# ask 16 GiB (17.2 GB) for each accelerator: 11.2 of 16 GB, 22.4 of 32, 67.2 of 96, 134.4 of 192.
@pytest.mark.parametrize(
    ("machine", "count", "warned"),
    [
        ("g2-standard-4", 1, True),
        ("g2-standard-8", 1, False),
        ("g2-standard-24", 2, False),
        ("g2-standard-48", 4, False),
        ("a2-highgpu-1g", 1, False),
    ],
)
def test_swap_space_is_held_against_the_memory_of_the_host(llama, machine, count, warned):
    kind = catalog.machine(machine).accelerator
    report = examine(llama, Request(machine, kind, count))
    said = [f for f in report.findings if "swap space" in f.message]
    assert [(f.id, f.severity) for f in said] == [("C3", "warn")] * warned
    for finding in said:
        instead = re.findall(r"[a-z0-9]+-[a-z]+-\w+", finding.message.partition("Choose")[2])
        assert instead
        assert machine not in instead


def llama_with(folder: Path, **changes: object) -> LocalSource:
    """Llama-3.1 8B with other words in its config.json."""
    samples.write("llama-3.1-8b", folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **changes}))
    return LocalSource(folder)


def needed(source: LocalSource, tokens: int) -> float:
    """What one H100 has to hold, by the machine options."""
    options = examine(source, Request(context_tokens=tokens)).machines
    return next(o.need_gib for o in options if o.accelerator_type == "NVIDIA_H100_80GB")


def test_no_cache_is_planned_for_more_tokens_than_the_model_reads(llama, tmp_path):
    short = llama_with(tmp_path / "short", max_position_embeddings=2048)
    assert needed(short, 2048) == needed(llama, 2048)
    assert needed(short, 131_072) == needed(short, 2048) < needed(llama, 131_072)
    # YaRN reads more than that.
    yarn = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 2048}
    stretched = llama_with(tmp_path / "yarn", max_position_embeddings=2048, rope_scaling=yarn)
    assert needed(stretched, 131_072) == needed(llama, 131_072)


@pytest.mark.parametrize(("dtype", "warned"), [("bfloat16", True), ("float16", False)])
def test_a_t4_computes_in_float16_and_not_in_bfloat16(tmp_path, dtype, warned):
    source = llama_with(tmp_path, torch_dtype=dtype)
    report = examine(source, Request("n1-standard-8", "NVIDIA_TESLA_T4", 1))
    said = [f for f in report.findings if f.id == "C1"]
    assert [f.severity for f in said if "bfloat16" in f.message] == ["warn"] * warned
    assert not any("bfloat16" in f.message for f in report.findings if dtype == "float16")


@pytest.mark.parametrize("count", [4, 8])
def test_phi_4_cannot_be_split_over_four(phi, count):
    request = spec("g2-standard-96", "NVIDIA_L4", count)
    assert ("C2", "error", "acceleratorCount") in found(phi, **request)


def test_model_far_too_large_for_the_accelerator_is_an_error(phi):
    request = spec("g2-standard-12", "NVIDIA_L4", 1)
    assert ("C3", "error", "machineType") in found(phi, **request)


def test_longer_context_needs_more_memory(llama):
    request = spec("g2-standard-12", "NVIDIA_L4", 1)
    assert ("C3", "error", "machineType") in found(llama, **request, context_tokens=131072)


def test_message_about_memory_names_a_machine_that_fits(phi):
    report = examine(phi, Request("g2-standard-12", "NVIDIA_L4", 1))
    (message,) = [f.message for f in report.findings if f.id == "C3"]
    assert "Choose g2-standard-24 with 2 NVIDIA_L4" in message


def test_known_quota_decides_over_the_default(llama):
    request = Request("g2-standard-12", "NVIDIA_L4", 1, "us-central1", 1, 4)
    plenty = examine(llama, request, quota=lambda *_: QuotaState(100, 10))
    used_up = examine(llama, request, quota=lambda *_: QuotaState(4, 2))
    too_low = examine(llama, request, quota=lambda *_: QuotaState(3, None))
    unknown = examine(llama, request, quota=lambda *_: None)
    assert [r.verdict for r in (plenty, used_up, too_low, unknown)] == ["ok", "warn", "warn", "ok"]
    assert plenty.quota is not None
    assert (plenty.quota.needed, plenty.quota.limit, plenty.quota.usage) == (4, 100, 10)


def test_spot_draws_on_a_quota_of_its_own(llama):
    report = examine(llama, Request("g2-standard-12", "NVIDIA_L4", 1, "us-central1", spot=True))
    assert report.quota is not None
    assert report.quota.metric.endswith("custom_model_serving_preemptible_nvidia_l4_gpus")


def test_cost_has_a_floor_and_a_ceiling(llama):
    report = examine(llama, Request("g2-standard-12", "NVIDIA_L4", 1, "us-central1", 1, 4))
    assert report.cost is not None
    assert (report.cost.floor_usd_per_hour, report.cost.ceiling_usd_per_hour) == (1.15, 4.6)


def test_scale_to_zero_costs_nothing_at_least(llama):
    report = examine(llama, Request("g2-standard-12", "NVIDIA_L4", 1, min_replicas=0))
    assert report.cost is not None
    assert report.cost.floor_usd_per_hour == 0
    (message,) = [f.message for f in report.findings if f.id == "C5"]
    assert "nothing while scaled to zero" in message
    assert report.verdict == "ok"


def test_unknown_price_is_unknown_not_zero(llama):
    assert examine(llama, Request("a4-highgpu-8g", "NVIDIA_B200", 8)).cost is None


def test_ten_bad_endpoints_list_every_finding_by_property(phi):
    requests = [
        spec("g2-standard-13", "NVIDIA_L4", n, location="us-centrall1") for n in range(1, 11)
    ]
    for request in requests:
        assert found(phi, **request) >= {
            ("C1", "error", "machineType"),
            ("C1", "error", "location"),
        }


SPOT_ONLY = ("a3-highgpu-1g", "a3-highgpu-2g", "a3-highgpu-4g")


def ranked(row: catalog.Model) -> list[str]:
    """Return the machines that hold the model as it is published, by the data's own rule."""
    roomy = [
        (option.usd_per_hour * (1.15 if option.price_confidence == "uncertain" else 1), machine.id)
        for option in machine_options(
            footprint(f"{row.id}{':native' * bool(row.native_bytes)}"), None
        )
        if (machine := catalog.machine(option.machine_type)).count == option.accelerator_count
        and option.usd_per_hour is not None
        and not option.borderline
        and machine.id not in SPOT_ONLY
    ]
    return [name for _, name in sorted(roomy)]


@pytest.mark.parametrize("row", catalog.models(), ids=lambda row: row.id)
def test_default_machine_is_the_cheapest_published_one_that_fits_or_the_cheapest_of_all(row):
    machines = ranked(row)
    published = [m for m in machines if any(s.startswith(f"{m}/") for s in row.published_specs)]

    assert row.default_machine == (published or machines)[0]
