"""Which faces meet, before surgery and after it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from femsacrum.surgery.construct import Contact, Screw

#: Soft tissue and the bones it grows on.
ATTACHMENTS = {
    "disc_L5S1": ("sacrum", "L5"),
    "disc_L4L5": ("L5", "L4"),
    "left_sij": ("sacrum", "left_ilium"),
    "right_sij": ("sacrum", "right_ilium"),
    "symphysis": ("left_ilium", "right_ilium"),
}


def anatomical(parts: Collection[str]) -> tuple[Contact, ...]:
    """Discs and cartilages on the bones beside them, as far as these are there.

    Args:
        parts: Names of what remains.
    """
    return tuple(
        Contact(f"{soft}/{bone}", (soft, "surface"), (bone, "surface"), "anatomical")
        for soft, bones in ATTACHMENTS.items()
        if soft in parts
        for bone in bones
        if bone in parts
    )


def reconstruction(grafted: bool, screws: Sequence[Screw]) -> tuple[Contact, ...]:
    """The contacts that the operation makes.

    Args:
        grafted: Whether there are grafts.
        screws: Every screw.
    """
    contacts = [Contact("prosthesis/L5", ("prosthesis", "endplate"), ("L5", "cut"))]
    for side in ("left", "right"):
        ilium, graft = f"{side}_ilium", f"{side}_graft"
        contacts.append(Contact(f"prosthesis/{ilium}", ("prosthesis", f"{side}_pad"), (ilium, "cut")))
        if grafted:
            contacts.append(Contact(f"{graft}/{ilium}", (graft, "host"), (ilium, "cut")))
            contacts.append(Contact(f"{graft}/prosthesis", (graft, "seat"), ("prosthesis", f"{side}_graft_seat")))
    contacts += [
        Contact(
            f"{screw.body}/{host}:{screw.name}", (screw.body, "surface"), (host, "surface"), "embedded", screw.name
        )
        for screw in screws
        for host in screw.hosts
    ]
    return tuple(contacts)
