"""ASTM F1717, vertebrectomy construct in compression bending: no bones, no spread of inputs."""

from __future__ import annotations

from benchmarks.validation.astm_f1717 import beam, twin

INPUTS = ()


def measure(bench, inputs):
    """Stiffness [N/mm] and stress [MPa] of the twins, and the forces [N] at which their rods yield."""
    thin = twin.twin(twin.Design())
    solution = twin.solved(thin)
    fibre, peak = twin.rod_stress(thin, solution)
    stiffness, first = twin.stiffness(thin, solution), thin.design.metal[2] * twin.FORCE / fibre
    unyielding = thin.with_blocks(twin.RIGID)
    thick = twin.twin(twin.Design(rod=6.0))
    return {
        "stiffness_rigid_blocks": twin.stiffness(unyielding, twin.solved(unyielding)),
        "stiffness": stiffness,
        "stiffness_6mm": twin.stiffness(thick, twin.solved(thick)),
        "fibre_stress": fibre,
        "peak_stress": peak,
        "first_yield": first,
        "stiffness_foltz": stiffness,
        "yield_foltz": first,
        "offset_yield_by_beam_theory": beam.offset_yield(thin.design),
    }
