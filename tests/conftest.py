"""Tests run side by side already; what they start must not take every core again."""

import os

if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("FEMSACRUM_PROCESSES", "1")
