"""What a case may say about images the bones come from."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from femsacrum.case.model import Count, Model, Text

Label = Annotated[Count, Field(ge=1)]


class LabelMap(Model):
    """Bones from a label map, a segmented image in which every voxel holds the number of the part it belongs to."""

    file: Text
    """NIfTI or NRRD file, or a folder with a DICOM series, relative to the case file or a data folder."""
    series: Text | None = None
    """Of a DICOM folder with several series: identifier or number."""
    parts: Annotated[dict[str, Label], Field(min_length=1)]
    """Part name ("left_ilium", "sacrum", "L5", ...) and its label, a whole number from 1."""
    borrow: Annotated[bool, Field(strict=True)] = True
    """Take parts without a label or file from the reference anatomy, scaled and placed."""
