"""The history as a table for Python: one record per entry of the tree."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, final, overload

from gmm_widget.session.entry import Entry
from gmm_widget.session.history import History

MAX_ROWS = 60  # printed
EM_CAUSES = ("start", "step", "run", "m_step")


@final
class Record(NamedTuple):
    """One entry of the history.

    `id` is what `jump` takes, `parent` the id of the entry that it was done on (None for the
    first), `log_likelihood` is the total in nats, None until it is computed.
    `by_hand` is true for user edits, `present` for the current entry.
    """

    id: int
    parent: int | None
    label: str
    log_likelihood: float | None
    n_components: int
    steps: int
    by_hand: bool
    present: bool


@final
class Records(Sequence[Record]):
    """All entries in the order in which they were made; prints as a table."""

    def __init__(self, history: History) -> None:
        here = history.position
        self._rows = tuple(_record(e, e.id == here) for e in history.entries.values())

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, at: int) -> Record: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[Record, ...]: ...

    def __getitem__(self, at: int | slice) -> Record | tuple[Record, ...]:
        return self._rows[at]

    def __iter__(self) -> Iterator[Record]:
        return iter(self._rows)

    def to_frame(self) -> Any:
        """A pandas data frame with a row an entry, indexed by id."""
        import pandas as pd

        return pd.DataFrame(list(self._rows), columns=list(Record._fields)).set_index("id")

    def __repr__(self) -> str:
        lines = (
            f"{'>' if r.present else ' '}{r.id:>5} {'' if r.parent is None else r.parent:>5}  "
            f"{r.label:<28} {_figure(r.log_likelihood):>16}"
            for r in self._rows[-MAX_ROWS:]
        )
        head = f"{'entry':>6} {'after':>5}  {'':<28} {'log-likelihood':>16}"
        return "\n".join([head, *self._omitted(), *lines])

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{t}</th>" for t in ("entry", "after", "", "log-likelihood", "K"))
        rows = "".join(_row(r) for r in self._rows[-MAX_ROWS:])
        left = "".join(f"<caption>{line}</caption>" for line in self._omitted())
        return f"<table>{left}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"

    def _omitted(self) -> list[str]:
        more = len(self._rows) - MAX_ROWS
        return [f"({more} earlier entries; to_frame() has them all)"] if more > 0 else []


def _record(entry: Entry, present: bool) -> Record:
    state = entry.state
    k = state.mixture.n_components
    figure = state.log_likelihood
    by_hand = entry.cause not in EM_CAUSES
    return Record(
        entry.id, entry.parent, str(entry.label), figure, k, state.steps, by_hand, present
    )


def _row(record: Record) -> str:
    cells = (
        record.id,
        "" if record.parent is None else record.parent,
        record.label,
        _figure(record.log_likelihood),
        record.n_components,
    )
    tag = "th" if record.present else "td"
    return f"<tr>{''.join(f'<{tag}>{html.escape(str(c))}</{tag}>' for c in cells)}</tr>"


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:,.3f}"
