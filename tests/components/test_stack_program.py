"""`stack.declare()`: from stack configuration to components and stack outputs."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import grpc
import pulumi
import pytest
import yaml

from vertex_custom_weights import stack
from vertex_custom_weights.endpoint import OUTPUTS

from .support.recording import Program

CHECKOUT = Path(__file__).parents[2]


def declare(
    program: Any, endpoints: Any, *, preview: bool = False, place: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Run the program of a stack with these endpoints, and return the stack's outputs."""
    config = {
        "gcp:project": "here",
        "gcp:region": "us-central1",
        **(place or {}),
        "vertex-custom-weights:endpoints": json.dumps(endpoints),
    }
    pulumi.runtime.set_all_config(config)
    return program.run_stack(stack.declare, preview=preview)


def refused(program: Any, endpoints: Any) -> list[str]:
    """Return the lines with which the configuration is refused."""
    with pytest.raises(pulumi.RunError) as error:
        declare(program, endpoints)
    assert program.declared == []
    return str(error.value).splitlines()


def test_every_entry_becomes_an_endpoint_with_its_outputs_exported(program: Any) -> None:
    outputs = declare(
        program,
        {
            "chat": {"family": "llama", "weightsUri": "gs://b/chat"},
            "embed": {"weightsUri": "gs://b/embed"},
        },
    )

    assert program.one("chat").type == "vcw:m:Llama"
    assert program.one("embed").type == "vcw:m:CustomWeights"
    assert set(outputs["endpoints"]) == {"chat", "embed"}
    assert set(outputs["endpoints"]["chat"]) == set(OUTPUTS) - {
        "deployed_model_ids",
        "psc_ip_addresses",
    }


def test_camel_case_of_the_configuration_becomes_the_components_arguments(program: Any) -> None:
    declare(
        program,
        {
            "chat": {
                "family": "llama",
                "baseModel": "llama-3.2-1b",
                "weightsUri": "gs://b/chat",
                "replicas": {"min": 1, "max": 2},
                "privateServiceConnect": {
                    "allowedProjects": ["here", "there"],
                    "network": "vpc",
                    "subnetwork": "subnet",
                    "ipAddress": "10.0.0.7",
                    "globalAccess": True,
                },
            }
        },
    )

    inputs = program.one("chat-llm").inputs
    assert inputs["gcsUri"] == "gs://b/chat"
    assert inputs["dedicatedResources"]["maxReplicaCount"] == 2
    assert inputs["dedicatedResources"]["machineSpec"]["machineType"] == "g2-standard-8"
    assert inputs["privateServiceConnectConfig"] == {
        "enablePrivateServiceConnect": True,
        "projectAllowlist": ["here", "there"],
    }
    assert program.one("chat-ip").inputs["address"] == "10.0.0.7"
    assert program.one("chat-fwd").inputs["allowPscGlobalAccess"] is True


def test_keys_of_labels_stay_as_they_are(program: Any) -> None:
    labels = {"costCenter": "42", "cost_center": "43"}
    declare(program, {"chat": {"weightsUri": "gs://b/f", "labels": labels}})

    assert program.one("chat-llm").inputs["labels"] == labels


def test_aliases_of_an_entry_are_its_former_names(program: Any) -> None:
    declare(program, {"chat": {"weightsUri": "gs://b/f", "aliases": ["talk"]}})
    assert program.one("chat").aliases == ("talk",)


@pytest.mark.parametrize("aliases", ["talk", [5], {"talk": True}], ids=repr)
def test_aliases_that_are_no_list_of_names_are_refused(program: Any, aliases: Any) -> None:
    (line,) = refused(program, {"chat": {"weightsUri": "gs://b/f", "aliases": aliases}})
    assert line.endswith("aliases must be a list of names that the endpoint had before.")


@pytest.mark.parametrize("protect", [True, False])
def test_protection_of_an_entry_reaches_all_it_is_made_of(program: Any, protect: bool) -> None:
    network = {"network": "vpc", "subnetwork": "subnet"}
    entry = {"weightsUri": "gs://b/f", "protect": protect, "privateServiceConnect": network}
    declare(program, {"chat": entry})

    assert {each.protect for each in program.declared} == {protect}
    assert "protect" not in program.one("chat-llm").inputs


def test_protection_that_is_neither_true_nor_false_is_refused(program: Any) -> None:
    (line,) = refused(program, {"chat": {"weightsUri": "gs://b/f", "protect": "yes"}})
    assert line.endswith("chat: protect must be true or false.")


