"""The pages in a browser under their content security policy: nothing they need is refused, what is injected is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from served_pages import served

from dashboards.navigation import PAGES

BROWSER = shutil.which("chromium") or "/usr/bin/chromium"
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
INJECT = """() => {
    const script = document.createElement("script");
    script.textContent = "window.injected = true";
    document.body.append(script);
    const image = document.createElement("img");
    image.src = "http://example.org/x.png";
    document.body.append(image);
}"""


@pytest.mark.system
def test_the_policy_lets_the_pages_work_and_nothing_else(released_home: Path) -> None:
    said: list[str] = []
    asked: list[str] = []
    with served(released_home) as port, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=OPTIONS)
        page = browser.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("request", lambda request: asked.append(request.url))
        for _, name, _ in (each for pages in PAGES.values() for each in pages):
            page.goto(f"http://127.0.0.1:{port}/{name}")
            page.wait_for_selector("h1", timeout=60_000)
            page.wait_for_selector("[data-testid=stStatusWidget]", state="detached", timeout=60_000)
            if name == "leader":
                page.wait_for_selector("[data-testid=stVegaLiteChart] :is(svg, canvas)", timeout=60_000)
        assert page.evaluate("document.documentElement.lang") == "zh-CN"
        assert not [text for text in said if "Content Security Policy" in text]
        assert not [
            url for url in asked if not url.startswith((f"http://127.0.0.1:{port}/", "data:", "blob:"))
        ]
        page.evaluate(INJECT)
        page.wait_for_timeout(500)
        assert page.evaluate("window.injected") is None
        assert len([text for text in said if "Content Security Policy" in text]) >= 2
        browser.close()
