"""What the project promises about its own shape."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "femsacrum").rglob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_stay_small_and_documented(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 350
    assert ast.get_docstring(ast.parse(text)), "a module says what it is for"
