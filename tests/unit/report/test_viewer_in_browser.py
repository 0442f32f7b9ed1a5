"""The page in a browser: it opens, switches, clips, reads values, and keeps every text a text."""

import json
import threading
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from browsing import browser, page_at, page_of
from PIL import Image
from running import MARKUP, add_movement, folder_of, strained, walking

from femsacrum.report.document.legible import legible
from femsacrum.report.viewer import pack, read, served, write_viewer
from femsacrum.report.viewer.page import page as page_text
from femsacrum.report.viewer.serve import ADDRESS, server

READY = "html[data-first-picture]"


@pytest.fixture(scope="module")
def chromium():
    with browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def folder(run, tmp_path_factory):
    """Two load cases; the second is the first three times as strong."""
    whole, where = strained(run), tmp_path_factory.mktemp("run")
    (solution,) = whole["solutions"]
    stronger = {name: 3.0 * moved for name, moved in solution.displacements.items()}
    solutions = (solution, replace(solution, name="thrice", displacements=stronger))
    found = whole["findings"]
    (first,) = found["load_cases"].values()
    findings = found | {"load_cases": found["load_cases"] | {"thrice": first}}
    folder_of(whole | {"solutions": solutions, "findings": findings}, where)
    write_viewer(where)
    return where


def shown(page, load_case, field):
    """Choose, and wait until it is drawn."""
    page.select_option("#load-case", label=load_case)
    page.select_option("#field", field)
    page.wait_for_selector(f'html[data-shown="{load_case} / {field}"]', state="attached")


