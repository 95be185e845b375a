"""Each kind of table in each place that takes one: the same fit as of the plain array, or an error.

The oracle is the fit of a float64 array of the same numbers. `data_help.TABLES` lists the kinds.
"""

from __future__ import annotations

import subprocess
import sys
import warnings
from typing import Any

import dask.array
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from data_help import ALL, FRAME, TABLES, WET, N, Refused, Works, X, with_missing
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.testing.globalipapp import start_ipython

from gmm_widget import BayesianGaussianMixture, GaussianMixture, GMMWidget, select
from gmm_widget.analysis.labels import labelled
from gmm_widget.data.table import read_table
from gmm_widget.magic.completing import complete

WORKING = [name for name, (_, result) in TABLES.items() if isinstance(result, Works)]
OURS = GaussianMixture(2, random_state=0).fit(X)


@pytest.fixture(scope="module")
def shell() -> InteractiveShell:
    running = start_ipython() or InteractiveShell.instance()
    running.run_line_magic("load_ext", "gmm_widget")
    return running


@pytest.fixture(params=list(TABLES))
def case(request: pytest.FixtureRequest) -> tuple[Any, Works | Refused]:
    make, result = TABLES[request.param]
    return make(), result


def checked(use: Any, result: Works | Refused) -> Any:
    """What `use` returns, or None after the error that is due; no other warning is let pass."""
    if isinstance(result, Refused):
        with pytest.raises(result.error, match=result.says):
            use()
        return None
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        made = use()
    texts = [str(w.message) for w in seen if issubclass(w.category, UserWarning)]
    return made, texts


def assert_named(texts: list[str], result: Works) -> None:
    """Nothing is said, or one thing that names what was left out and what to do."""
    assert len(texts) == bool(result.left_out)
    for text in texts:
        assert text.startswith(f"Columns left out: {result.left_out}. Convert them")


def test_the_estimator(case: tuple[Any, Works | Refused]) -> None:
    data, result = case
    found = checked(lambda: GaussianMixture(2, random_state=0).fit(data), result)
    if found is None:
        return
    model, texts = found
    names = getattr(model, "feature_names_in_", None)
    expected = None if result.names is None else [n.split(" ")[0] for n in result.names]
    assert (None if names is None else names.tolist()) == expected
    assert_named(texts, result)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        means = OURS.means_[OURS.predict(X)]  # the order of components is of no account
        np.testing.assert_allclose(model.means_[model.predict(data)], means, rtol=1e-5)
        assert model.score(data) == pytest.approx(OURS.score(X), rel=1e-6)


def test_the_bayesian_estimator_reads_as_the_other_does(case: tuple[Any, Works | Refused]) -> None:
    data, result = case
    checked(lambda: BayesianGaussianMixture(n_components=2, random_state=0).fit(data), result)


def test_select(case: tuple[Any, Works | Refused]) -> None:
    data, result = case
    found = checked(lambda: select(data, 2, "full", n_init=1, random_state=0), result)
    if found is None:
        return
    selection, texts = found
    assert selection.best().log_likelihood == pytest.approx(OURS.score(X) * N, rel=1e-6)
    assert_named(texts, result)


def test_the_widget(case: tuple[Any, Works | Refused]) -> None:
    data, result = case
    found = checked(lambda: GMMWidget(data, mixture=OURS.mixture_), result)
    other = GMMWidget(X, mixture=OURS.mixture_)
    if found is None:
        names = "|no column 'x0'|new data have 1"  # that, too, would be right to say
        checked(lambda: other.set_data(data), result._replace(says=result.says + names))
        assert other.log_likelihood == pytest.approx(OURS.score(X) * N)  # nothing has changed
        return
    w, _ = found
    assert w.log_likelihood == pytest.approx(OURS.score(X) * N, rel=1e-6)
    unnamed = ["0", "1"] if isinstance(data, pd.DataFrame) else ["x0", "x1"]
    assert w._view["columns"] == list(result.names or unnamed)
    notice = w._connection.notice
    assert_named([] if notice is None else [str(notice)], result)
    w.data = data
    assert w.log_likelihood == pytest.approx(OURS.score(X) * N, rel=1e-6)
    assert len(w.labelled(data)) == N


def test_the_command(case: tuple[Any, Works | Refused], shell: InteractiveShell) -> None:
    data, result = case
    shell.user_ns.update(table=data, start=OURS.mixture_)
    shell.user_ns.pop("w", None)
    if isinstance(result, Refused):
        with pytest.raises(UsageError, match=result.says):
            shell.run_line_magic("gmm", "table --seed 0")
        assert "w" not in shell.user_ns
        return
    shell.run_line_magic("gmm", "table --seed 0")
    same = GMMWidget(X, random_state=0)
    means = (np.sort(w.mixture.means, axis=0) for w in (shell.user_ns["w"], same))
    np.testing.assert_allclose(*means, rtol=1e-5)
    if result.names is not None and not isinstance(data, list):
        offered = complete("%gmm table ", "", shell.user_ns)
        assert [name.strip('"') for name in offered if "hei" in name or "wid" in name] == list(
            result.names
        )


