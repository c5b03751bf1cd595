"""The report as Markdown, read by a Markdown parser as GitHub reads it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from vertex_custom_weights_provider.report.pages.markdown import markdown
from vertex_custom_weights_provider.report.pages.markup import code, mermaid, printable, prose
from vertex_custom_weights_provider.report.pages.mermaid import diagram

from .support.previews import (
    component,
    deployment,
    deployment_urn,
    facts,
    machine,
    only,
    report,
    rule,
    step,
    urn,
)

PARSER = MarkdownIt("commonmark").enable("table").enable("strikethrough")
HOSTILE = (
    '`x`|<script>alert(1)</script> @octocat #1 [a](http://e.vil) ![i](x) **b** "\\|" ]]}"\n# h'
)
HARMLESS_TAGS = re.compile(r"</?(code|details|summary|sub)>")


def tokens(text: str) -> Iterator[Token]:
    for token in PARSER.parse(text):
        yield token
        yield from token.children or ()


def tables(text: str) -> list[list[list[str]]]:
    """Return the cells of all tables."""
    found: list[list[list[str]]] = []
    previous = ""
    for token in PARSER.parse(text):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif previous in ("th_open", "td_open"):
            found[-1][-1].append(token.content)
        previous = token.type
    return found


def shown(markup: str) -> str:
    """Return what a reader sees of a piece of inline Markdown, without the guards in it."""
    parts: list[str] = []
    for token in PARSER.parseInline(markup)[0].children or ():
        if token.type == "html_inline":
            assert HARMLESS_TAGS.fullmatch(token.content), token.content
        else:
            assert token.type in {"text", "text_special", "code_inline"}, token
            parts.append(token.content)
    return "".join(parts).replace("\u200b", "")


@given(st.text(max_size=80))
def test_prose_is_read_as_it_was_written(text: str) -> None:
    assert shown(prose(text)) == printable(text).replace("\u200b", "\N{REPLACEMENT CHARACTER}")


@given(st.text(max_size=80))
def test_code_is_read_as_it_was_written(text: str) -> None:
    assert shown(code(text)) == printable(text)


@pytest.mark.parametrize("text", ["# h", "- x", "1. x", "+ x", "=== x", "    x", "> x"])
def test_sentence_in_a_list_starts_no_block_of_its_own(text: str) -> None:
    kinds = {token.type for token in tokens(f"- {prose(text)}")}

    assert not kinds & {"heading_open", "ordered_list_open", "blockquote_open", "code_block"}
    assert [t.type for t in tokens(f"- {prose(text)}")].count("bullet_list_open") == 1


LINKS = ("http://e.vil", "www.e.vil", "HTTPS://e.vil", "mailto:x@e.vil", "xmpp:x@e.vil")


@pytest.mark.parametrize("before", ["", " ", "a", "é", "д", "1", "_", "漢", "("])
@pytest.mark.parametrize("link", LINKS)
def test_a_bare_link_stays_text_whatever_letter_stands_before(before: str, link: str) -> None:
    assert link not in html.unescape(prose(f"{before}{link}"))


@pytest.mark.parametrize("text", ["@octocat", "by @team/x", "see #12"])
def test_prose_makes_no_mention_reference_or_link(text: str) -> None:
    assert text not in html.unescape(prose(text))


@given(st.text(max_size=60))
def test_diagram_label_stays_inside_its_quotes_and_its_fence(text: str) -> None:
    label = mermaid(text)

    assert not set(label) & set('"`<>[]{}()|\n&')


def test_names_and_messages_cannot_become_markup() -> None:
    of = urn(HOSTILE, "vcw:m:Deployment")
    finding = {"id": HOSTILE, "severity": "warn", "message": HOSTILE}
    made = report(
        deployment(HOSTILE, "create", new={"gcsUri": HOSTILE}),
        step(HOSTILE, f"x:y:{HOSTILE}", "create", new={}),
        diagnostics=[{"urn": of, "severity": "error", "message": HOSTILE}],
        found={of: facts(findings=[finding])},
    )

    text = markdown(made)
    kinds = {token.type for token in tokens(text)}
    assert not kinds & {"link_open", "image", "em_open"}
    tags = re.findall(r"<[a-z/!][^>]*>", text)
    assert {tag for tag in tags if not HARMLESS_TAGS.fullmatch(tag)} <= {"<br/>"}
    headings = [after for token, after in pairwise(tokens(text)) if token.type == "heading_open"]
    assert [token.content.partition(" ")[0] for token in headings][2:] == ["Other"]
    assert "@octocat" not in text
    for table in tables(text):
        assert len({len(row) for row in table}) == 1, table


def test_report_holds_what_a_reviewer_asks_for() -> None:
    of = deployment_urn("chat-llm", "chat")
    new = {"dedicatedResources": machine(least=1, most=3), "weightsFingerprint": "w1-2"}
    made = report(
        component("chat"),
        deployment("chat-llm", "replace", home="chat", old={}, new=new),
        rule("chat-fwd", "same", "x", of=of),
        deployment("old", "delete", old={}),
        deployment("stays", "same"),
        found={of: facts(quota={"limit": 2, "usage": None})},
    )

    text = markdown(made)
    summary, costs, quotas, *_ = tables(text)
    assert [row[0] for row in summary[1:]] == ["`chat`", "`old`"]
    assert summary[1][1:] == [
        "**replaced**",
        "have to follow",
        "1.15 → 1.15 to 3.45",
        "about 18",
        "✅ ok",
    ]
    assert costs[1] == ["USD an hour", "3.45", "4.60 to 6.90", "2.30 to 4.60"]
    assert quotas[1][1:] == ["3", "6", "4", "2", "⚠️ falls short"]
    assert "Unchanged endpoints: `stays`." in text
    assert "**Why:** The weights under weights\\_uri have changed." in text
    assert "for about 18 minutes, some 0.35 USD" in text
    assert "```mermaid\nflowchart LR\n" in text


def test_preview_without_changes_says_so_and_what_it_costs() -> None:
    text = markdown(report(deployment("chat", "same")))

    assert "**Nothing changes.**" in text
    assert "| USD an hour | 1.15 |" in text
    assert "###" not in text


def test_stack_without_endpoints_makes_a_short_report() -> None:
    assert len(markdown(report()).splitlines()) < 10


def test_hundreds_of_endpoints_fit_into_a_comment() -> None:
    many = [deployment(f"endpoint-{n:03}", "create", new={}) for n in range(400)]
    text = markdown(report(*many))

    assert len(text) < 65_536
    assert "and 300 more endpoints that change" in text
    left = re.search(r"Details of (\d+) more endpoints", text)
    assert left is not None
    assert int(left[1]) + text.count("\n### ") == 400
    assert text.count("<details>") == text.count("</details>")


def test_diagram_names_each_station_once_in_the_order_of_a_request() -> None:
    new: dict[str, Any] = {"gcsUri": "gs://bucket/folder"}
    text = diagram(only(report(deployment("chat", "create", new=new))).topology)

    assert text.splitlines()[0] == "flowchart LR"
    assert [line.split()[0] for line in text.splitlines() if "-->" in line] == [
        "callers",
        "endpoint",
        "deployment0",
    ]
    assert 'weights0[("folder - new<br/>gs://bucket/folder")]' in text
