"""Arguments come as one dictionary or by name; what is neither is told in a sentence."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from vertex_custom_weights import (
    CustomWeightsEndpoint,
    LlamaEndpoint,
    PrivateServiceConnect,
    ServingNetwork,
)

from .support.recording import ATTACHMENT, Program

HERE: Any = {"project": "p", "location": "us-central1"}
WEIGHTS = "gs://my-bucket/support/run-7"


def refused(build: Any) -> list[str]:
    with pytest.raises(pulumi.RunError) as refusal:
        Program().run(build)
    return str(refusal.value).splitlines()


def test_by_name_and_as_a_dictionary_the_same_is_declared() -> None:
    listed, named = Program(), Program()
    arguments: Any = {
        **HERE,
        "weights_uri": WEIGHTS,
        "base_model": "llama-3.1-8b",
        "replicas": {"max": 2},
    }
    listed.run(lambda: LlamaEndpoint("chat", arguments))
    named.run(lambda: LlamaEndpoint("chat", **arguments))
    assert listed.declared == named.declared
    assert listed.declared


def test_part_of_the_arguments_may_be_a_dictionary_and_the_rest_by_name() -> None:
    program = Program()
    program.run(
        lambda: LlamaEndpoint("chat", {"weights_uri": WEIGHTS, **HERE}, labels={"team": "a"})
    )
    (deployment,) = (one for one in program.declared if one.name == "chat-llm")
    assert deployment.inputs["gcsUri"] == WEIGHTS
    assert deployment.inputs["labels"] == {"team": "a"}


def test_an_argument_that_is_none_is_an_argument_that_was_left_out() -> None:
    with_none, without = Program(), Program()
    with_none.run(lambda: LlamaEndpoint("chat", HERE, weights_uri=WEIGHTS, machine=None))  # type: ignore[arg-type]
    without.run(lambda: LlamaEndpoint("chat", HERE, weights_uri=WEIGHTS))
    assert with_none.declared == without.declared


@pytest.mark.parametrize("arguments", [(), (None,), ({},)], ids=repr)
def test_no_arguments_at_all_are_told_as_what_is_missing(arguments: tuple[Any, ...]) -> None:
    assert refused(lambda: LlamaEndpoint("chat", *arguments)) == [
        "chat: weights_uri is missing: the folder of the weights, gs://…"
    ]


def test_what_is_given_twice_is_told() -> None:
    given: Any = {"weights_uri": WEIGHTS}
    assert refused(lambda: LlamaEndpoint("chat", given, weights_uri=WEIGHTS)) == [
        "chat: weights_uri is given twice: in the dictionary and by name. Remove one of them."
    ]


def test_a_misspelt_name_is_told_with_the_one_that_was_meant() -> None:
    wrong: Any = {"weight_uri": WEIGHTS}
    (first, *_) = refused(lambda: LlamaEndpoint("chat", **wrong))
    assert first.startswith("chat: weight_uri does not exist. ")
    assert "weights_uri" in first


def test_options_as_a_dictionary_and_arguments_as_a_text_are_told_together() -> None:
    text: Any = "gs://b/f"
    options: Any = {"protect": True}
    assert refused(lambda: LlamaEndpoint("chat", text, options)) == [
        "chat: the arguments must be a dictionary, or be given by name, not str.",
        "chat: opts must be pulumi.ResourceOptions(...), not dict.",
    ]


@pytest.mark.parametrize("key", ["base_model", "public", "versions", "deployment"])
def test_an_output_where_a_value_decides_what_is_declared_is_told(key: str) -> None:
    later: Any = {"weights_uri": WEIGHTS, key: pulumi.Output.from_input("x")}
    assert refused(lambda: CustomWeightsEndpoint("chat", **later)) == [
        f"chat: {key} decides what is declared, so it has to be known beforehand: it cannot be an "
        "Output. Give the value itself."
    ]


def test_other_components_take_their_arguments_by_name_too() -> None:
    program = Program()
    program.run(
        lambda: PrivateServiceConnect(
            "psc",
            service_attachment=ATTACHMENT,
            network="default",
            subnetwork="default",
            project="p",
            region="us-central1",
        )
    )
    assert [one.name for one in program.declared if one.name != "psc"]
    assert refused(lambda: ServingNetwork("net", netwrok="x"))[0].startswith(  # type: ignore[call-arg]
        "net: netwrok does not exist."
    )