@pytest.mark.parametrize("name", [n for n in WORKING if TABLES[n][1] == ALL])
def test_columns_are_chosen_by_name_in_the_order_given(name: str) -> None:
    """Booleans are 0 and 1 where they are asked for; text stays refused."""
    w = GMMWidget(TABLES[name][0](), columns=["wet", "height"])
    np.testing.assert_allclose(w.data, np.c_[WET, X[:, 0]])
    with pytest.raises(ValueError, match="'site' is not numeric"):
        GMMWidget(TABLES[name][0](), columns=["site", "height"])
    with pytest.raises(ValueError, match=r"no column 'heigth'.*did you mean 'height'"):
        GMMWidget(TABLES[name][0](), columns=["heigth", "width"])


MASK = np.arange(N) == 3
WEIGHTS = {
    "array": lambda w: w,
    "list": lambda w: w.tolist(),
    "pandas": pd.Series,
    "pandas nullable": lambda w: pd.Series(w).convert_dtypes(),
    "polars": pl.Series,
    "Arrow": pa.array,
    "Arrow chunks": lambda w: pa.chunked_array([w]),
    "masked, nothing masked": np.ma.array,
    "Dask": dask.array.from_array,
}


@pytest.mark.parametrize("kind", WEIGHTS)
def test_weights_of_every_kind(kind: str) -> None:
    weight = np.arange(1.0, N + 1)
    given = WEIGHTS[kind](weight)
    plain = GaussianMixture(2, random_state=0).fit(X, sample_weight=weight)
    model = GaussianMixture(2, random_state=0).fit(X, sample_weight=given)
    np.testing.assert_array_equal(model.means_, plain.means_)
    assert model.score(X, sample_weight=given) == plain.score(X, sample_weight=weight)
    w = GMMWidget(X, mixture=plain.mixture_, sample_weight=given)
    assert w.log_likelihood == pytest.approx(plain.score_samples(X) @ weight)
    w.set_data(X, given)
    np.testing.assert_array_equal(w.sample_weight, weight)


@pytest.mark.parametrize(
    "weight",
    [
        np.ma.array(np.ones(N), mask=MASK),
        np.ma.array(np.ones(N, int), mask=MASK),
        pd.Series(np.ones(N)).mask(MASK).convert_dtypes(),
        pl.Series([None if m else 1.0 for m in MASK]),
        pa.array([None if m else 1.0 for m in MASK]),
        [None if m else 1.0 for m in MASK],
    ],
    ids=["masked", "masked int", "pandas NA", "polars null", "Arrow null", "None"],
)
def test_a_missing_weight_is_named_by_its_row(weight: Any) -> None:
    for use in (
        lambda: GMMWidget(X, sample_weight=weight),
        lambda: GMMWidget(X).set_data(X, weight),
        lambda: GaussianMixture().fit(X, sample_weight=weight),
        lambda: OURS.score(X, sample_weight=weight),
        lambda: OURS.bic(X, sample_weight=weight),
        lambda: select(X, 1, sample_weight=weight),
    ):
        with pytest.raises(ValueError, match=r"sample_weight .* row 3 has nan \(missing\)"):
            use()


@pytest.mark.parametrize(
    "kind", ["masked", "masked mapping", "masked structured", "NA", "absent key"]
)
def test_rows_with_a_missing_value_get_no_label(kind: str) -> None:
    found = labelled(OURS.mixture_, with_missing(kind))
    assert np.flatnonzero(found.component.isna()).tolist() == [7]
    assert pd.isna(found.iloc[7, 1])
    assert (found.component.dropna() == np.delete(OURS.predict(X), 7)).all()


def test_other_data_must_have_the_widgets_columns() -> None:
    w = GMMWidget(X)
    with pytest.raises(ValueError, match=r"no column 'x0'.*\['site', 'height'.*array of 2 columns"):
        w.set_data(FRAME)


def test_more_than_64_columns() -> None:
    """Estimators take them; the widget names what to do."""
    wide = np.random.default_rng(0).normal(size=(90, 70))
    assert GaussianMixture(2, covariance_type="diag", random_state=0).fit(wide).n_features_in_ == 70
    with pytest.raises(ValueError, match=r"70 columns.*at most 64.*columns=\[\.\.\.\]"):
        GMMWidget(wide)


def test_frames_of_numbers_are_not_copied() -> None:
    """Neither pandas' block nor an array: what the estimator passes over is the memory given."""
    frame = pd.DataFrame(X)
    assert np.shares_memory(read_table(frame).values, frame.to_numpy())
    assert np.shares_memory(read_table(X).values, X)


def test_no_library_of_frames_is_imported_before_one_of_its_frames_is_met() -> None:
    code = (
        "import sys, numpy as np\n"
        "from gmm_widget import GaussianMixture, GMMWidget, select\n"
        "X = np.random.default_rng(0).normal(size=(40, 2))\n"
        "GaussianMixture(2).fit(X).predict(X.tolist())\n"
        "GMMWidget({'a': X[:, 0], 'b': X[:, 1]})\n"
        "print([m for m in ('pandas', 'polars', 'pyarrow', 'duckdb', 'dask', 'sklearn')"
        " if m in sys.modules])\n"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "[]"
