"""The command that shows a result in three dimensions."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from femsacrum.cli.command import app


@app.command()
def view(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.", show_default=False)],
    file: Annotated[bool, typer.Option("--file", help="Write viewer.html into the run folder instead.")] = False,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0: any free one.")] = 0,
    open_it: Annotated[bool, typer.Option("--open/--no-open", help="Open a browser.")] = True,
) -> None:
    """Show a result in a browser: turn, cut, read values. Served to this machine only, until Ctrl-C."""
    from femsacrum.report.viewer import served, write_viewer

    if file:
        typer.echo(str(write_viewer(folder)))
        return
    from femsacrum.errors import InputError
    from femsacrum.report.viewer.serve import ADDRESS, server

    page = served(folder)
    try:
        serving = server(*page, port)
    except OSError as error:
        raise InputError(f"--port {port}", f"cannot be used: {error.strerror}; leave it out for a free one") from None
    with serving, contextlib.suppress(KeyboardInterrupt):
        address = f"http://{ADDRESS}:{serving.server_port}/"
        typer.echo(f"{address} shows {folder}; Ctrl-C ends it")
        if open_it:
            import webbrowser

            webbrowser.open(address)
        serving.serve_forever()
