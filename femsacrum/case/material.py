"""What a case may say about materials."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from femsacrum.case.ct import CT, CortexOptions
from femsacrum.case.model import Model, Number, Text
from femsacrum.case.units import MaterialAxis, Pressure


class Material(Model):
    """A linear elastic material: isotropic, or with the four keys of an axis transversely isotropic."""

    youngs_modulus: Pressure
    """Young's modulus [MPa], "17 GPa"; with ``axis``: across it."""
    poisson_ratio: Annotated[Number, Field(gt=-1.0, lt=1.0)]
    """Poisson's ratio, a bare number above -1 and below 0.5; with ``axis``: in the plane across it, below 1."""
    axis: MaterialAxis | None = None
    """Direction along which the body is different, LPS, or "shaft": its own long axis; left out: isotropic."""
    axial_modulus: Pressure | None = None
    """Young's modulus along the axis [MPa]; needed by ``axis``, as the two below."""
    axial_poisson_ratio: Number | None = None
    """Contraction across the axis over stretch along it, pulled along it, a bare number."""
    axial_shear_modulus: Pressure | None = None
    """Shear modulus in planes through the axis [MPa]."""
    yield_stress: Pressure | None = None
    """Yield stress [MPa]; left out: no safety factor is computed; refused with ``axis``."""
    source: Text
    """Where the numbers come from."""


class Materials(Model):
    """Materials that replace those of the tables in ``femsacrum/sources``."""

    bodies: dict[str, Material] = Field(default={})
    """Body name ("prosthesis", "left_graft") or role ("bone", "disc", "implant") and its material."""
    disc: Literal["nucleus_and_annulus", "one_solid"] = "nucleus_and_annulus"
    """Discs of the spine whose material `bodies` does not say: a nucleus that hardly changes its volume in an annulus with
    crossing fibres, or one isotropic solid, which bends half as stiffly again and turns a third as stiffly."""
    cortical_bone: Material | None = None
    """Material of the cortex membrane on every bone."""
    cortex: CortexOptions | None = None
    """Thickness of the cortex; left out: ``anatomy.cortical_thickness`` everywhere."""
    ct: CT | None = None
    """A CT that gives the bones' cores their stiffness; left out: the tables."""
