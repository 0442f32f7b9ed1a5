"""A report lists what discs were made of, and nothing else."""

import pytest

from femsacrum.report.document import inputs

OWN = {"youngs_modulus": "4 MPa"}


@pytest.mark.parametrize(
    ("materials", "listed"),
    [
        ({"disc": "nucleus_and_annulus"}, {"nucleus", "annulus"}),
        ({"disc": "one_solid"}, {"disc"}),
        ({}, {"disc"}),  # of a run folder from before the key
        ({"disc": "nucleus_and_annulus", "bodies": {"disc": OWN}}, set()),
        ({"disc": "nucleus_and_annulus", "bodies": {"disc_L4L5": OWN, "disc_L5S1": OWN}}, set()),
        ({"disc": "nucleus_and_annulus", "bodies": {"disc_L4L5": OWN}}, {"nucleus", "annulus"}),
    ],
)
def test_groups_of_the_table_that_discs_are_made_of(materials, listed):
    bodies = {"disc_L4L5": {"role": "disc"}, "disc_L5S1": {"role": "disc"}, "L5": {"role": "bone"}}
    found = inputs._materials({"mesh": {"bodies": bodies}, "load_cases": {}}, {"materials": materials})
    assert found & {"disc", "nucleus", "annulus"} == listed
