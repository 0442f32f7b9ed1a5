"""Whatever is linear but no solid, as springs to ground on auxiliary nodes that follow the mesh by equations.

A stiffness r' r of a row r over all displacements (a bond at a point, a support spread over a face, a strain of the cortex)
is an auxiliary degree of freedom a = r u (``*EQUATION``) that a spring of 1 N/mm holds (``SPRING1``). So CalculiX solves
the very equations that this program solves. Three rows share a node; its displacement is no displacement of anything.

Equations are eliminated: a row joins each of its unknowns to every other. Rows over many nodes are cut into groups of them
(``shortened``), and a face that is kept rigid gets unknowns for its motion, lest the matrix fill up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from scipy import sparse

from femsacrum.anatomy.model import Ints
from femsacrum.mechanics.interfaces import Healing, Interface
from femsacrum.mechanics.loading import Hold
from femsacrum.mechanics.system import System, is_linear

#: Coefficients below this share of the largest of their row are round-off.
NOTHING = 1e-13
#: Terms of an equation on a line; CalculiX reads up to four.
TERMS = 4
#: Rows with more terms are cut into groups of so many: SPOOLES then orders a pelvis three times as fast as with whole rows.
LONG, GROUP = 24, 12


class Numbering:
    """Numbers of nodes and elements of the deck.

    Args:
        node: Number in the deck of each node of the system, shape (N,), from one on.
        elements: How many there are in the mesh.

    Attributes:
        node: As given.
        last_node: Highest number so far.
        last_element: The same of elements.
    """

    def __init__(self, node: Ints, elements: int) -> None:
        self.node = node
        self.last_node = int(node.max())
        self.last_element = elements

    def add_nodes(self, count: int) -> list[int]:
        """Numbers of new nodes."""
        first, self.last_node = self.last_node + 1, self.last_node + count
        return list(range(first, self.last_node + 1))

    def add_elements(self, count: int) -> list[int]:
        """Numbers of new elements."""
        first, self.last_element = self.last_element + 1, self.last_element + count
        return list(range(first, self.last_element + 1))

    def renumbered(self, rows: sparse.csr_array, free: list[int]) -> sparse.csr_array:
        """Rows over the system's unknowns as rows over those of the deck, column 3 (number - 1) + axis.

        Args:
            rows: Shape (r, 3 N + e), e further unknowns among them.
            free: Nodes that have these, three each.
        """
        table = sparse.coo_array(rows)
        line, column = table.coords
        there = 3 * (np.concatenate([self.node, np.array(free, dtype=np.int64)])[column // 3] - 1) + column % 3
        shape = (rows.shape[0], 3 * self.last_node)
        joined = sparse.csr_array((table.data, (line, there)), shape=shape)  # what falls on one node is summed
        largest = np.maximum(np.abs(joined).max(axis=1).toarray().ravel(), 1e-300)
        joined.data[np.abs(joined.data) < NOTHING * np.repeat(largest, np.diff(joined.indptr))] = 0.0
        joined.eliminate_zeros()
        return joined


def word(name: str) -> str:
    """A name as CalculiX takes it for a set."""
    return re.sub(r"[^A-Za-z0-9_]+", "_", name)[:70]


def spring_lines(name: str, rows: sparse.csr_array, numbering: Numbering) -> Iterator[str]:
    """Lines of a stiffness ``rows' rows``.

    Args:
        name: Of its element sets, which end in 1, 2 and 3.
        rows: Over the unknowns of the system and such as belong to nothing else, shape (r, 3 N + e) [(N/mm)^0.5].
        numbering: Of the deck; goes on.
    """
    own = 3 * len(numbering.node)
    rows = shortened(rows)
    free = numbering.add_nodes(-(-(rows.shape[1] - own) // 3))
    table = numbering.renumbered(rows, free)
    table = table[np.diff(table.indptr) > 0]
    if not table.shape[0]:
        return
    nodes = numbering.add_nodes(-(-table.shape[0] // 3))
    yield "*NODE"
    yield from (f"{node}, 0., 0., 0." for node in (*free, *nodes))
    for last, count in ((free[-1:], rows.shape[1] - own), (nodes[-1:], table.shape[0])):
        if count % 3:
            yield from ("*BOUNDARY", f"{last[0]}, {count % 3 + 1}, 3, 0.")
    yield "*EQUATION"
    bounds, columns, values = table.indptr.tolist(), table.indices.tolist(), table.data.tolist()
    for row in range(table.shape[0]):
        first, last = bounds[row], bounds[row + 1]
        yield from equation_lines(nodes[row // 3], row % 3 + 1, columns[first:last], values[first:last])
    for axis in (1, 2, 3):
        held = nodes[: (table.shape[0] + 3 - axis) // 3]
        if held:
            yield f"*ELEMENT, TYPE=SPRING1, ELSET={name}_{axis}"
            elements = numbering.add_elements(len(held))
            yield from (f"{element}, {node}" for element, node in zip(elements, held, strict=True))
            # CalculiX knows the stiffness from the direction by its decimal point
            yield from (f"*SPRING, ELSET={name}_{axis}", str(axis), "1.")


def shortened(rows: sparse.csr_array) -> sparse.csr_array:
    """The same stiffness by rows of few terms and further unknowns.

    A long row r = r_1 + ... + r_G is held by springs in series: unknowns b_g that springs P hold to r_g u, and a spring c
    on their sum. Each carries the same force s, so r u = s (1/c + G/P); with P = 2 G and c = 2 that is s, exactly.
    """
    counts = np.diff(rows.indptr)
    if not np.any(counts > LONG):
        return rows
    parts: list[tuple[list[int], list[float]]] = []
    width = rows.shape[1]
    for row in range(rows.shape[0]):
        where = slice(rows.indptr[row], rows.indptr[row + 1])
        index, value = rows.indices[where], rows.data[where]
        if len(index) <= LONG:
            parts.append((index.tolist(), value.tolist()))
            continue
        order = np.argsort(index)  # the system numbers neighbours one after the other
        groups = np.array_split(order, -(-len(index) // GROUP))
        root = float(np.sqrt(2.0 * len(groups)))
        for number, group in enumerate(groups):
            parts.append(([*index[group].tolist(), width + number], [*(root * value[group]).tolist(), -root]))
        parts.append((list(range(width, width + len(groups))), [float(np.sqrt(2.0))] * len(groups)))
        width += len(groups)
    bounds = np.cumsum([0, *(len(index) for index, _ in parts)])
    columns = np.concatenate([index for index, _ in parts])
    values = np.concatenate([value for _, value in parts])
    # the sums may be long themselves
    return shortened(sparse.csr_array((values, columns, bounds), shape=(len(parts), width)))


def equation_lines(node: int, axis: int, columns: list[int], values: list[float]) -> Iterator[str]:
    """Lines of an equation that gives one degree of freedom from others.

    Args:
        node: Whose displacement follows.
        axis: 1 to 3.
        columns: Unknowns of the deck that it follows, 3 (number - 1) + axis counted from nought.
        values: Their weights.
    """
    yield str(len(columns) + 1)
    yield f"{node}, {axis}, -1."
    terms = [
        f"{column // 3 + 1}, {column % 3 + 1}, {value:.12g}" for column, value in zip(columns, values, strict=True)
    ]
    yield from (", ".join(terms[start : start + TERMS]) for start in range(0, len(terms), TERMS))


def bond_rows(system: System, interface: Interface) -> sparse.csr_array:
    """Rows of a bond, of a thread that does not strip, or of the united share of a face that heals.

    Args:
        system: What is solved.
        interface: One of its interfaces.
    """
    where = system.slice_of(interface.contact.name)
    points = system.bonded if is_linear(interface) else system.contact
    if isinstance(interface.law, Healing):
        slopes = np.full((where.stop - where.start, 3), interface.law.union * interface.law.stiffness)
    else:  # normal, tangent, tangent; a thread is softer along the screw, its first tangent
        slopes = points.parameters[where][:, [0, 1, 0]]
    frames = points.frames[where]
    if np.all(slopes == slopes[:, :1]):
        frames = np.broadcast_to(np.eye(3), frames.shape)  # the same in all directions: fewer terms
    weights = np.sqrt(points.area[where, None] * slopes)[..., None] * frames
    rows = points.rows[where]
    parts = []
    for axis in range(3):
        spread = [sparse.diags_array(weights[:, axis, i]) @ rows for i in range(3)]
        parts.append(interleaved(spread))
    return sparse.csr_array(sparse.vstack(parts, format="csr"))


def interleaved(parts: list[sparse.csr_array]) -> sparse.csr_array:
    """Rows over unknowns from those over nodes for x, y and z."""
    tables = [sparse.coo_array(part) for part in parts]
    line = np.concatenate([table.coords[0] for table in tables])
    column = np.concatenate([3 * table.coords[1] + axis for axis, table in enumerate(tables)])
    shape = (parts[0].shape[0], 3 * parts[0].shape[1])
    joined = sparse.csr_array((np.concatenate([table.data for table in tables]), (line, column)), shape=shape)
    joined.eliminate_zeros()
    return joined


def hold_rows(hold: Hold, count: int) -> sparse.csr_array:
    """Rows of a support; of a kinematic pilot those of springs between its nodes and six unknowns, its rigid motion.

    Args:
        hold: The support.
        count: Number of nodes of the system.
    """
    if hold.kind != "rigid":
        return sparse.csr_array(sparse.diags_array(np.sqrt(hold.stiffness)) @ hold.rows)
    # shares of a pilot are the same in all directions
    root = np.sqrt(hold.shares[:, 0, 0]).repeat(3)
    columns = (3 * hold.nodes[:, None] + np.arange(3)).ravel()
    each = sparse.csr_array((root, (np.arange(len(columns)), columns)), shape=(len(columns), 3 * count))
    motions = hold.rows[:, columns].T / root[:, None]
    return sparse.csr_array(sparse.hstack([each, -sparse.csr_array(motions)], format="csr"))
