"""The numbers of a point that go into the table: also how many faces nothing holds any more."""

from femsacrum.sweep.outcomes import LOOSE, rows


def test_faces_of_a_body_that_came_loose_are_counted_in_every_load_case():
    face = {"law": "frictional", "loose": True}
    bodies = {
        "graft": {"order": 1, "role": "graft", "volume": {"value": 5.0, "unit": "mm3"}},
        "rod": {"order": 1, "role": "fixation", "volume": {"value": 2.0, "unit": "mm3"}},
        "plate": {"order": 1, "role": "implant", "volume": {"value": 3.0, "unit": "mm3"}},
    }
    cases = {"standing": {"interfaces": {}}, "stance": {"interfaces": {"graft/ilium": face, "graft/plate": face}}}
    told = {
        (row["load_case"], row["key"]): row["value"]
        for row in rows({"mesh": {"bodies": bodies}, "load_cases": cases})
    }
    assert told == {
        ("standing", LOOSE): 0.0,
        ("stance", LOOSE): 2.0,
        ("", "mesh.|metal_volume|"): 5.0,
        ("", "mesh.|fixation_volume|"): 2.0,
    }
