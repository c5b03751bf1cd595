"""What a program says of its weights, held against what they are."""

from __future__ import annotations

import json

import pytest

from vertex_custom_weights_provider import samples
from vertex_custom_weights_provider.preflight import Request, examine
from vertex_custom_weights_provider.storage import LocalSource


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("stated")
    for model_id in ("llama-3.2-1b", "llama-3.1-8b", "qwen2-1.5b"):
        samples.write(model_id, root / model_id)
    return root


def said(folder, base_model, *, strict=False, service=None):
    """Return severities, paths and messages of what speaks against the stated model."""
    report = examine(
        LocalSource(folder),
        Request(base_model=base_model, strict=strict),
        recommend=(lambda _: {"baseModel": service}) if service else None,
    )
    return [(f.severity, f.id, f.message) for f in report.findings if f.path == "baseModel"]


@pytest.mark.parametrize(
    ("stated", "found"),
    [
        ("llama-3.1-8b", "Llama-3.1 8B, and the weights are of Llama-3.2 1B"),  # of another size
        ("qwen3-0.6b", "Qwen3 0.6B, and the weights are of Llama-3.2 1B"),  # of another family
        ("meta-llama/Llama-3.2-3B", "Llama-3.2 3B, and the weights are of Llama-3.2 1B"),
    ],
)
def test_weights_of_another_model_are_a_warning(folders, stated, found):
    ((severity, rule, message),) = said(folders / "llama-3.2-1b", stated)
    assert (severity, rule) == ("warn", "M1")
    assert found in message


def of_family(folder, family, base_model=None):
    report = examine(LocalSource(folder), Request(family=family, base_model=base_model))
    return [f for f in report.findings if f.id == "M1" and f.severity != "info"]


def test_weights_of_another_family_are_refused_and_that_is_all_that_is_said_of_the_model(folders):
    (found,) = of_family(folders / "qwen2-1.5b", "llama", "llama-3.2-1b")
    assert (found.severity, found.path) == ("error", "family")
    assert (
        "of Qwen2 1.5B or Qwen2.5 1.5B, and not of the family llama. Take that of qwen"
        in found.message
    )


@pytest.mark.parametrize("family", [None, "qwen"])
def test_weights_of_the_family_or_of_any_are_accepted(folders, family):
    assert of_family(folders / "qwen2-1.5b", family) == []


@pytest.mark.parametrize(
    ("kind", "refused"), [("gemma2", True), ("llama", False), ("somebodys", False)]
)
def test_of_an_unlisted_model_the_type_tells_the_family_and_where_it_is_unknown_nothing_is_said(
    folders, tmp_path, kind, refused
):
    config = json.loads((folders / "llama-3.2-1b" / "config.json").read_text())
    folder = tmp_path / "unlisted"
    folder.mkdir()
    for file in (folders / "llama-3.2-1b").iterdir():
        (folder / file.name).symlink_to(file)
    (folder / "config.json").unlink()
    unlisted = {**config, "model_type": kind, "hidden_size": 1024, "num_hidden_layers": 7}
    (folder / "config.json").write_text(json.dumps(unlisted))
    paths = {found.path for found in of_family(folder, "llama")}
    assert ("family" in paths) is refused


def test_weights_of_another_model_are_refused_where_only_documented_ones_are_taken(folders):
    ((severity, *_),) = said(folders / "llama-3.2-1b", "llama-3.1-8b", strict=True)
    assert severity == "error"


@pytest.mark.parametrize("stated", [None, "llama-3.2-1b", "Llama-3.2 1B"])
def test_weights_of_the_stated_model_are_not_remarked_on(folders, stated):
    assert said(folders / "llama-3.2-1b", stated) == []


def test_twins_of_one_configuration_are_both_what_was_stated(folders):
    assert said(folders / "qwen2-1.5b", "qwen2.5-1.5b") == []


def changed(tmp_path, **changes):
    samples.write("llama-3.1-8b", tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**config, **changes}))
    return tmp_path


def test_near_relative_of_the_stated_shape_is_what_was_stated(tmp_path):
    llama_3 = changed(tmp_path, rope_scaling=None)
    assert said(llama_3, "llama-3.1-8b") == []
    assert len(said(llama_3, "llama-3.2-1b")) == 1


def test_unlisted_weights_of_another_shape_are_described(tmp_path):
    ((_, _, message),) = said(changed(tmp_path, num_hidden_layers=40), "llama-3.1-8b")
    assert "another model (llama, 40 layers, hidden size 4096)" in message


def test_name_that_the_catalog_does_not_have_is_a_warning_with_a_way_on(folders):
    ((severity, _, message),) = said(folders / "llama-3.2-1b", "lama-3.2-1b")
    assert severity == "warn"
    assert "leave baseModel away" in message
    assert "Did you mean" in message
    assert "llama-3.2-1b" in message


def test_service_decides_what_the_weights_are(folders):
    folder = folders / "llama-3.2-1b"
    assert said(folder, "llama-3.1-8b", service="publishers/meta/models/llama-3.1-8b") == []
    assert len(said(folder, "llama-3.1-8b", service="publishers/meta/models/llama-3.2-1b")) == 1


def test_folder_without_a_model_says_nothing_of_it(tmp_path):
    assert said(tmp_path, "llama-3.1-8b") == []
