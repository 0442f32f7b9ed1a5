"""Three files, in the run folder and nowhere else, the same bytes for the same run, and no word of where that was."""

import io
import json
import re

import pytest
from pypdf import PdfReader
from report_folder import brief, folder_of, png

from femsacrum.cli import execute
from femsacrum.errors import InputError
from femsacrum.report.document.write import LARGEST_LOGO, report

NAMES = ["report.pdf", "report.html", "report.json"]


@pytest.fixture(scope="module", autouse=True)
def short():
    with brief():
        yield


@pytest.fixture(scope="module")
def place(run, tmp_path_factory):
    return folder_of(run, tmp_path_factory.mktemp("written") / "nobody_here" / "run")


@pytest.fixture(scope="module")
def made(place):
    """What the folder held before, and the report."""
    before = {path.relative_to(place): path.read_bytes() for path in place.rglob("*") if path.is_file()}
    logo = place.parent / "logo.png"
    logo.write_bytes(png())
    return before, report(place, title="A title", author="Nobody", logo=logo)


@pytest.fixture(scope="module")
def told(made):
    """All that stands on the pages."""
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in PdfReader(made[1][0]).pages))


def test_three_files_are_written_and_nothing_else_is_touched(place, made):
    before, files = made
    assert [file.name for file in files] == NAMES
    after = {path.relative_to(place): path.read_bytes() for path in place.rglob("*") if path.is_file()}
    assert {str(path) for path in set(after) - set(before)} == set(NAMES)
    assert all(after[path] == content for path, content in before.items())


def test_the_same_run_gives_the_same_bytes_wherever_it_is(place, made, tmp_path):
    before, files = made
    elsewhere = tmp_path / "other"
    for path, content in before.items():
        (elsewhere / path).parent.mkdir(parents=True, exist_ok=True)
        (elsewhere / path).write_bytes(content)
    again = report(elsewhere, title="A title", author="Nobody", logo=place.parent / "logo.png")
    for one, other in zip(files, again, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name


def test_no_file_tells_where_the_folder_is(place, made, told):
    for file in made[1][1:]:
        text = file.read_text(encoding="utf-8")
        assert "nobody_here" not in text
        assert str(place.parents[1]) not in text
    assert "nobody_here" not in told


def test_pages_are_pdf_a_and_pdf_ua_with_title_language_contents_and_date(place, made):
    data = made[1][0].read_bytes()
    assert re.search(rb"<pdfaid:part>2</pdfaid:part>\s*<pdfaid:conformance>A", data)
    assert re.search(rb"<pdfuaid:part>1</pdfuaid:part>", data)
    reader = PdfReader(io.BytesIO(data))
    root = reader.trailer["/Root"]
    ended = json.loads((place / "manifest.json").read_text(encoding="utf-8"))["ended"][:10]
    assert reader.metadata.title == "A title"
    assert reader.metadata.author == "Nobody"
    assert f"{reader.metadata.creation_date:%Y-%m-%d}" == ended
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert len(reader.outline) > 20


def test_every_figure_of_the_pages_has_a_text_for_who_does_not_see_it(made):
    reader = PdfReader(made[1][0])
    found = []

    def walk(node):
        node = node.get_object()
        if not hasattr(node, "get"):
            return
        if node.get("/S") in ("/Figure", "/Formula"):
            found.append((node["/S"], node.get("/Alt", "")))
        kids = node.get("/K", [])
        for kid in kids if isinstance(kids, list) else [kids]:
            if not isinstance(kid, int):
                walk(kid)

    walk(reader.trailer["/Root"]["/StructTreeRoot"])
    assert [kind for kind, _ in found].count("/Formula") == 5
    assert [kind for kind, _ in found].count("/Figure") == 5
    assert all(told for _, told in found)


def test_captions_have_the_same_numbers_in_all_three(made, told):
    _, page, data = made[1]
    content = json.loads(data.read_text(encoding="utf-8"))
    tables = []

    def walk(parts):
        for part in parts:
            if part["kind"] == "table":
                tables.append((part["number"], part["caption"]))
            walk(part.get("blocks", ()))

    walk(content["sections"])
    html = page.read_text(encoding="utf-8")
    for number, caption in tables:
        assert f"<strong>Table {number}.</strong>" in html
        short = re.sub(r"\s+", "", f"Table {number}. {caption}")[:24]
        assert short in told


def test_numbers_are_kept_as_they_were_found(run, made):
    text = made[1][2].read_text(encoding="utf-8")
    found = next(iter(run["findings"]["load_cases"].values()))["deformation"]["L5_drop"]["value"]
    assert repr(found) in text


def test_a_page_asks_for_nothing_from_anywhere(made):
    page = made[1][1].read_text(encoding="utf-8")
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert not re.search(r'(src|href)="(?!#|data:)', page)


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"GIF89a", "no PNG"), (png() + b"\0" * LARGEST_LOGO, "make it smaller"), (None, "No such file")],
)
def test_a_logo_that_cannot_be_used_is_refused(place, tmp_path, content, said):
    logo = tmp_path / "logo.png"
    if content is not None:
        logo.write_bytes(content)
    with pytest.raises(InputError, match=said):
        report(place, logo=logo)


def test_a_picture_that_was_spoiled_is_one_line(run, tmp_path):
    folder = folder_of(run, tmp_path / "run")
    (folder / "figures" / "mesh.png").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"report\.pdf: cannot be made: "):
        report(folder)
    assert not (folder / "report.html").exists()


def test_the_command_says_where_it_wrote_or_what_is_missing(run, tmp_path, capsys):
    folder = folder_of(run, tmp_path / "run", signed=False)
    (folder / "findings.json").unlink()
    assert execute(["report", str(folder), "--question", "does it stand?"]) == 0
    assert capsys.readouterr().out.split() == [str(folder / name) for name in NAMES]
    assert "Not to be relied on: the run did not end" in (folder / "report.html").read_text(encoding="utf-8")
    assert execute(["report", str(tmp_path)]) == 1
    assert "holds no case.toml" in capsys.readouterr().err
