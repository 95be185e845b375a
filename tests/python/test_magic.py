"""%gmm in a real IPython shell: what it shows and binds, what Tab offers, how it says no."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.testing.globalipapp import start_ipython

from gmm_widget import GMMWidget
from gmm_widget.core.structure import STRUCTURES
from gmm_widget.datasets import old_faithful
from gmm_widget.magic.completing import complete
from gmm_widget.magic.naming import is_table


@pytest.fixture(scope="module")
def running() -> InteractiveShell:
    shell = start_ipython() or InteractiveShell.instance()
    shell.run_line_magic("load_ext", "gmm_widget")
    return shell


@pytest.fixture
def shell(running: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> InteractiveShell:
    """The shell with three tables and something that is none."""
    shown: list[object] = []
    monkeypatch.setattr("gmm_widget.magic.command.display", shown.append)
    running.reset(new_session=False)
    eruptions = old_faithful(as_frame=True)
    running.user_ns.update(
        df=eruptions,
        odd=eruptions.rename(columns={"waiting": "time to wait", "eruptions": 3}),
        X=eruptions.to_numpy(),
        number=3,
        shown=shown,
    )
    return running


def test_it_shows_a_widget_and_binds_it(shell: InteractiveShell) -> None:
    assert shell.run_cell("%gmm df eruptions waiting -k 3 --cov tied --seed 1 --name m").success
    m = shell.user_ns["m"]
    assert shell.user_ns["shown"] == [m]
    assert m.mixture.n_components == 3
    assert m.covariance_type == "tied"
    assert m._view["columns"] == ["eruptions", "waiting"]
    same = GMMWidget(shell.user_ns["df"], 3, "tied", random_state=1)
    assert m.mixture == same.mixture


def test_the_order_of_the_columns_is_kept(shell: InteractiveShell) -> None:
    assert shell.run_cell("%gmm df waiting eruptions").success
    assert shell.user_ns["w"]._view["columns"] == ["waiting", "eruptions"]


@pytest.mark.parametrize(
    ("line", "columns"),
    [
        ("odd", ["3", "time to wait"]),
        ('odd "time to wait" 3', ["time to wait", "3"]),
        ("odd 'time to wait' 3", ["time to wait", "3"]),
        ("X 1 0", ["x1", "x0"]),
        ("X x1 x0", ["x1", "x0"]),
        ('"df[df.waiting > 60]"', ["eruptions", "waiting"]),
    ],
)
def test_tables_and_columns_of_every_kind(
    shell: InteractiveShell, line: str, columns: list[str]
) -> None:
    assert shell.run_cell(f"%gmm {line}").success
    assert shell.user_ns["w"]._view["columns"] == columns


def test_a_column_can_be_the_weight(shell: InteractiveShell) -> None:
    """It is not fitted then, and a row of weight 2 counts as two rows do."""
    df = shell.user_ns["df"]
    shell.user_ns["counted"] = df.assign(n=2.0)
    assert shell.run_cell("%gmm counted --weight n --seed 1").success
    w = shell.user_ns["w"]
    assert w._view["columns"] == ["eruptions", "waiting"]
    twice = GMMWidget(pd.concat([df, df]), mixture=w.mixture)
    assert w.log_likelihood == pytest.approx(twice.log_likelihood, rel=1e-12)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "which table?"),
        ("dff", "there is no table 'dff'; did you mean 'df'?"),
        ("zzz", "there is no table 'zzz'; there are 'df', 'odd', 'X'"),
        ("df waitng eruptions", "there is no column 'waitng'; did you mean 'waiting'?"),
        ("X 0 7", "there is no column 7; the columns are ['x0', 'x1']"),
        ("df waiting", "two columns"),
        ("number", "table"),
        ("df -k", "-k"),
        ("df -k three", "three"),
        ("df -k 0", "n_components must be a whole number of 1 to 200"),
        ("df --cov round", "there is no structure 'round'"),
        ("df --cov ful", "did you mean 'full'?"),
        ("df --colour red", "--colour"),
        ("df --name 2x", "'2x' is not a valid variable name"),
        ("df --name for", "'for' is not a valid variable name"),
        ('df "waiting', "quotation mark"),
        ('"df[1/0]"', "division by zero"),
    ],
)
def test_a_mistake_is_answered_in_one_line(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], line: str, says: str
) -> None:
    """No traceback, the cell has failed, and nothing was bound."""
    assert not shell.run_cell(f"%gmm {line}").success
    told = capsys.readouterr()
    text = (told.out + told.err).strip()
    assert says in text
    assert len(text.splitlines()) == 1
    assert "w" not in shell.user_ns


def test_missing_values_are_named(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.user_ns["df"].iloc[7, 1] = np.nan
    assert not shell.run_cell("%gmm df").success
    text = capsys.readouterr().err
    assert "7" in text
    assert len(text.strip().splitlines()) == 1


def test_nobody_loses_a_variable_unasked(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    """The usual name is taken only where it is free or a widget's."""
    shell.user_ns["w"] = [1, 2]
    assert not shell.run_cell("%gmm df").success
    assert "w is already something else here (list)" in capsys.readouterr().err
    assert shell.user_ns["w"] == [1, 2]
    assert shell.run_cell("%gmm df --name w").success
    assert shell.run_cell("%gmm df -k 4").success
    assert shell.user_ns["w"].mixture.n_components == 4


def test_help_fits_a_screen(shell: InteractiveShell) -> None:
    text = shell.inspector.info(shell.find_line_magic("gmm"))["docstring"]
    lines = text.splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 100
    assert all(name in text for name in ("-k", "--cov", "--name", "--weight", *STRUCTURES))


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("%gmm d", {"df"}),
        ("%gmm ", {"df", "odd", "X"}),
        ("%gmm df ", {"eruptions", "waiting"}),
        ("%gmm df eruptions wa", {"waiting"}),
        ("%gmm odd ", {"3", '"time to wait"'}),
        ('%gmm odd "', {'time to wait"', '3"'}),
        ('%gmm odd "time to', {'to wait"'}),
        ("%gmm X x", {"x0", "x1"}),
        ("%gmm df --cov t", {"tied"}),
        ("%gmm df --cov ", set(STRUCTURES)),
        ("%gmm df --weight w", {"waiting"}),
    ],
)
def test_tab_offers_what_may_come_next(
    shell: InteractiveShell, line: str, offered: set[str]
) -> None:
    """By the shell's own completer, with its own splitting of the line."""
    _, matches = shell.complete("", line=line, cursor_pos=len(line))
    assert offered <= set(matches)
    if offered != {"df", "odd", "X"}:  # files of this folder may be offered beside names
        assert {m for m in matches if not m.startswith("%")} == offered


def test_tab_offers_options() -> None:
    """Whether the shell takes dashes as part of a piece or not."""
    assert "--cov" in complete("%gmm df -", "-", {})
    assert complete("%gmm df --na", "--na", {}) == ["--name"]
    assert complete("%gmm df --na", "na", {}) == ["name"]
    assert complete("%gmm df -k ", "", {"df": {}}) == []


def test_what_counts_as_a_table() -> None:
    assert is_table({"a": np.zeros(3), "b": np.zeros(3)})
    assert is_table(np.zeros((2, 2)))
    assert not is_table({"a": 1})
    assert not is_table(pd.DataFrame)
    assert not is_table({})
