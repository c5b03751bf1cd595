"""The report's page as Chromium shows it; pictures are left in `.local/screenshots`."""

from __future__ import annotations

from pathlib import Path

import pytest

from vertex_custom_weights_provider.report.pages import html

from ..report.support.example import example
from .support.chromium import Browser

PICTURES = Path(__file__).resolve().parents[2] / ".local" / "screenshots"
PHONE, DESK = 390, 1280


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(html.page(example()), encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_fits_reads_well_and_loads_nothing(
    page: Path, tmp_path: Path, scheme: str, width: int
) -> None:
    browser = Browser(page, tmp_path, dark=scheme == "dark")

    found = browser.measure(width)
    assert found["width"] <= width
    assert found["loaded"] == []
    assert found["faint"] == []
    assert (found["ground"] < 0.2) is (scheme == "dark")
    assert found["pictures"] == len(example().changed)

    PICTURES.mkdir(parents=True, exist_ok=True)
    target = PICTURES / f"report-{width}-{scheme}.png"
    height = min(found["height"], 6000)
    assert browser.picture(width, height, target) == (width, height)
    assert target.stat().st_size > 50_000
