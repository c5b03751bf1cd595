"""llms.txt and the skill: links that lead on, one program, and what they say of others."""

from __future__ import annotations

import re
import textwrap

import pulumi
import yaml

from .support.blocks import CHECKOUT, blocks

SKILL = CHECKOUT / "docs" / "skills" / "own-weights-on-vertex-ai" / "SKILL.md"
LLMS = (CHECKOUT / "llms.txt").read_text(encoding="utf-8")


def test_links_of_llms_txt_lead_to_files() -> None:
    links = re.findall(r"\]\(([^)]+)\)", LLMS)
    assert len(links) >= 8
    assert [link for link in links if not (CHECKOUT / link).is_file()] == []


def test_program_of_llms_txt_is_that_of_the_skill_which_tests_run() -> None:
    (program,) = (block.text for block in blocks(SKILL) if block.language == "python")
    shown = LLMS.partition("The whole program:\n\n")[2].partition("\n## ")[0]
    assert textwrap.dedent(shown).strip() == program.strip()


def test_skill_has_the_name_of_its_folder_and_says_when_it_is_of_use() -> None:
    head = yaml.safe_load(SKILL.read_text(encoding="utf-8").split("---\n")[1])
    assert head["name"] == SKILL.parent.name
    assert "Terraform" in head["description"]
    assert len(head["description"]) < 1024


def test_resource_that_others_have_takes_no_folder_of_ones_own() -> None:
    from pulumi_gcp import vertex

    taken = vertex.AiEndpointWithModelGardenDeploymentArgs.__init__.__annotations__
    assert {"publisher_model_name", "hugging_face_model_id"} <= set(taken)
    assert [name for name in taken if "gcs" in name or "custom" in name or "artifact" in name] == []
    resources = [
        name
        for name, value in vars(vertex).items()
        if isinstance(value, type) and issubclass(value, pulumi.CustomResource)
    ]
    assert "AiEndpointWithModelGardenDeployment" in resources
    assert [name for name in resources if "DeployedModel" in name] == []
