"""The notebook extension: `%load_ext gmm_widget`, then `%gmm df x y -k 3` shows a widget.

A mistake is answered in one line that says what was wrong and what to type instead: the command
raises IPython's UsageError, which stops the cell and prints no traceback.
"""

from __future__ import annotations

import argparse
import difflib
import keyword
import shlex
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn, final

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_magic, magics_class
from IPython.display import display

from gmm_widget.core.structure import STRUCTURES
from gmm_widget.data.columns import position, shown_names
from gmm_widget.data.source import Source, open_source
from gmm_widget.data.table import read_table
from gmm_widget.magic.completing import complete
from gmm_widget.magic.naming import tables
from gmm_widget.widget.widget import GMMWidget

__all__ = ["GMMMagics"]

USUAL_NAME = "w"


@final
class _Parser(argparse.ArgumentParser):
    """Answers a mistake with a UsageError instead of ending the process."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; type %gmm? for help")


def _parser() -> _Parser:
    parser = _Parser(prog="%gmm", add_help=False, allow_abbrev=False)
    parser.add_argument("data")
    parser.add_argument("columns", nargs="*")
    parser.add_argument("-k", type=int, default=2)
    parser.add_argument("--cov", default="full")
    parser.add_argument("--name", default=None)
    parser.add_argument("--weight", default=None)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--height", type=int, default=420)
    return parser


@final
@magics_class
class GMMMagics(Magics):
    """The command %gmm, which `%load_ext gmm_widget` adds to a notebook."""

    @line_magic
    def gmm(self, line: str) -> None:
        """Show a Gaussian mixture over a table, fitted by you and EM together.

        %gmm df                          all numeric columns of df, two components
        %gmm df x y -k 3                 the columns x and y, three components
        %gmm df x y z --cov tied         fits x, y and z; shows x against y
        %gmm df "body mass" x --name m   quotes around a name with spaces; m is the widget

        -k 3          components to start with, 1 to 200 (usual: 2)
        --cov full    covariance structure: full, tied, diag or spherical
        --name w      the variable that the widget is bound to (usual: w)
        --weight n    a column that says how often each row counts
        --seed 0      the same start every time
        --height 420  of the plot, in pixels

        df is any table that GMMWidget takes, or an expression in quotes: "df[df.x > 0]". An
        array's columns are 0, 1, 2, ... Then: w.mixture, w.log_likelihood, w.bic, w.run().
        """
        wanted = _parser().parse_args(_words(line))
        name = self._free_name(wanted.name)
        if wanted.cov not in STRUCTURES:
            raise UsageError(f"--cov {_unknown(wanted.cov, STRUCTURES, 'structure')}")
        try:
            source = open_source(self._table(wanted.data))
            columns = [_column(source, text) for text in wanted.columns] or None
            weight = None
            if wanted.weight is not None:
                place = _column(source, wanted.weight)
                weight = read_table(source, [place]).values[:, 0]
                source = source if columns else source.without(place)
            widget = GMMWidget(
                source,
                wanted.k,
                wanted.cov,
                columns=columns,
                sample_weight=weight,
                random_state=wanted.seed,
                height=wanted.height,
            )
        except (ValueError, TypeError, ImportError) as problem:
            raise UsageError(_in_one_line(problem)) from None
        self._names[name] = widget
        display(widget)  # type: ignore[no-untyped-call]

    @property
    def _names(self) -> dict[str, Any]:
        """The variables of the notebook."""
        shell: Any = self.shell
        names: dict[str, Any] = shell.user_ns
        return names

    def _free_name(self, name: str | None) -> str:
        """The variable to assign: the one asked for, or `w` unless it holds something else."""
        if name is None:
            held = self._names.get(USUAL_NAME)
            if held is not None and not isinstance(held, GMMWidget):
                raise UsageError(
                    f"{USUAL_NAME} is already something else here ({type(held).__name__}); "
                    "say where the widget should go: --name widget"
                )
            return USUAL_NAME
        if not name.isidentifier() or keyword.iskeyword(name):
            raise UsageError(
                f"--name {name!r} is not a valid variable name; use letters, digits and "
                "underscores, such as --name m"
            )
        return name

    def _table(self, text: str) -> Any:
        """What a name or an expression stands for."""
        held = self._names
        if text.isidentifier() and text not in held:
            raise UsageError(_unknown(text, tables(held), "table"))
        try:
            shell: Any = self.shell
            return shell.ev(text)
        except Exception as problem:  # noqa: BLE001  the user's own expression may raise anything
            raise UsageError(f"{text} could not be evaluated: {_in_one_line(problem)}") from None


def _words(line: str) -> list[str]:
    try:
        words = shlex.split(line)
    except ValueError:
        raise UsageError(f"a quotation mark is not closed in: {line}") from None
    if not words:
        raise UsageError("which table? As in %gmm df x y -k 3; type %gmm? for help")
    return words


def _column(source: Source, text: str) -> int:
    """The position of the column that a word names: by its name, or by its position."""
    names = shown_names(source.labels)
    return position(int(text) if text.isdigit() and text not in names else text, names)


def _unknown(text: str, known: Iterable[str], what: str) -> str:
    """There is no such thing; what may have been meant, or what there is."""
    names = list(known)
    near = difflib.get_close_matches(text, names, n=1)
    if near:
        return f"there is no {what} {text!r}; did you mean {near[0]!r}?"
    if not names:
        return f"there is no {what} {text!r}, nor any other {what} here yet"
    more = ", ..." if len(names) > 8 else ""
    return f"there is no {what} {text!r}; there are {', '.join(map(repr, names[:8]))}{more}"


def _in_one_line(problem: BaseException) -> str:
    return " ".join(str(problem).split()) or type(problem).__name__


def load_ipython_extension(shell: Any) -> None:
    """Add %gmm and its completion to an IPython shell; called by `%load_ext gmm_widget`."""
    shell.register_magics(GMMMagics)

    def completer(_: Any, event: Any) -> list[str]:
        held: Mapping[str, Any] = shell.user_ns
        return complete(event.text_until_cursor, event.symbol, held)

    shell.set_hook("complete_command", completer, str_key="%gmm")