def test_versions_of_an_entry_are_served_and_their_ids_exported(program: Any) -> None:
    versions = {
        "run-7": {"weightsUri": "gs://b/7", "traffic": 90},
        "run-8": {"weightsUri": "gs://b/8", "traffic": 10, "baseModel": "llama-3.2-3b"},
    }
    outputs = declare(
        program, {"chat": {"family": "llama", "baseModel": "llama-3.2-1b", "versions": versions}}
    )

    assert set(outputs["endpoints"]["chat"]["deployed_model_ids"]) == {"run-7", "run-8"}
    assert program.one("chat-run-8").inputs["gcsUri"] == "gs://b/8"
    assert [target["percent"] for target in program.one("chat-mix").inputs["traffic"]] == [
        90,
        10,
    ]


def test_everything_about_rollouts_and_replicas_can_be_configured(program: Any) -> None:
    entry = {
        "weightsUri": "gs://b/f",
        "replicas": {"min": 1, "max": 2},
        "deployment": {
            "rollout": "same-endpoint",
            "trafficSteps": [50],
            "smokeTest": {"maxTokens": 8, "expect": "ok"},
            "container": {"invokeRoutePrefix": "/*", "ports": [{"containerPort": 8080}]},
            "containerLogging": True,
        },
        "machine": {"type": "auto", "spot": True},
    }
    declare(program, {"chat": entry})

    inputs = program.one("chat-llm").inputs
    assert inputs["dedicatedResources"] == {
        "machineSpec": {"machineType": "auto"},
        "spot": True,
        "minReplicaCount": 1,
        "maxReplicaCount": 2,
    }
    assert inputs["trafficSteps"] == [50]
    assert inputs["smokeTest"] == {"maxTokens": 8, "expect": "ok"}
    assert inputs["containerSpec"] == {
        "invokeRoutePrefix": "/*",
        "ports": [{"containerPort": 8080}],
    }
    assert inputs["enableContainerLogging"] is True


def test_replicas_go_down_to_none_as_the_configuration_says(program: Any) -> None:
    replicas = {"min": 0, "max": 2, "idlePeriod": "20m", "minUptime": "10m", "initial": 1}
    declare(program, {"chat": {"weightsUri": "gs://b/f", "replicas": replicas}})

    resources = program.one("chat-llm").inputs["dedicatedResources"]
    assert resources["initialReplicaCount"] == 1
    assert resources["scaleToZeroSpec"] == {
        "idleScaledownPeriod": "20m",
        "minScaleupPeriod": "10m",
    }


@pytest.mark.parametrize(
    ("entry", "where"),
    [
        (
            {
                "weightsUri": "gs://b/f",
                "replicas": {"min": 0},
                "deployment": {"rollout": "same-endpoint"},
            },
            "replicas.min: 0 excludes deployment.rollout: same-endpoint",
        ),
        (
            {
                "versions": {
                    "blue": {"weightsUri": "gs://b/f", "traffic": 60},
                    "red": {"weightsUri": "gs://b/g", "traffic": 40, "replicas": {"min": 0}},
                }
            },
            "versions.red.replicas.min: 0 excludes versions",
        ),
    ],
)
def test_what_shares_an_endpoint_does_not_scale_to_zero(
    program: Any, entry: dict[str, Any], where: str
) -> None:
    (line,) = refused(program, {"chat": entry})
    assert where in line


def test_versions_named_as_another_entry_are_refused(program: Any) -> None:
    weights = {"weightsUri": "gs://b/f"}
    entries = {"chat": {"versions": {"blue": {**weights, "traffic": 100}}}, "chat-blue": weights}
    (line,) = refused(program, entries)

    assert "endpoints.chat: versions.blue: its deployment would be named as that of" in line
    assert line.endswith("endpoint chat-blue. Rename one of them.")


def test_versions_named_as_the_only_deployment_of_another_entry_are_refused(program: Any) -> None:
    weights = {"weightsUri": "gs://b/f"}
    versions = {"blue-llm": {**weights, "traffic": 100}, "llm": {**weights, "traffic": 0}}
    (line,) = refused(program, {"chat": {"versions": versions}, "chat-blue": weights})

    assert "endpoints.chat: versions.blue-llm: its deployment would be named as that of" in line
    assert line.endswith("endpoint chat-blue. Rename one of them.")


def test_stack_without_endpoints_exports_an_empty_map(program: Any) -> None:
    assert declare(program, {}) == {"endpoints": {}}


def test_unknown_family_says_what_may_have_been_meant(program: Any) -> None:
    (line,) = refused(program, {"chat": {"family": "lama", "weightsUri": "gs://b/f"}})

    assert line.startswith("vertex-custom-weights:endpoints.chat: family lama does not exist.")
    assert line.endswith("Did you mean llama?")


def test_base_model_of_another_family_is_told_in_the_configurations_words(program: Any) -> None:
    entry = {"family": "qwen", "weightsUri": "gs://b/f", "baseModel": "llama-3.2-1b"}
    (line,) = refused(program, {"chat": entry})
    assert line.endswith("not qwen. Set family to llama, or to custom, which takes every model.")


