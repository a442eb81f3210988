"""Write docs/cli.md from the help of every command; with --check, fail when the page is stale."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from segue.cli.app import cli

PAGE = Path(__file__).resolve().parents[1] / "docs" / "cli.md"
_WIDTH = 100


def page() -> str:
    """The whole page as Markdown."""
    parts = ["# The command line", "", "Made by `python tools/make_cli_docs.py` from the commands' own help."]
    for words, command, context in _commands("segue", cli, None):
        parts += ["", f"## `{words}`", "", "```text", command.get_help(context).rstrip(), "```"]
    return "\n".join(parts) + "\n"


def _commands(
    words: str, command: click.Command, parent: click.Context | None
) -> Iterator[tuple[str, click.Command, click.Context]]:
    context = click.Context(
        command,
        info_name=words.rpartition(" ")[2],
        parent=parent,
        terminal_width=_WIDTH,
        max_content_width=_WIDTH,
        help_option_names=["-h", "--help"],
    )
    yield words, command, context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            yield from _commands(f"{words} {name}", command.commands[name], context)


def main() -> int:
    """Write or check the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    if parser.parse_args().check:
        if PAGE.exists() and PAGE.read_text(encoding="utf-8") == page():
            return 0
        print(f"{PAGE} is stale: run python tools/make_cli_docs.py", file=sys.stderr)
        return 1
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
