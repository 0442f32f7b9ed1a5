"""The anatomy of a case: the reference, or bones from files with what they lack borrowed from it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from femsacrum.anatomy.model import Anatomy
from femsacrum.anatomy.patient import from_files
from femsacrum.anatomy.reference import reference
from femsacrum.anatomy.stated import with_stated

if TYPE_CHECKING:
    from femsacrum.case.schema import Case


def build(case: Case, folder: Path, data: Sequence[Path] = ()) -> Anatomy:
    """Bones and soft tissue of a case, before surgery.

    Args:
        case: ``case.anatomy`` is used.
        folder: The case file's folder; surface files are relative to it.
        data: Data folders, which they may be relative to as well.

    Raises:
        InputError: The proportions cannot be reached, a file cannot be used, or a landmark is not at its bone.
        NumericalError: The surfaces that came out are not what they should be.
    """
    options = case.anatomy
    given = options.surfaces is not None or options.labels is not None
    anatomy = from_files(options, folder, data) if given else reference(options)
    return with_stated(anatomy, options.landmarks) if options.landmarks else anatomy
