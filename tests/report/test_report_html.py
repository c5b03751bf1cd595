"""The report as a page: valid, closed in itself, readable by everybody."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import html5lib
import pytest

from vertex_custom_weights_provider.report.model import Report
from vertex_custom_weights_provider.report.pages import html
from vertex_custom_weights_provider.report.pages.drawing import across, down

from .support.previews import (
    component,
    deployment,
    deployment_urn,
    facts,
    only,
    report,
    rule,
    step,
    urn,
)

HOSTILE = "<script>alert('x')</script>\"'&<!-- \u202e\x07"
FONT: dict[str, Any] = json.loads(
    (Path(__file__).parent / "support" / "dejavu_sans.json").read_text()
)
STYLE = (html._FOLDER / "page.css").read_text()
TEXTS = [("ink", "page"), ("ink", "card"), ("soft", "page"), ("soft", "card"), ("link", "card")]
TEXTS += [("ink", "code"), *((tone, f"{tone}-bg") for tone in ("grave", "mind", "good", "calm"))]
TEXTS += [(tone, "page") for tone in ("grave", "mind", "good")]


def example(name: str = "chat") -> Report:
    of = deployment_urn(f"{name}-deployment", name)
    finding = {"id": "F2", "severity": "warn", "message": f"odd tokenizer {name}"}
    return report(
        component(name),
        deployment(f"{name}-deployment", "replace", home=name, old={}, new={"gcsUri": "gs://b/2"}),
        rule(f"{name}-rule", "replace", "", of=of),
        deployment("new", "create", new={}),
        deployment("old", "delete", old={}),
        deployment("stays", "same"),
        step(name, f"gcp:x:{name}", "create", new={}),
        diagnostics=[{"urn": of, "severity": "error", "message": name}],
        found={of: facts(verdict="warn", findings=[finding])},
    )


def parse(page: str) -> Any:
    """Parse strictly: what is not valid HTML is an exception."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse(page)


@cache
def colours(mode: str) -> dict[str, str]:
    light, _, dark = STYLE.partition("@media (prefers-color-scheme: dark)")
    part = light if mode == "light" else dark.partition("@media")[0]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", part))


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    "made",
    [example(), report(), report(deployment("a", "same")), example(HOSTILE)],
    ids=["changes", "empty", "unchanged", "hostile"],
)
def test_page_is_valid_and_closed_in_itself(made: Report) -> None:
    page = html.page(made)
    root = parse(page)

    assert {element.tag for element in root.iter()} & {"script", "iframe", "img", "object"} == set()
    outside = [v for e in root.iter() for k, v in e.attrib.items() if k in ("href", "src")]
    assert all(value.startswith(("#", "data:")) for value in outside)
    assert "url(" not in STYLE
    assert "@import" not in STYLE
    ids = Counter(e.attrib["id"] for e in root.iter() if "id" in e.attrib)
    assert [name for name, times in ids.items() if times > 1] == []


def test_hostile_names_are_text_and_show_what_they_hide() -> None:
    page = html.page(example(HOSTILE))

    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "\u202e" not in page
    assert "\x07" not in page


def test_labels_and_links_of_the_page_lead_to_what_is_there() -> None:
    root = parse(html.page(example()))
    ids = {e.attrib["id"] for e in root.iter() if "id" in e.attrib}

    named = {e.attrib["aria-labelledby"] for e in root.iter() if "aria-labelledby" in e.attrib}
    linked = {e.attrib["href"][1:] for e in root.iter("a")}
    assert named | linked <= ids


def test_page_has_landmarks_headings_in_order_and_headed_tables() -> None:
    root = parse(html.page(example()))

    assert root.attrib["lang"] == "en"
    assert len(list(root.iter("main"))) == len(list(root.iter("h1"))) == 1
    levels = [int(e.tag[1]) for e in root.iter() if re.fullmatch(r"h[1-6]", str(e.tag))]
    assert all(b <= a + 1 for a, b in zip(levels, levels[1:], strict=False))
    for table in root.iter("table"):
        assert all("scope" in cell.attrib for cell in table.iter("th"))
        widths = {sum(1 for cell in row if cell.tag in ("td", "th")) for row in table.iter("tr")}
        assert len(widths) == 1
    assert all(svg.attrib["aria-label"] for svg in root.iter("{http://www.w3.org/2000/svg}svg"))


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXTS)
def test_text_stands_out_from_its_ground(mode: str, text: str, ground: str) -> None:
    known = colours(mode)
    bright, dim = sorted((luminance(known[text]), luminance(known[ground])), reverse=True)

    assert (bright + 0.05) / (dim + 0.05) >= 4.5


def measured(text: str, face: str, size: float) -> float:
    """Return the width of a text in DejaVu Sans, by the advance widths in its files."""
    return sum(FONT[face][letter] for letter in text) * size / FONT["units_per_em"]


@pytest.mark.parametrize("layout", [across, down])
def test_boxes_of_a_picture_do_not_overlap_and_hold_their_text(layout: object) -> None:
    serving = "projects/here/locations/us-central1/endpoints/serving-1"
    home = urn("serving", "vcw:m:Endpoint")
    names = ("a-very-long-name-of-a-version-that-nobody-shortened", "WWWWWW-MMMMMM-WWWWWWWW", "c")
    onto = {"endpoint": serving, "endpointUserId": None, "gcsUri": "gs://bucket/" + "deep/" * 20}
    made = report(
        step("serving", "vcw:m:Endpoint", "create", new={}),
        *(deployment(n, "create", new=onto, depends={"endpoint": [home]}) for n in names),
    )

    drawing = layout(only(made).topology)  # type: ignore[operator]
    for box in drawing.boxes:
        assert measured(box.title, "bold", 13) <= box.width - 24
        assert all(measured(line, "regular", 11) <= box.width - 24 for line in box.details)
        assert 0 <= box.x <= drawing.width - box.width
        assert 0 <= box.y <= drawing.height - box.height
    for one in drawing.boxes:
        for other in drawing.boxes:
            apart = abs(one.x - other.x) >= one.width or abs(one.y - other.y) >= one.height
            assert one is other or apart


def test_page_of_hundreds_of_endpoints_is_made() -> None:
    many = [deployment(f"endpoint-{n:03}", "create", new={}) for n in range(300)]

    page = html.page(report(*many))

    assert page.count("<article ") == 300


def test_tables_are_cards_on_a_narrow_screen_with_their_headings() -> None:
    root = parse(html.page(example()))

    cells = [cell for table in root.iter("table") for cell in table.iter("td")]
    assert cells
    assert all(cell.attrib.get("data-label") for cell in cells)
    narrow = STYLE.partition("@media (max-width: 40rem)")[2]
    assert "content: attr(data-label)" in narrow
