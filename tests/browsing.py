"""Pages in a real browser; whoever imports this is skipped where there is none."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path("/usr/bin/chromium")

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
if not CHROMIUM.is_file():
    pytest.skip(f"no {CHROMIUM}", allow_module_level=True)

expect = playwright.expect
"""Waits until an element is as it should be; a page of ours lets no test's script run there."""


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser without a window."""
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def opened_page(browser: Any, path: Path, **how: Any) -> Iterator[tuple[Any, list[str]]]:
    """A page, and what it asks for beside itself or complains of: nothing, if all is well.

    Args:
        browser: of `chromium`.
        path: the page's file.
        **how: options of the context, such as reduced_motion.
    """
    context = browser.new_context(**how)
    page, told = context.new_page(), []

    def seen(route: Any) -> None:
        if route.request.url == path.as_uri():
            route.continue_()
        else:
            told.append(route.request.url)
            route.abort()

    page.route("**/*", seen)
    # A breach of the security policy is told on the console.
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.goto(path.as_uri())
    yield page, told
    context.close()
