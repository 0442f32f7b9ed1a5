"""Pages opened in a real browser."""

import shutil
from contextlib import contextmanager

import pytest

SWITCHES = [
    "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--no-first-run", "--disable-quic",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@contextmanager
def browser():
    """Debian's Chromium without a window; skips where it is absent."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("no Chromium: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        opened = started.chromium.launch(executable_path=program, args=SWITCHES)
        yield opened
        opened.close()


@contextmanager
def page_of(opened, file, **options):
    """A page of a file; whatever it logs as a warning or error, or wants to fetch, fails the test."""
    with _watched(opened, file.absolute().as_uri(), ("file:", "blob:"), offline=True, **options) as (page, _):
        yield page


@contextmanager
def page_at(opened, address):
    """A page of a server and the list of what it asked that for, in order; asking anybody else fails the test."""
    with _watched(opened, address, (address, "blob:")) as (page, asked):
        yield page, asked


@contextmanager
def _watched(opened, address, allowed, **options):
    context = opened.new_context(viewport={"width": 900, "height": 600}, **options)
    page, wrong, asked = context.new_page(), [], []

    def requested(request):
        asked.append(request.url.removeprefix(address))
        if not request.url.startswith((*allowed, "data:,")):
            wrong.append(request.url)

    page.set_default_timeout(120_000)
    page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: (wrong.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("request", requested)
    page.goto(address)
    yield page, asked
    context.close()
    assert not wrong, "\n".join(wrong)