def drawn(page):
    """Pixels of the model's canvas."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.locator("#stage").screenshot()


def told(page):
    """The rows of what is read at the mark."""
    rows = page.locator("#probe > *").all_inner_texts()
    return dict(zip(rows[::2], rows[1::2], strict=True))


def test_a_result_is_looked_into(chromium, folder, run):
    whole = strained(run)
    (found,) = whole["findings"]["load_cases"].values()
    with page_of(chromium, folder / "viewer.html") as page:
        page.wait_for_selector(READY, state="attached")
        pictures = [drawn(page)]

        page.click("#largest")
        largest = found["implants"]["prosthesis"]["von_mises_averaged_max"]["value"]
        mark = told(page)
        assert mark["Body"] == "prosthesis"
        assert float(mark["Value"].removesuffix(" MPa")) == pytest.approx(largest, rel=1e-3)
        shown(page, "thrice", "stress")
        assert float(told(page)["Value"].removesuffix(" MPa")) == pytest.approx(3.0 * largest, rel=1e-3)
        ends = page.input_value("#high")
        shown(page, "two <legs>", "stress")
        assert page.input_value("#high") == ends  # one scale for both
        page.select_option("#scale", "one")
        assert float(page.input_value("#high")) < float(ends)
        page.select_option("#scale", "own")
        page.fill("#high", "-1")
        page.press("#high", "Tab")
        assert not page.evaluate("document.getElementById('high').checkValidity()")
        page.fill("#high", "12.5")
        page.press("#high", "Tab")
        assert page.locator("#legend-ticks span").all_inner_texts() == ["0", "6.25", "12.5"]
        with page.expect_download() as saved:
            page.click("#save")
        assert saved.value.path().read_bytes().startswith(b"\x89PNG")

        shown(page, "two <legs>", "risk")
        page.click("#largest")
        risk = found["overload"]["bodies"]["left_graft"]["risk_max"]["value"]
        assert told(page)["Body"] == "left graft"
        assert float(told(page)["Value"]) == pytest.approx(risk, rel=1e-3)
        pictures.append(drawn(page))

        shown(page, "two <legs>", "micromotion")
        page.click("#largest")
        assert told(page)["Value"].endswith(" µm")
        assert told(page)["Interface"] == "left graft on left ilium"
        pictures.append(drawn(page))

        page.click("#unmark")
        for view in ("posterior", "left", "top"):
            page.click(f"[data-view={view}]")
            pictures.append(drawn(page))
        shown(page, "thrice", "displacement")
        pictures.append(drawn(page))
        page.fill("#factor", "10")
        page.press("#factor", "Tab")
        assert "Exaggerated 10×" in page.inner_text("#factor-note")
        pictures.append(drawn(page))
        page.select_option("#clip-axis", "0")
        pictures.append(drawn(page))
        page.check("#clip-flip")
        pictures.append(drawn(page))
        page.select_option("#clip-axis", "")
        page.get_by_label("L4", exact=True).uncheck()
        pictures.append(drawn(page))
    assert len(set(pictures)) == len(pictures)


def test_a_point_is_picked_with_mouse_and_keys(chromium, folder, run):
    with page_of(chromium, folder / "viewer.html") as page:
        page.wait_for_selector(READY, state="attached")
        shown(page, "two <legs>", "displacement")
        page.click("#show-none")
        page.get_by_label("L4", exact=True).check()
        page.click("#fit")
        page.focus("#canvas")
        page.keyboard.press("Enter")
        by_keys = told(page)
        box = page.locator("#canvas").bounding_box()
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        assert by_keys["Body"] == told(page)["Body"] == "L4"

        mesh, moved = run["assembly"].bodies["L4"], run["solutions"][0].displacements["L4"]
        place = np.array([float(each) for each in by_keys["L, P, S"].removesuffix(" mm").split(",")])
        middle = 0.5 * (mesh.nodes.min(axis=0) + mesh.nodes.max(axis=0))
        assert place == pytest.approx([middle[0], mesh.nodes[:, 1].min(), middle[2]], abs=0.05)  # seen from in front
        terms = np.column_stack([np.ones(len(mesh.nodes)), mesh.nodes])  # L4 moves rigidly
        size = np.linalg.norm(np.array([1.0, *place]) @ np.linalg.lstsq(terms, moved, rcond=None)[0])
        assert float(by_keys["Value"].removesuffix(" mm")) == pytest.approx(size, rel=2e-3)

        page.keyboard.press("Escape")
        seen = Image.open(BytesIO(drawn(page))).convert("RGB")
        head = json.loads(page.locator("#head").text_content())
        shades = np.reshape(head["maps"]["motion"], (-1, 3))
        shade = shades[int(size / float(page.input_value("#high")) * len(shades))]
        assert (
            np.abs(np.array(seen.getpixel((seen.width // 2, seen.height // 2))) - shade).max() <= 4
        )  # as the legend

        before = drawn(page)
        for keys in ("ArrowLeft", "ArrowUp", "+", "Shift+ArrowRight"):
            page.focus("#canvas")
            page.keyboard.press(keys)
            after = drawn(page)
            assert after != before
            before = after
        assert "nothing is marked" in page.inner_text("#probe")


def test_every_control_has_a_name_and_takes_the_focus(chromium, folder):
    with page_of(chromium, folder / "viewer.html") as page:
        page.wait_for_selector(READY, state="attached")
        controls = page.locator("button, select, input, summary, #canvas")
        named = controls.evaluate_all(
            "all => all.map(e => (e.getAttribute('aria-label') ?? [...(e.labels ?? [])].map(l => l.textContent).join('')) "
            "|| e.textContent)"
        )
        assert len(named) > 20
        assert [place for place, name in enumerate(named) if not name.strip()] == []
        assert controls.evaluate_all("all => all.every(e => e.tabIndex >= 0)")


def test_markup_is_text(chromium, folder, tmp_path):
    looked, text = read.read(folder), " ".join(MARKUP)
    pieces = [replace(piece, name=name) for piece, name in zip(looked.pieces, MARKUP * 9, strict=False)]
    load_cases = [replace(each, name=text) for each in looked.load_cases]
    named = read.Looked(text * 40, text, looked.fields, tuple(pieces), tuple(load_cases))
    (tmp_path / "viewer.html").write_text(page_text(*pack.pack(named)), encoding="utf-8")
    innocent = page_text(*pack.pack(looked))
    with page_of(chromium, tmp_path / "viewer.html") as page:
        page.wait_for_selector(READY, state="attached")
        page.click("#largest")
        for where, told_there in (("#case", text * 40), ("#question", text), ("#load-case option >> nth=0", text)):
            assert page.locator(where).text_content().replace("_", " ") == legible(told_there).replace("_", " ")
        names = page.locator("#bodies span").evaluate_all("all => all.map(each => each.textContent)")
        assert len(set(names)) == len(MARKUP)
        assert {name.replace("_", " ") for name in names} == {legible(name).replace("_", " ") for name in MARKUP}
        assert page.locator("img, iframe, svg[onload]").count() == 0
        assert page.locator("script").count() == innocent.count("</script>")  # data and scripts of the page itself
        assert page.locator("#stage").bounding_box()["height"] > 300.0  # a long name leaves room for the model


def test_no_other_script_runs(chromium, folder):
    def tried():
        with page_of(chromium, folder / "viewer.html") as page:
            page.wait_for_selector(READY, state="attached")
            page.evaluate(
                "(() => { const added = document.createElement('script'); added.textContent = 'window.ran = true';"
                "document.body.append(added); })()"
            )
            assert page.evaluate("window.ran === undefined"), "ran"

    with pytest.raises(AssertionError, match="Content Security Policy"):
        tried()


@contextmanager
def serving(folder):
    """Address of a running server and where its numbers are: load case -> field -> path."""
    html, chunks = served(folder)
    looked, _ = pack.pack(read.read(folder), limit=None)
    paths = {
        each["name"]: {"displacement": f"chunk/{each['displacement']['chunk']}"}
        | {key: f"chunk/{where['chunk']}" for key, where in each["values"].items()}
        for each in looked["load_cases"]
    }
    with server(html, chunks) as own:
        threading.Thread(target=own.serve_forever, daemon=True).start()
        yield f"http://{ADDRESS}:{own.server_port}/", paths, own
        own.shutdown()


def test_a_served_page_asks_for_what_is_chosen_and_for_nothing_else(chromium, folder, run):
    (found,) = strained(run)["findings"]["load_cases"].values()
    with serving(folder) as (address, paths, _), page_at(chromium, address) as (page, asked):
        page.wait_for_selector(READY, state="attached")
        first, thrice = paths["two <legs>"], paths["thrice"]
        expected = ["", "data:,", "chunk/0", first["stress"]]  # the page, its icon, the surfaces, what is shown first
        assert [each for each in asked if each != "data:,"] == [each for each in expected if each != "data:,"]
        page.click("#largest")
        largest = found["implants"]["prosthesis"]["von_mises_averaged_max"]["value"]
        assert float(told(page)["Value"].removesuffix(" MPa")) == pytest.approx(largest, rel=1e-3)
        for load_case, key, more in (
            ("two <legs>", "micromotion", [first["micromotion"]]),
            ("thrice", "micromotion", [thrice["micromotion"]]),
            ("thrice", "stress", [thrice["stress"]]),
            ("two <legs>", "stress", []),  # it is there already
        ):
            before = len(asked)
            shown(page, load_case, key)
            assert set(more) <= set(asked[before:]) <= {*more, thrice["stress"], first["micromotion"]}
        before = len(asked)
        page.fill("#factor", "10")
        page.press("#factor", "Tab")
        page.get_by_text("Exaggerated 10×").wait_for()
        assert asked[before:] == [first["displacement"]]
        assert len(set(asked)) == len(asked)  # nothing is asked for twice


def test_what_the_server_does_not_give_changes_nothing(chromium, folder):
    def tried():
        with serving(folder) as (address, _, own), page_at(chromium, address) as (page, _):
            page.wait_for_selector(READY, state="attached")
            legend = page.inner_text("#legend-label")
            own.shutdown()
            own.server_close()
            page.select_option("#field", "micromotion")
            page.get_by_text("does femsacrum view still run?").wait_for()
            assert page.input_value("#field") == "stress"
            assert page.inner_text("#legend-label") == legend

    with pytest.raises(AssertionError, match="Failed to load resource"):  # which the browser itself says
        tried()


def test_a_movement_is_chosen_like_a_load_case(chromium, run, tmp_path):
    walked = walking(run)
    add_movement(run, walked, folder_of(run, tmp_path))
    write_viewer(tmp_path)
    name = f"{walked.cycle.name}{read.OVER_CYCLE}"
    with page_of(chromium, tmp_path / "viewer.html") as page:
        page.wait_for_selector(READY, state="attached")
        assert page.inner_text("#load-case-note") == ""
        shown(page, name, "micromotion")
        assert page.inner_text("#load-case-note").startswith("A movement: at every place the largest value")
        page.click("#largest")
        most = walked.found["faces"]["left_graft/left_ilium"]["max"]["value"]
        assert float(told(page)["Value"].removesuffix(" µm")) == pytest.approx(most, rel=1e-3)
