"""A sweep that points can be done for."""

import pytest
from sweeping import TEMPLATE, sweep

from femsacrum.sweep.evaluate import Task


@pytest.fixture
def task(tmp_path):
    return Task(tmp_path, TEMPLATE, (), sweep().factors, (), False, "code")
