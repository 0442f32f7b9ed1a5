"""Tables fit a page: short ones as they are, long ones by widths that follow what stands in them."""

from femsacrum.report.document.columns import BESIDE, LETTER, PAGE, SIZES, laid_out


def table(columns, *rows, unit=None):
    return {"columns": columns, "rows": [[{"text": text, "unit": unit} for text in row] for row in rows]}


def letters(size):
    return PAGE / (LETTER * size)


def test_a_short_table_has_the_widths_it_wants():
    assert laid_out(table(["a", "b"], ["one", "two"])) == {"size": SIZES[0], "widths": []}


def test_a_column_of_long_texts_is_wider_but_leaves_short_ones_their_words():
    found = laid_out(table(["key", "meaning"], ["mesh.bone_elements", "word " * 80]))
    assert found["size"] == SIZES[0]
    key, meaning = found["widths"]
    assert meaning > 3 * key
    assert key >= len("mesh.bone_elements")
    assert sum(found["widths"]) <= letters(found["size"]) + 1e-9


def test_numbers_are_not_parted_and_letters_shrink_for_them():
    numbers = ["(-123.4, 567.8, 90.12) N"] * 7
    found = laid_out(table(["force"] * 7, numbers, unit="N"))
    assert found["size"] == SIZES[-1]
    assert found["widths"] == [len(numbers[0]) + BESIDE] * 7


def test_a_long_table_begins_with_smaller_letters():
    rows = [["x"]] * 40
    assert laid_out(table(["a"], *rows))["size"] < SIZES[0]


def test_no_rows_is_a_table_too():
    assert laid_out(table(["a", "b"])) == {"size": SIZES[0], "widths": []}
