"""A selection in words: as text for a terminal, as a small table for a notebook."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator

from .cell import COLLAPSED, SPURIOUS, Cell, Table
from .criteria import CRITERIA

_MARKS = {SPURIOUS: "s", COLLAPSED: "x"}
_WORST = 4


def as_text(selection: Table) -> str:
    """The first criterion for all cells, the best marked, and who wins by each criterion."""
    name = selection.criteria[0]
    rows = [["k", *selection.structures]]
    for k in selection.counts:
        rows.append([str(k), *(_figure(selection, k, s, name) for s in selection.structures)])
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    table = [
        "  ".join(part.rjust(width) for part, width in zip(row, widths, strict=True))
        for row in rows
    ]
    head = f"{CRITERIA[name].title}, lower is better; s: spurious, x: collapsed, *: best"
    return "\n".join([head, *table, *winners(selection), *reasons(selection)])


def as_html(selection: Table) -> str:
    """The same as a table; everything that is text is escaped."""
    name = selection.criteria[0]
    best = _best(selection, name)
    head = "".join(f"<th>{html.escape(s)}</th>" for s in selection.structures)
    body = []
    for k in selection.counts:
        cells = []
        for structure in selection.structures:
            cell = _found(selection, k, structure)
            text = html.escape(_figure(selection, k, structure, name))
            title = html.escape(_note(cell) if cell is not None else "", quote=True)
            strong = f"<strong>{text}</strong>" if cell is best and cell is not None else text
            cells.append(f'<td title="{title}">{strong}</td>')
        body.append(f"<tr><th>{k}</th>{''.join(cells)}</tr>")
    title = f"{CRITERIA[name].title} by number of components and structure; lower is better"
    notes = "".join(
        f"<div>{html.escape(line)}</div>" for line in (*winners(selection), *reasons(selection))
    )
    return (
        f"<div><table><caption>{html.escape(title)}</caption><thead><tr><th>k</th>{head}</tr>"
        f"</thead><tbody>{''.join(body)}</tbody></table>{notes}</div>"
    )


def winners(selection: Table) -> Iterator[str]:
    """A line for each criterion: the best cell, and how far behind the next one is."""
    for name in selection.criteria:
        order = selection.ranked(name)
        if not order:
            yield f"{name}: no cell can be trusted"
            continue
        first = order[0]
        lead = f", {order[1].scores[name] - first.scores[name]:.4g} ahead" if order[1:] else ""
        next_ = f" of {order[1].covariance_type} with {order[1].n_components}" if order[1:] else ""
        choice = f"{first.covariance_type} with {first.n_components}"
        yield f"{name}: {choice}, {first.scores[name]:.3f}{lead}{next_}"


def reasons(selection: Table) -> Iterator[str]:
    """A line for each of the first few cells that can't be trusted, with the reason."""
    bad = [cell for cell in selection.cells if cell.reason or cell.lost]
    for cell in bad[:_WORST]:
        yield f"{cell.covariance_type} with {cell.n_components}: {_note(cell)}"
    if len(bad) > _WORST:
        yield f"and {len(bad) - _WORST} more cells with a reason of their own: see to_frame()"


def _note(cell: Cell) -> str:
    return "; ".join([*([cell.reason] if cell.reason else []), *cell.lost])


def _best(selection: Table, name: str) -> Cell | None:
    return next(iter(selection.ranked(name)), None)


def _found(selection: Table, k: int, structure: str) -> Cell | None:
    return next((cell for cell in selection.cells if cell.key == (structure, k)), None)


def _figure(selection: Table, k: int, structure: str, name: str) -> str:
    cell = _found(selection, k, structure)
    if cell is None:
        return ""
    value = cell.scores[name]
    number = f"{value:.3f}" if math.isfinite(value) else "-"
    mark = "*" if cell is _best(selection, name) else _MARKS.get(cell.status, "")
    return number + mark.ljust(1)
