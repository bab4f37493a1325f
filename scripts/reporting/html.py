"""Small pieces of the page that need no script: a table, a sentence list, something behind a click."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], caption: str) -> str:
    """A table: the first column names the row, the others are numbers. A head that ends with ` |` is of a column of words."""
    is_text = [number == 0 or head.endswith(" |") for number, head in enumerate(heads)]
    names = [head.removesuffix(" |") for head in heads]
    head = "".join(f'<th scope="col"{"" if text else " class=number"}>{escape(name)}</th>' for name, text in zip(names, is_text))
    body = "".join(
        "<tr>"
        + "".join(
            f'<th scope="row">{escape(cell)}</th>'
            if number == 0
            else f"<td{' class=prose' if is_text[number] else ' class=number'}>{escape(cell)}</td>"
            for number, cell in enumerate(cells)
        )
        + "</tr>"
        for cells in rows
    )
    return (
        f'<div class="scroll" role="region" aria-label="{escape(caption)}" tabindex="0"><table><caption class="hidden">{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def behind(summary: str, content: str) -> str:
    """Content that a click opens."""
    return f'<details class="numbers"><summary>{escape(summary)}</summary>{content}</details>'


def section(name: str, title: str, content: str) -> str:
    """A section of the page, with the name that links go to."""
    return f'<section id="{name}" aria-labelledby="{name}-title">\n  <h2 id="{name}-title">{escape(title)}</h2>\n  {content}\n</section>\n'


def card(content: str) -> str:
    """A box."""
    return f'<div class="card">{content}</div>'


def sentences(texts: Iterable[str]) -> str:
    """Sentences, one paragraph each."""
    return "".join(f"<p>{escape(text)}</p>" for text in texts)
