"""What a surgeon must know before trusting a guide is told, and sizes that cannot be made are refused."""

from __future__ import annotations

import numpy as np
import pytest

from femsacrum.case.guide import Guide as Spec
from femsacrum.errors import InputError
from femsacrum.surgery.guides.doubts import contact_error, of_seat, of_slots, refuse_sizes
from femsacrum.surgery.guides.model import Kinematics, OtherSeat


def held(free=0, pressed=True):
    return Kinematics(np.ones(6), 1.0, 30.0, np.eye(6)[:free], pressed, 0.1 if pressed else -0.1)


def other(misfit):
    return OtherSeat(misfit, np.array([3.0, 4.0, 0.0]), np.array([0.0, 0.0, 6.0]), np.eye(4))


def test_a_seat_that_holds_in_one_place_raises_no_doubt():
    assert of_seat(held(), []) == []
    assert of_seat(held(), [other(1.2)]) == []


def test_free_motions_and_contacts_that_lift_are_told():
    assert of_seat(held(free=1, pressed=False), [])[0].startswith("1 motion is resisted by no contact")
    assert of_seat(held(free=3, pressed=False), [])[0].startswith("3 motions are")
    assert "does not press every contact" in of_seat(held(pressed=False), [])[0]


def test_another_seat_within_the_error_of_contacts_is_told():
    assert contact_error() == pytest.approx(np.hypot(0.8, 0.26))
    said = of_seat(held(), [other(0.83), other(0.5)])
    assert len(said) == 1
    assert "5.0 mm and 6.0 degrees away" in said[0]
    assert "0.50 mm" in said[0]
    assert "mistaken for the planned one" in said[0]


def test_what_slots_do_not_lead_is_told():
    assert of_slots({"guide_led_transverse [%]": 100.0}) == []
    said = of_slots({"guide_led_transverse [%]": 75.0, "guide_led_deroofing [%]": 56.2})
    assert said == [
        "The saw is led over 75 % of the width of the bone: the rest is cut by hand.",
        "The saw is led over 56 % of the outline of the deroofing: the rest is cut by hand.",
    ]


def test_blades_that_leave_no_wall_are_refused():
    refuse_sizes(Spec())
    refuse_sizes(Spec(blade="4.2 mm"))
    with pytest.raises(
        InputError, match=r"surgery\.guide\.blade: 6 mm: .*at most 4\.2 mm, or a thickness of .* 7\.8 mm"
    ):
        refuse_sizes(Spec(blade="6 mm"))
    with pytest.raises(InputError, match=r"surgery\.guide\.blade: 1 mm: .*: a thickness of at least 2\.8 mm"):
        refuse_sizes(Spec(thickness="1.2 mm"))
