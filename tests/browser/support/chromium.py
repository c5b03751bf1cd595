"""Chromium without a window: pictures of a page, and what a script around it can measure."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    # The page may not run scripts; the frame around it looks into it from outside.
    "--allow-file-access-from-files",
)
_DARK = ("--force-dark-mode", "--blink-settings=preferredColorScheme=0")
_PAGE = """<!DOCTYPE html><html><head><title>frame</title></head>
<body style="margin:0"><iframe src="%s" style="border:0;width:%dpx;height:%dpx"></iframe>
<script>%s</script></body></html>"""
_MEASURE = """
const channels = text => (text.match(/[\\d.]+/g) || []).map(Number);
const linear = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
const ground = (view, element) => {
  for (let at = element; at; at = at.parentElement) {
    const [r, g, b, a] = channels(view.getComputedStyle(at).backgroundColor);
    if (a !== 0) return [r, g, b];
  }
  return [255, 255, 255];
};
document.querySelector("iframe").addEventListener("load", event => {
  const view = event.target.contentWindow, page = view.document, faint = [];
  const walk = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement, text = walk.currentNode.data.trim();
    if (!text || element.closest("svg") || !element.getClientRects().length) continue;
    const ink = channels(view.getComputedStyle(element).color);
    const [a, b] = [light(ink), light(ground(view, element))].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    if (contrast < 4.5) faint.push([text.slice(0, 40), Math.round(contrast * 10) / 10]);
  }
  const found = {
    width: page.documentElement.scrollWidth,
    height: page.documentElement.scrollHeight,
    ground: light(ground(view, page.body)),
    loaded: view.performance.getEntriesByType("resource").map(entry => entry.name),
    pictures: [...page.querySelectorAll("svg")].filter(s => s.getClientRects().length).length,
    faint,
  };
  document.body.innerHTML = "";
  document.body.textContent = JSON.stringify(found);
});
"""


@dataclass(frozen=True)
class Browser:
    """A browser that looks at one page, in light or dark.

    Attributes:
        page: The page.
        folder: An empty folder to work in.
    """

    page: Path
    folder: Path
    dark: bool

    def measure(self, width: int) -> dict[str, Any]:
        """Return what the page is like in a window of that width."""
        frame = self._frame(width, 2000, _MEASURE)
        # The window is wider than the frame: Chromium makes none as narrow as a phone.
        wide = f"--window-size={max(width, 600)},2000"
        dumped = self._run(wide, "--virtual-time-budget=5000", "--dump-dom", frame.as_uri())
        body = dumped.partition("<body")[2].partition(">")[2].partition("</body>")[0]
        return json.loads(body.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))

    def picture(self, width: int, height: int, target: Path) -> tuple[int, int]:
        """Take a picture of the page; returns its size in pixels."""
        frame = self._frame(width, height, "")
        size = f"--window-size={width},{height}"
        self._run(size, f"--screenshot={target}", frame.as_uri())
        return struct.unpack(">II", target.read_bytes()[16:24])

    def _frame(self, width: int, height: int, script: str) -> Path:
        frame = self.folder / "frame.html"
        frame.write_text(_PAGE % (self.page.as_uri(), width, height, script))
        return frame

    def _run(self, *arguments: str) -> str:
        program = next(filter(None, map(shutil.which, _NAMES)), None)
        assert program is not None, f"none of {', '.join(_NAMES)} is on PATH"
        colours = _DARK if self.dark else ()
        own = f"--user-data-dir={self.folder / 'user'}"
        command = [program, *_QUIET, *colours, own, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout
