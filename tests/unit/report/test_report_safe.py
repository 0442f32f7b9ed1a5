"""Whatever a user, a file or a patient is called appears in the report as text and nothing else."""

import io
import json
import re
from html.parser import HTMLParser

import pytest
from pypdf import PdfReader
from report_folder import brief, folder_of

from femsacrum.report.document.asked import Asked
from femsacrum.report.document.compose import compose
from femsacrum.report.document.evidence import read
from femsacrum.report.document.html import html
from femsacrum.report.document.legible import BREAK, drawable, everywhere, known_characters, legible
from femsacrum.report.document.model import Document, Items, Paragraph, Picture, Section, numbered, table
from femsacrum.report.document.pdf import pdf

PAYLOADS = {
    "script": "<script>alert(1)</script>",
    "image": "<img src=x onerror=alert(1)>",
    "attribute": '" onmouseover="alert(1)" x=\'',
    "closing": "</title></style></table></p><h1>mine</h1>",
    "comment": "<!-- --> --!> <!DOCTYPE html>",
    "entity": "&lt;b&gt; &amp;nbsp; &#x3c;script&#x3e; &copy",
    "address": "javascript:alert(1) data:text/html,<b> https://example.org/x",
    "svg": "<svg/onload=alert(1)><math><mi//xlink:href=javascript:alert(1)>",
    "style": "<style>body{display:none}</style> expression(alert(1))",
    "frame": "<iframe src=//example.org></iframe><base href=//example.org/>",
    "jinja": "{{ 7 * 7 }} {% include '/etc/passwd' %} {# gone #}",
    "jinja class": "{{ ''.__class__.__mro__ }}",
    "format": "{0} {name} %s %(x)s ${HOME} `id` $(id)",
    "typst code": '#eval("1 + 1") #read("/etc/passwd") #panic()',
    "typst import": '#import "@preview/cetz:0.3.0": canvas #include "x.typ"',
    "typst markup": "*bold* _slanted_ = heading <label> @label - item + item / term: x",
    "typst maths": "$ x^2 $ $sum_(i=0)^n$",
    "typst brackets": "] ) } [ ( { ]] ## // comment /* no */ \\u{41}",
    "typst string": '"); #set text(size: 99pt); #("',
    "typst raw": "```rust fn main() {}``` `raw` ~ --- ...",
    "latex": "\\input{/etc/passwd} \\write18{id} $\\frac{1}{2}$ \\end{document} %",
    "tex": "~^_&%$#{}\\",
    "markdown": "[x](javascript:alert(1)) ![i](http://example.org/i.png) **b** # h",
    "toml": '"""\n[solver]\ntolerance = 1 # comment',
    "json": '{"a": [1, null], "b": "\\u0041"}',
    "path": "../../../../etc/passwd",
    "windows": "C:\\Users\\nobody\\x <CON>",
    "query": "'; DROP TABLE runs; --",
    "emoji": "patient \U0001f600 \U0001f468\u200d\U0001f469\u200d\U0001f467 ♥️",
    "right to left": "שלום עולם مرحبا بالعالم",
    "override": "abc\u202egnp.exe\u2066x\u2069",
    "controls": "a\x00b\x07c\x1b[31md\x7fe\x85f",
    "lines": "first\r\nsecond\tthird\u2028fourth\u2029fifth",
    "invisible": "a\u00adb\ufeffc\u200bd\u2060e",
    "private": "\ue000\U000f0000\ufdd0",
    "surrogate": "x\ud800y\udfffz",
    "combining": "Z\u0351\u036b\u0343a\u0300\u0301l\u0321g\u0338o",
    "chinese": "患者 김민준 さくら",
    "long": "long " * 2000,
    "longest word": "w" * 10_000,
    "empty": "",
    "blanks": "   ",
}
DRAWN = sorted(set(PAYLOADS) - {"long", "longest word"})
HARMLESS = "a patient"


class Page(HTMLParser):
    """Tags with the names of their attributes, addresses, and text."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.addresses, self.words = [], [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, tuple(name for name, _ in attributes)))
        self.addresses += [value for name, value in attributes if name in ("src", "href")]
        self.words += [value for name, value in attributes if name == "alt"]

    def handle_data(self, data):
        self.words.append(data)

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data}")


@pytest.fixture(scope="module")
def folder(run, tmp_path_factory):
    """A run folder."""
    return folder_of(run, tmp_path_factory.mktemp("safe") / "run", signed=False)


@pytest.fixture(scope="module", autouse=True)
def short():
    with brief():
        yield


def named(found, case, text):
    """Findings and case in which everything that a user names is called so."""
    findings = json.loads(json.dumps(found))
    findings["case"] = findings["question"] = findings["patient"]["description"] = text
    (name,) = findings["load_cases"]
    told = findings["load_cases"] = {text: findings["load_cases"][name]}
    told[text]["statics"]["applied"][0] |= {"name": text, "source": text}
    case = json.loads(json.dumps(case))
    case["name"] = case["question"] = case["patient"]["description"] = text
    case["loads"][0] |= {"name": text, "source": text}
    case.setdefault("interfaces", []).append({"between": [text, "*"], "law": "bonded", "source": text})
    return findings, case


def page_of(folder, text):
    from dataclasses import replace

    given = read(folder)
    findings, case = named(given.findings, given.case, text)
    pictures = tuple(
        replace(each, title=text, caption=text, load_case=each.load_case and text) for each in given.pictures
    )
    why = text or None
    asked = Asked(why, why, None, why, why, "high", "low", why, why, why)
    run = replace(given, findings=findings, case=case, pictures=pictures)
    return html(everywhere(numbered(compose(run, asked)), legible), folder)


@pytest.fixture(scope="module")
def harmless(folder):
    return Page(page_of(folder, HARMLESS))


@pytest.mark.parametrize("kind", sorted(set(PAYLOADS) - {"empty", "blanks"}))
def test_a_page_has_the_same_tags_whatever_things_are_called(folder, harmless, kind):
    page = page_of(folder, PAYLOADS[kind])
    page.encode("utf-8")
    found = Page(page)
    assert found.tags == harmless.tags
    assert found.addresses == harmless.addresses
    assert all(address.startswith(("#", "data:image/png;base64,")) for address in found.addresses)
    text = "\n".join(found.words)
    assert text.count(legible(PAYLOADS[kind])) >= 10


def test_nothing_a_reader_cannot_see_is_left():
    for text in PAYLOADS.values():
        seen = legible(text)
        assert all(each.isprintable() or each in "\u200c\u200d" for each in seen)
        assert legible(seen) == seen
    assert legible(PAYLOADS["override"]) == "abc[U+202E]gnp.exe[U+2066]x[U+2069]"
    assert legible("a\r\nb\tc") == "a b c"
    assert legible("x\ud800") == "x[U+D800]"


def test_letters_without_a_shape_are_told_by_number():
    known = known_characters()
    assert drawable("患x", known) == "[U+60A3]x"
    assert drawable("שלום مرحبا Ünïcödé", known) == "שלום مرحبا Ünïcödé"
    pieces = drawable("w" * 70, known).split(BREAK)
    assert [len(piece) for piece in pieces] == [32, 32, 6]


@pytest.fixture(scope="module")
def drawn(folder):
    """One PDF in which every payload stands in every place that text can stand in."""
    sections = []
    for kind in DRAWN:
        text = PAYLOADS[kind]
        blocks = (
            Paragraph(f"begin {kind}"), Paragraph(text, "notice"), Paragraph(text), Items((text, text)),
            table(text, (text, "b"), [(text, text)], [text]), Picture("figures/mesh.png", text, text, text or "empty"),
            Paragraph(f"end {kind}"),
        )  # fmt: skip
        sections.append(Section(text or kind, blocks))
    text = " ".join(PAYLOADS[kind] for kind in DRAWN)
    document = Document(text, text, "", text, False, ((text, text),), tuple(sections))
    return pdf(everywhere(numbered(document), legible), folder)


def squeezed(text):
    return re.sub(r"[\s\u200b\u200c\u200d\u00ad-]", "", text)


@pytest.fixture(scope="module")
def pages(drawn):
    return squeezed("".join(page.extract_text() for page in PdfReader(io.BytesIO(drawn)).pages))


#: Shaping and writing from right to left change the order in which letters are taken out of a file.
SHAPED = ("right to left", "combining", "emoji")


@pytest.mark.parametrize("kind", DRAWN)
def test_pages_show_text_as_it_is(pages, kind):
    start, end = squeezed(f"begin {kind}"), squeezed(f"end {kind}")
    assert start in pages
    between = pages[pages.index(start) : pages.index(end)]
    text = squeezed(drawable(legible(PAYLOADS[kind]), known_characters()))
    if kind in SHAPED:
        assert {each for each in text if each.isascii()} <= set(between)
        assert len(between) > 6 * len(text)
    else:
        assert between.count(text) >= 6


def test_pages_have_no_actions_and_no_addresses(drawn):
    reader = PdfReader(io.BytesIO(drawn))
    for page in reader.pages:
        for annotation in page.get("/Annots") or ():
            told = annotation.get_object()
            assert told["/Subtype"] == "/Link"
            assert "/URI" not in told.get("/A", {})
            assert told.get("/A", {}).get("/S", "/GoTo") == "/GoTo"
    assert not {"/OpenAction", "/AA", "/AcroForm"} & set(reader.trailer["/Root"])
    assert "/JavaScript" not in reader.trailer["/Root"].get("/Names", {})
    assert "/EmbeddedFiles" not in reader.trailer["/Root"].get("/Names", {})


@pytest.mark.parametrize("kind", ["long", "longest word"])
def test_ten_thousand_letters_are_broken_into_lines(folder, kind):
    text = PAYLOADS[kind]
    section = Section("long", (Paragraph(text), table("t", ("a", "b"), [(text, "c")])))
    made = pdf(everywhere(numbered(Document(text, "", "", "a", False, (), (section,))), legible), folder)
    lines = [line for page in PdfReader(io.BytesIO(made)).pages for line in page.extract_text().splitlines()]
    assert sum(line.count(text[0]) for line in lines) >= 3 * text.count(text[0])
    # the reader joins some lines of a paragraph; a word that is not broken is one line of ten thousand letters
    assert max(len(line.replace(BREAK, "")) for line in lines) < 1000
