"""Completion after %gmm: tables, then their columns, then options and their values.

It maps text to text, so that it is tested without a shell. IPython splits a line at quotes and
spaces and keeps the completions that begin with the last piece; so a name with a space is offered
in quotes, and what is offered inside open quotes continues that last piece.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gmm_widget.core.structure import STRUCTURES
from gmm_widget.magic.naming import columns_of, tables

OPTIONS = ("-k", "--cov", "--name", "--weight", "--seed", "--height")


def complete(before: str, symbol: str, names: Mapping[str, Any]) -> list[str]:
    """What may come next.

    before : the line up to the cursor. symbol : its last piece, as IPython splits it.
    names : what the notebook's names stand for.
    """
    done, part, quote = _split(before)
    words = done[1:]  # without the command itself
    if words and words[-1] in OPTIONS and words[-1] != "--weight":
        return (
            [name for name in STRUCTURES if name.startswith(part)] if words[-1] == "--cov" else []
        )
    if part.startswith("-") and not quote:
        # IPython takes the dashes for operators: the symbol begins after them, or with them.
        offered = [name for name in OPTIONS if name.startswith(part)]
        return [name[len(part) - len(symbol) :] for name in offered]
    if not words:
        return _continued(tables(names), part, symbol, quote)
    data = names.get(words[0])
    return _continued(map(str, columns_of(data)), part, symbol, quote)


def _continued(offered: Iterable[str], part: str, symbol: str, quote: str) -> list[str]:
    """The names that begin with `part`, from where the symbol begins."""
    fit = [name for name in offered if name.lower().startswith(part.lower())]
    if quote:
        return [name[len(part) - len(symbol) :] + quote for name in fit]
    return [name if name.isidentifier() or name.isdigit() else _quoted(name) for name in fit]


def _quoted(name: str) -> str:
    mark = "'" if '"' in name else '"'
    return f"{mark}{name}{mark}"


def _split(before: str) -> tuple[list[str], str, str]:
    """The finished words, the word at the cursor, and the quote that is open there, if any."""
    words: list[str] = []
    word, quote, begun = "", "", False
    for letter in before:
        if quote:
            quote, word = ("", word) if letter == quote else (quote, word + letter)
        elif letter in "\"'":
            quote, begun = letter, True
        elif letter.isspace():
            words += [word] if begun or word else []
            word, begun = "", False
        else:
            word += letter
    return words, word, quote
