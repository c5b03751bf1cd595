"""The map of the house is the house: docs/architecture.md is held to the tree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .support.blocks import CHECKOUT

PAGE = (CHECKOUT / "docs" / "architecture.md").read_text(encoding="utf-8")
PROVIDER = CHECKOUT / "provider" / "vertex_custom_weights_provider"
COMPONENTS = CHECKOUT / "components" / "vertex_custom_weights"
PLACES = (CHECKOUT, PROVIDER, COMPONENTS, CHECKOUT / "tests")


def rooms_on_the_page(heading: str) -> list[str]:
    """Return the first column of the table under a heading."""
    section = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\| `([\w./]+)/?` \|", section, re.M)


def folders(place: Path) -> set[str]:
    """Return the folders of a place that hold something of ours."""
    return {
        folder.name
        for folder in place.iterdir()
        if folder.is_dir() and folder.name != "__pycache__" and any(folder.rglob("*.py"))
    }


def files(place: Path) -> set[str]:
    """Return the modules of a place."""
    return {file.name for file in place.glob("*.py") if file.name != "__init__.py"}


@pytest.mark.parametrize(
    ("heading", "place"), [("The provider", PROVIDER), ("The components", COMPONENTS)]
)
def test_every_room_of_the_tree_is_on_the_page_and_no_other(heading: str, place: Path) -> None:
    listed = [name.rstrip("/") for name in rooms_on_the_page(heading)]
    assert sorted(listed) == sorted(folders(place) | files(place))


def test_tests_mirror_the_rooms() -> None:
    others = {name.rstrip("/") for name in rooms_on_the_page("The tests")}
    rooms = folders(PROVIDER) | {"components"}
    assert folders(CHECKOUT / "tests") == others | (rooms & folders(CHECKOUT / "tests"))


def test_every_path_on_the_page_exists() -> None:
    paths = set(re.findall(r"`([\w./-]+/[\w./-]*|[\w./-]+\.(?:py|md|json|toml))`", PAGE))
    assert len(paths) > 30
    lost = {path for path in paths if not any((place / path).exists() for place in PLACES)}
    assert lost == set()
