"""Tests run side by side already; what they start must not take every core again."""

import os

import pytest

if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("FEMSACRUM_PROCESSES", "1")


@pytest.fixture
def condensings(monkeypatch):
    """How often something elastic was condensed; nothing is there from before."""
    from femsacrum.mechanics import prepared
    from femsacrum.mechanics.elastic import Elastic

    done = []

    class Counted(Elastic):
        def __init__(self, *given):
            done.append(given)
            super().__init__(*given)

    monkeypatch.setattr(prepared, "Elastic", Counted)
    monkeypatch.setattr(prepared, "_elastic", [])
    monkeypatch.setattr(prepared, "_latest", [])
    return done
