"""The page: one file with its style, its script, three.js and what it shows; only a served one fetches, from its server."""

from __future__ import annotations

import base64
import hashlib
import json
import tomllib
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from femsacrum.report.maps import MOTION_MAP, STRAIN_COLOURS, STRAIN_EDGES, STRESS_MAP
from femsacrum.report.viewer.pack import Head

if TYPE_CHECKING:
    from matplotlib.colors import Colormap

_PACKAGE = "femsacrum.report.viewer"
#: Parts of the page's own script, in order.
SCRIPTS = ("data.js", "model.js", "stage.js", "probe.js", "controls.js")
#: Colours of a smooth map; of a banded one for each tenth of its narrowest band.
SHADES, BANDED = 256, 300


def page(head: Head, chunks: Sequence[bytes] | None) -> str:
    """The page as HTML.

    Args:
        head: From ``pack``.
        chunks: From ``pack``; None: the page asks for them where it came from, each when it is needed.

    Returns:
        HTML that holds no text of the case but as JSON, which the script writes as text.
    """
    from jinja2 import Environment

    library = _library()
    own = '(() => {\n"use strict";\n' + "\n".join(_file(name) for name in SCRIPTS) + "})();\n"
    style = _file("page.css")
    template = Environment(autoescape=True).from_string(_file("page.html"))
    return template.render(
        policy=_policy([library, own], style, fetches=chunks is None),
        style=Markup(style),
        scripts=[Markup(library), Markup(own)],
        head=Markup(as_json({**head, "served": chunks is None, "maps": _maps(), "colours": _roles()})),
        chunks=[base64.b64encode(chunk).decode("ascii") for chunk in chunks or ()],
    )


def vendored() -> list[dict[str, str]]:
    """Code of others that the page holds: "name", "version", "licence", "file", "licence_file", "sha256", and more."""
    told = (resources.files(_PACKAGE) / "vendored.toml").read_text(encoding="utf-8")
    return list(tomllib.loads(told)["library"])


def _library() -> str:
    """three.js below its licence."""
    (told,) = vendored()
    licence, code = (_file(Path(told[key]).name) for key in ("licence_file", "file"))
    return f"/*\n{told['name']} {told['version']}\n{licence}*/\n{code}"


def as_json(content: Any) -> str:
    """JSON that can stand in a script element: nothing in it ends the element or opens a comment."""
    text = json.dumps(content, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _policy(scripts: Sequence[str], style: str, *, fetches: bool) -> str:
    """What the page may do: run and style itself with what it holds, fetch from its own server if any, and nothing else."""
    run = " ".join(_hash(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {run}; style-src {_hash(style)}; img-src blob: data:; base-uri 'none'; "
        "form-action 'none'" + ("; connect-src 'self'" if fetches else "")
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}'"


def _file(name: str) -> str:
    return (resources.files(_PACKAGE) / "page" / name).read_text(encoding="utf-8")


def _maps() -> dict[str, list[int]]:
    """Colours of the report's pictures: name -> red, green, blue of every shade."""
    import matplotlib
    import numpy as np
    from matplotlib.colors import ListedColormap

    def shades(colours: Colormap, count: int) -> list[int]:
        middles = (np.arange(count) + 0.5) / count
        return [int(value) for value in np.rint(255.0 * colours(middles)[:, :3]).ravel()]

    middles = (np.arange(BANDED) + 0.5) / BANDED * STRAIN_EDGES[-1]
    band = np.searchsorted(STRAIN_EDGES, middles) - 1
    bands = np.rint(255.0 * ListedColormap(STRAIN_COLOURS)(band)[:, :3])
    return {
        "stress": shades(matplotlib.colormaps[STRESS_MAP], SHADES),
        "motion": shades(matplotlib.colormaps[MOTION_MAP], SHADES),
        "bands": [int(value) for value in bands.ravel()],
    }


def _roles() -> dict[str, str]:
    from femsacrum.report.scene import COLOURS

    return dict(COLOURS)