def test_unknown_names_are_told_in_the_configurations_spelling(program: Any) -> None:
    (line,) = refused(program, {"chat": {"weightsUri": "gs://b/f", "baseModl": "llama-3.1-8b"}})
    assert line.endswith("baseModl does not exist. Did you mean baseModel?")


@pytest.mark.parametrize(("typo", "meant"), [("familly", "family"), ("protct", "protect")])
def test_misspelled_key_of_the_stack_alone_says_what_may_have_been_meant(
    program: Any, typo: str, meant: str
) -> None:
    (line,) = refused(program, {"chat": {"weightsUri": "gs://b/f", typo: "llama"}})
    assert f"endpoints.chat: {typo} does not exist. Did you mean {meant}" in line


def test_unknown_names_below_are_told_with_their_path(program: Any) -> None:
    access = {"allowedProject": ["here"]}
    (line,) = refused(
        program, {"chat": {"weightsUri": "gs://b/f", "privateServiceConnect": access}}
    )
    assert "privateServiceConnect.allowedProject does not exist" in line
    assert line.endswith("Did you mean allowedProjects?")


def test_everything_wrong_in_all_entries_is_said_at_once(program: Any) -> None:
    lines = refused(
        program,
        {"chat": {"family": "lama"}, "embed": {}, "rank": "gs://b/f", "none": {"public": True}},
    )

    assert [line.split(": ")[0].rsplit(".", 1)[1] for line in lines] == [
        "chat",
        "embed",
        "rank",
        "none",
    ]


def test_preview_tells_what_the_provider_finds_in_other_entries_too(program: Any) -> None:
    entries = {
        "typo": {"weightsUri": "gs://b/f", "replicsa": {}},
        "borrows": {"weightsUri": "gs://b/f", "privateServiceConnect": {"sharedWith": "typo"}},
        "fine": {"weightsUri": "gs://b/f"},
    }
    with pytest.raises(pulumi.RunError, match="nothing is changed before"):
        declare(program, entries, preview=True)

    assert {"fine", "fine-llm"} <= program.names
    assert not {"typo", "borrows"} & program.names
    typo, borrows = program.errors
    assert typo.endswith("endpoints.typo: replicsa does not exist. Did you mean replicas?")
    assert "endpoints.borrows: privateServiceConnect.sharedWith: typo has no connection" in borrows


@pytest.mark.parametrize("switch", ["no", "false", 0])
def test_switch_that_is_neither_true_nor_false_opens_nothing(program: Any, switch: Any) -> None:
    how = {"grantWeightsAccess": switch}
    lines = refused(
        program, {"chat": {"weightsUri": "gs://b/f", "public": switch, "deployment": how}}
    )
    assert [line.rsplit("chat: ", 1)[1] for line in lines] == [
        f"public must be true or false, not {switch!r}.",
        f"deployment.grantWeightsAccess must be true or false, not {switch!r}.",
    ]


def test_value_that_is_no_text_is_told_by_its_key(program: Any) -> None:
    access = {"network": 5, "subnetwork": ["s"], "dns": {"domain": 1.5}}
    lines = refused(program, {"chat": {"weightsUri": 5, "privateServiceConnect": access}})
    assert [line.rsplit("chat: ", 1)[1] for line in lines] == [
        "weightsUri must be text, not 5.",
        "privateServiceConnect.network must be text, not 5.",
        "privateServiceConnect.subnetwork must be text, not ['s'].",
        "privateServiceConnect.dns.domain must be text, not 1.5.",
    ]


def test_key_without_a_value_counts_as_left_out(program: Any) -> None:
    nothing = {"family": None, "protect": None, "machine": None, "replicas": {"min": None}}
    declare(program, {"chat": {"weightsUri": "gs://b/f", **nothing}})
    assert program.one("chat-llm").inputs["dedicatedResources"]["minReplicaCount"] == 1


def test_endpoint_without_a_name_is_refused(program: Any) -> None:
    (line,) = refused(program, {"": {"weightsUri": "gs://b/f"}})
    assert line == "vertex-custom-weights:endpoints: a name is empty. Name every endpoint."


@pytest.mark.parametrize("key", ["endpoint", "emulatorBucket", "emulatorURL"])
def test_misspelled_setting_of_the_stack_is_refused(program: Any, key: str) -> None:
    pulumi.runtime.set_all_config({f"vertex-custom-weights:{key}": "{}"})
    with pytest.raises(
        pulumi.RunError, match=f"vertex-custom-weights:{key} does not exist. Did you"
    ):
        program.run_stack(stack.declare)


def test_settings_of_a_programs_own_are_none_of_this_packages_business(program: Any) -> None:
    pulumi.runtime.set_all_config(
        {"vertex-custom-weights:endpointsFile": "x", "shop:endpoint": "y"}
    )
    assert program.run_stack(stack.declare) == {"endpoints": {}}


