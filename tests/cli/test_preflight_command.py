"""`vcw preflight` and `vcw catalog`, as people and programs use them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vertex_custom_weights_provider import samples
from vertex_custom_weights_provider.cli import pulumi_cli
from vertex_custom_weights_provider.cli.main import app


def vcw(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bucket") / "llama"
    samples.write("llama-3.2-1b", folder)
    return folder


def test_good_folder_exits_0_and_names_the_model(weights):
    result = vcw("preflight", str(weights))
    assert result.exit_code == 0
    assert "Llama-3.2 1B" in result.output
    assert "g2-standard" in result.output


def test_bad_machine_exits_1_and_names_the_property(weights):
    result = vcw("preflight", str(weights), "--machine", "g2-standard-12")
    assert result.exit_code == 1
    assert "acceleratorType" in result.output


def test_automatic_machine_is_a_question_and_no_error(weights):
    result = vcw("preflight", str(weights), "--machine", "auto", "--region", "us-central1")
    assert result.exit_code == 0
    assert "Machines that would do" in result.output


@pytest.mark.parametrize("options", [(), ("--format", "json")])
def test_names_that_a_terminal_would_obey_are_escaped(tmp_path, options):
    folder = tmp_path / "\x1b[31mred\n:bomb:"
    samples.write("llama-3.2-1b", folder)
    (folder / "\x9b1m\u202e[bold].safetensors").write_bytes(b"")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.safetensors")).write_bytes(b"")
    result = vcw("preflight", str(folder), *options)
    assert result.exit_code == 1
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert ":bomb:" in result.output
    assert not {"\x1b", "\x9b", "\u202e", "\udcff"} & set(result.output)


def test_missing_folder_exits_1(tmp_path):
    assert vcw("preflight", str(tmp_path / "nothing")).exit_code == 1


@pytest.mark.parametrize("target", ["gs://", "gs://Not-A-Bucket/x"])
def test_address_that_is_none_exits_2(target):
    result = vcw("preflight", target, "--bucket", "a=.")
    assert result.exit_code == 2
    assert "vcw preflight:" in result.output


def test_version_is_told():
    assert vcw("--version").output.startswith("vertex-custom-weights ")


@pytest.mark.parametrize(
    ("target", "options", "told"),
    [
        ("s3://bucket/x", [], "neither gs://BUCKET/FOLDER nor a folder"),
        ("gs://bucket/x", ["--bucket", "bucket=/nowhere"], "NAME=DIR with an existing folder"),
        (".", ["--min-replicas", "4", "--max-replicas", "2"], "2 is below --min-replicas 4"),
        (".", ["--count", "0"], "--count"),
    ],
)
def test_option_that_cannot_be_honoured_exits_2(target, options, told):
    result = vcw("preflight", target, *options)
    assert result.exit_code == 2
    assert told in " ".join(result.output.replace("│", "").split())


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--machine", "g2"], "Did you mean g2-standard-12"),
        (["--accelerator", "L4"], "Did you mean NVIDIA_L4?"),
        (["--region", "mars"], "`vcw catalog regions` lists them."),
    ],
)
def test_name_that_does_not_exist_says_where_to_find_those_that_do(weights, options, told):
    result = vcw("preflight", str(weights), *options)
    assert result.exit_code == 1
    assert told in " ".join(result.output.split())


def test_region_that_does_not_exist_says_nothing_about_what_it_offers(weights):
    assert "not offered" not in vcw("preflight", str(weights), "--region", "mars").output


def test_json_holds_what_programs_need(weights):
    result = vcw(
        *("preflight", str(weights), "--format", "json", "--machine", "g2-standard-12"),
        *("--accelerator", "NVIDIA_L4", "--count", "1", "--region", "us-central1"),
        *("--max-replicas", "40"),
    )
    report = json.loads(result.output)
    assert result.exit_code == 0
    assert report["verdict"] == "warn"
    assert report["base_models"] == ["llama-3.2-1b"]
    assert report["fingerprint"].startswith("w1-")
    assert report["quota"]["needed"] == 40
    assert report["cost"]["ceiling_usd_per_hour"] == pytest.approx(46.03)
    assert report["machines"][0]["usd_per_hour"] < 1
    quota = next(f for f in report["findings"] if f["id"] == "C4")
    assert quota["path"] == "dedicatedResources.maxReplicaCount"
    assert quota["doc_anchor"] == "docs/preflight.md#c4"


def test_bucket_of_the_emulator_is_read_like_a_bucket(weights, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    near = json.loads(vcw("preflight", str(weights), "--format", "json").output)
    far = vcw(
        "preflight", "gs://bkt/llama", "--format", "json", "--bucket", f"bkt={weights.parent}"
    )
    assert far.exit_code == 0, far.output
    assert json.loads(far.output)["base_models"] == near["base_models"]


def test_a_stack_says_which_service_to_ask_about_the_weights(weights, tmp_path, monkeypatch):
    config = {
        "gcp:project": "here",
        "gcp:region": "europe-west4",
        "vertex-custom-weights:backend": "emulator",
        "vertex-custom-weights:emulatorBuckets": json.dumps({"bkt": str(weights.parent)}),
    }
    monkeypatch.setattr(pulumi_cli, "stack_config", lambda *_: config)
    monkeypatch.chdir(tmp_path)
    report = json.loads(
        vcw("preflight", "gs://bkt/llama", "--stack", "dev", "--format", "json").output
    )
    assert report["service_base_model"].endswith("@llama-3.2-1b")
    assert report["recommended"][0]["machine_type"] == "g2-standard-12"
    assert all(machine["offered"] is not None for machine in report["machines"])
    page = vcw("preflight", "gs://bkt/llama", "--stack", "dev").output
    assert "g2-standard-12, 1 x NVIDIA_L4" in page


@pytest.mark.parametrize("topic", ["models", "machines", "regions", "prices"])
def test_catalog_prints_tables_and_json(topic):
    table, data = vcw("catalog", topic), vcw("catalog", topic, "--format", "json")
    assert table.exit_code == data.exit_code == 0
    assert len(table.output.splitlines()) > len(json.loads(data.output)) > 20


def test_json_is_short_for_the_format(weights):
    short = vcw("preflight", str(weights), "--json")
    long = vcw("preflight", str(weights), "--format", "json")
    assert json.loads(short.stdout)["verdict"] == json.loads(long.stdout)["verdict"]
