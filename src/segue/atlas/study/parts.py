"""Pieces of HTML that the page of a study is made of."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape


def section(title: str, content: str) -> str:
    """A part of a page; nothing where there is no content."""
    return f"<section>\n<h2>{escape(title)}</h2>\n{content}\n</section>" if content else ""


def figure_of(drawing: str, words: str) -> str:
    """A drawing with words below it."""
    return f'<figure><div class="plot">{drawing}</div><figcaption>{escape(words)}</figcaption></figure>'


def items(lines: Sequence[str]) -> str:
    """A list."""
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>" if lines else ""


def table_of(head: Sequence[str], rows: Sequence[Sequence[str]], *, kind: str = "") -> str:
    """A table whose first column names the rows; all text is escaped."""
    top = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    body = "".join(
        f'<tr><th scope="row">{_breakable(row[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>\n"
        for row in rows
    )
    return (
        f'<div class="wide"><table class="{kind}"><thead><tr>{top}</tr></thead>'
        f"<tbody>\n{body}</tbody></table></div>"
    )


def _breakable(name: str) -> str:
    """A name that may go on in the next line where its parts meet."""
    return escape(name).replace("_", "_<wbr>").replace(".", ".<wbr>")