EVERYTHING = {
    "family": "llama",
    "baseModel": "llama-3.2-1b",
    "machine": {"type": "g2-standard-12", "accelerator": "NVIDIA_L4", "acceleratorCount": 1},
    "replicas": {"min": 0, "max": 3, "targets": {"cpuUtilization": 50}, "idlePeriod": "1h"},
    "privateServiceConnect": {
        "allowedProjects": ["here"],
        "network": "n",
        "subnetwork": "s",
        "dns": {"domain": "models.example.com"},
        "connections": [{"name": "b", "network": "n", "subnetwork": "s"}],
    },
    "deployment": {"rollout": "same-endpoint", "smokeTest": {"prompt": "x"}, "preflight": "off"},
    "labels": {"team": "x"},
}
ONE: dict[str, Any] = {**EVERYTHING, "weightsUri": "gs://b/f"}
TWO: dict[str, Any] = {
    **EVERYTHING,
    "versions": {
        "a": {"weightsUri": "gs://b/f", "traffic": 60, "replicas": {"min": 1}},
        "b": {"weightsUri": "gs://b/g", "traffic": 40, "machine": {"type": "auto"}},
    },
}


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from paths(inner, (*path, number))


def with_value(entry: dict[str, Any], path: tuple[Any, ...], value: Any) -> Any:
    *way, last = ("chat", *path)
    endpoints: dict[str, Any] = {"chat": copy.deepcopy(entry)}
    holder: Any = endpoints
    for key in way:
        holder = holder[key]
    holder[last] = value
    return endpoints


@pytest.mark.parametrize("value", [None, 5, True, "x", [None], {"x": None}], ids=repr)
@pytest.mark.parametrize("entry", [ONE, TWO], ids=["weights", "versions"])
def test_whatever_is_written_for_a_key_the_program_ends_without_a_traceback(
    entry: dict[str, Any], value: Any
) -> None:
    for path in paths(entry):
        program = Program()
        refusal = _refusal(lambda p=program, at=path: declare(p, with_value(entry, at, value)))
        assert program.declared or program.errors or "chat" in refusal, path
        assert "Traceback" not in refusal, path


def _refusal(build: Callable[[], object]) -> str:
    """Return why the program was refused; empty when it was not."""
    try:
        build()
    except pulumi.RunError as refused:
        return str(refused)
    return ""


def test_list_of_endpoints_is_refused(program: Any) -> None:
    (line,) = refused(program, [{"weightsUri": "gs://b/f"}])
    assert line == "vertex-custom-weights:endpoints must be an object of endpoints by name"


def test_program_of_every_stack_is_short_enough_to_be_read_at_once() -> None:
    assert len((CHECKOUT / "__main__.py").read_text().splitlines()) < 15


@pytest.mark.parametrize("path", sorted((CHECKOUT / "stacks").glob("Pulumi.*.yaml")), ids=str)
def test_stack_configuration_of_the_checkout_is_understood(program: Any, path: Path) -> None:
    config = yaml.safe_load(path.read_text())["config"]
    gcp = {key: value for key, value in config.items() if key.startswith("gcp:")}
    outputs = declare(program, config["vertex-custom-weights:endpoints"], place=gcp)
    assert set(outputs["endpoints"]) == set(config["vertex-custom-weights:endpoints"])


def many(count: int, **more: Any) -> dict[str, Any]:
    return {f"e{number}": {"weightsUri": f"gs://b/{number}", **more} for number in range(count)}


def test_the_folders_of_many_endpoints_are_announced_together(program: Any) -> None:
    declare(program, many(3) | {"far": {"weightsUri": "gs://b/3", "location": "us-east1"}})
    [(token, arguments)] = program.called
    assert token.endswith(":lookAhead")
    folders = arguments["folders"]
    assert [folder["weights_uri"] for folder in folders] == [f"gs://b/{n}" for n in range(4)]
    assert {folder["project"] for folder in folders} == {"here"}
    assert [folder["location"] for folder in folders] == ["us-central1"] * 3 + ["us-east1"]


def test_few_endpoints_are_not_announced(program: Any) -> None:
    declare(program, many(3))
    assert program.called == []


def test_folders_that_nobody_looks_at_are_not_announced(program: Any) -> None:
    declare(program, many(4, deployment={"preflight": "off"}))
    assert program.called == []


class _NoFunctions(grpc.RpcError):
    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNIMPLEMENTED

    def details(self) -> str:
        return "Method not implemented!"


def test_a_server_without_functions_does_no_harm(
    program: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(args: Any) -> Any:
        raise _NoFunctions(args.token)

    monkeypatch.setattr(program, "call", refuse)
    assert len(declare(program, many(4))["endpoints"]) == 4
