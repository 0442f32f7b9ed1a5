"""The tables say where each number comes from, and cannot be changed by accident."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from femsacrum.sources.tables import FIELDS, constant, table

CONFIDENCE = {"S", "S2", "M-high", "M-med", "M-low", "D"}
#: Of what is no modulus or strength.
UNITS = {"poisson_ratio": "1", "share_of_section": "1", "fibre_share": "1", "fibre_angle": "deg"}


def test_every_material_is_physical_and_sourced():
    for material, entries in table("materials").items():
        assert {"youngs_modulus", "poisson_ratio"} <= set(entries)
        for key, entry in entries.items():
            assert set(entry) == set(FIELDS)
            found = constant("materials", f"{material}.{key}")
            assert found.confidence in CONFIDENCE
            assert len(found.source) > 10
            assert found.unit == UNITS.get(key, "MPa")
            assert 0.0 <= found.value < 0.5 if key == "poisson_ratio" else found.value > 0.0


def test_a_table_is_read_once_and_cannot_be_written():
    assert table("materials") is table("materials")
    assert isinstance(table("materials"), Mapping)
    with pytest.raises(TypeError):
        table("materials")["titanium"]["youngs_modulus"] = 1.0


def test_a_constant_that_is_not_there_is_named():
    with pytest.raises(KeyError, match="unobtainium"):
        constant("materials", "unobtainium.youngs_modulus")
    with pytest.raises(KeyError, match="exactly value, unit, source, confidence"):
        constant("materials", "titanium")
    with pytest.raises(FileNotFoundError):
        table("no_such_table")


def test_a_constant_cites_its_source_with_its_confidence():
    found = constant("materials", "graft.youngs_modulus")
    assert found.cited() == f"{found.source} [M-low]"
