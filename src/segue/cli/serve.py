"""`segue serve`: the player and an OpenSubsonic server on one library."""

from __future__ import annotations

from pathlib import Path

import click

from segue.cli.options import data_option
from segue.settings import DataFolder


@click.command()
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path), metavar="[FOLDER]...")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Where to listen. On any address but this machine's own an account is needed: `segue account add`.",
)
@click.option(
    "--port", default=4533, show_default=True, type=click.IntRange(0, 65535), help="0: any free one."
)
@click.option("--no-scan", is_flag=True, help="Serve the library as it is; do not scan or watch.")
@click.option(
    "--proxy-header",
    default="",
    metavar="NAME",
    help="Let in whom a reverse proxy names in this header, such as Remote-User.",
)
@click.option(
    "--proxy",
    "proxies",
    multiple=True,
    metavar="ADDRESS",
    help="Believe the headers of proxies at this address or network (default: this machine).",
)
@data_option
def serve(
    folders: tuple[Path, ...],
    host: str,
    port: int,
    no_scan: bool,
    proxy_header: str,
    proxies: tuple[str, ...],
    data: DataFolder,
) -> None:
    """Scan FOLDER in the background, and serve the player and any Subsonic app.

    Without FOLDER the folders of the library are scanned. Open http://127.0.0.1:4533 in a browser; Ctrl-C
    ends it.
    """
    from segue.server.served import THIS_MACHINE, ServerSettings
    from segue.server.serving import serve_library

    settings = ServerSettings(
        data=data,
        folders=folders,
        host=host,
        port=port,
        proxy_header=proxy_header,
        proxies=proxies or THIS_MACHINE,
        scan=not no_scan,
    )
    serve_library(settings, say=lambda line: click.echo(line, err=True))
