"""Choosing k, structure and the way to fit, in the widget."""

import pytest

from gmm_widget.core.defaults import REGULARISATION
from tests.browser.cells import FAITHFUL, TWO
from tests.browser.conftest import Shown
from tests.browser.servers import Server

MIXTURE = "w.mixture.to_json()"
FITTED = "0 if w.selection is None else len(w.selection.cells)"


def test_a_table_of_fits_is_called_off_resumed_and_a_cell_adopted_and_steered(
    lab: Server, shown: Shown
) -> None:
    """Fits come in the background; the best of Old Faithful is tied with 3; one click adopts it."""
    notebook, view = shown(lab, [TWO])
    before = notebook.evaluate(MIXTURE)
    view.button("Choose k").click()
    view.button("Start fits").click()
    notebook.eventually(FITTED, lambda n: n >= 3)
    view.button("Cancel fits").click()
    view.button("Resume fits").wait_for()
    come = notebook.evaluate(FITTED)
    assert 3 <= come < 36
    notebook.page.wait_for_timeout(300)
    assert notebook.evaluate(FITTED) == come
    view.button("Resume fits").click()
    best = view.root.get_by_label("tied, 3 components, BIC 2314.3, best", exact=True)
    notebook.eventually("w.selection and w._session.grid.complete", bool)
    best.wait_for()
    view.root.get_by_text("36 of 36 fits. Best: tied, 3 components, BIC 2314.3").wait_for()
    assert notebook.evaluate(MIXTURE) == before
    best.focus()
    view.root.locator(".gmm-next-step").nth(2).wait_for(state="attached")
    best.press("ArrowRight")
    assert view.root.get_by_label("tied, 4 components").first.evaluate(
        "cell => cell === document.activeElement"
    )
    best.click()
    notebook.eventually("w.covariance_type", lambda name: name == "tied")
    assert notebook.evaluate("w.mixture.n_components") == 3
    assert notebook.evaluate("w.history[-1].label") == "chose tied, 3 components"
    assert notebook.evaluate("w.bic") == pytest.approx(2314.3, abs=0.05)
    chosen = notebook.evaluate(MIXTURE)
    part = view.part("Component C")
    part.wait_for(state="attached")
    part.focus()
    part.press("ArrowRight")
    moved = notebook.eventually(MIXTURE, lambda now: now != chosen)
    assert moved["means"][2][0] > chosen["means"][2][0]
    view.button("Undo").click()
    notebook.eventually(MIXTURE, lambda now: now == chosen)
    view.button("Undo").click()
    notebook.eventually(MIXTURE, lambda now: now == before)


HARD = (
    FAITHFUL
    + """
from sklearn.cluster import KMeans

centres = [[2.0, 50.0], [3.5, 75.0], [4.5, 82.0]]
w = GMMWidget(df, mixture=Mixture([0.2, 0.3, 0.5], centres, [spread / 4] * 3))
lloyd = KMeans(3, init=centres, n_init=1, tol=0, algorithm="lloyd").fit(df.to_numpy())
w
"""
)
LABELS = "w.labelled()['component'].cat.codes.tolist()"


def test_the_slider_from_soft_to_hard_ends_at_kmeans_own_labels(lab: Server, shown: Shown) -> None:
    """At softness 0 a run is Lloyd's algorithm; at 1 it is EM again, from the mixture reached."""
    notebook, view = shown(lab, [HARD])
    before = notebook.evaluate(MIXTURE)
    view.button("How to fit").click()
    slider = view.root.get_by_role("slider", name="Softness", exact=True)
    slider.press("Home")
    notebook.eventually("w.softness", lambda softness: softness == 0)
    view.root.get_by_text("each point belongs to the nearest centre").wait_for()
    assert notebook.evaluate(MIXTURE) == before
    assert notebook.evaluate("len(w.history)") == 1
    view.root.locator(".gmm-border").first.wait_for(state="attached")
    view.button("Run").click()
    notebook.eventually("w.converged and not w.running", bool)
    assert notebook.evaluate(LABELS) == notebook.evaluate("lloyd.labels_.tolist()")
    assert notebook.evaluate("w.mixture.means.tolist()") == [
        pytest.approx(centre) for centre in notebook.evaluate("lloyd.cluster_centers_.tolist()")
    ]
    height = notebook.evaluate("w.log_likelihood")
    slider.press("End")
    notebook.eventually("w.softness", lambda softness: softness == 1)
    view.button("Run").click()
    notebook.eventually("w.converged and not w.running", bool)
    assert notebook.evaluate("w.log_likelihood") > height


NARROW = (
    FAITHFUL
    + """
first = df.to_numpy()[0]
start = Mixture([0.1, 0.9], [first, df.mean().to_numpy()], [spread * 1e-4, spread])
w = GMMWidget(df, mixture=start, resolution=None)
w
"""
)


def test_without_regularisation_a_collapse_is_named_and_cured(lab: Server, shown: Shown) -> None:
    """The log-likelihood runs away; the component is named, and one click turns it on again."""
    notebook, view = shown(lab, [NARROW])
    view.button("How to fit").click()
    view.root.get_by_label("Regularisation", exact=True).select_option("0")
    notebook.eventually("w.regularisation", lambda value: value == 0)
    view.button("Run").click()
    view.root.get_by_text("Component A collapsed").wait_for()
    view.button("Turn regularisation on").click()
    notebook.eventually("w.regularisation", lambda value: value == REGULARISATION)
    view.button("Run").click()
    notebook.eventually("w.converged and not w.running", bool)


EIGHT = (
    FAITHFUL
    + """
w = GMMWidget(df, n_components=8, random_state=0)
w
"""
)
PRUNED = "0 if w.counts is None else sum(count < 1 for count in w.counts)"


def test_the_slider_of_the_prior_prunes_components(lab: Server, shown: Shown) -> None:
    """Variational steps run as it moves; what has no rows is listed; leaving gives it to EM."""
    notebook, view = shown(lab, [EIGHT])
    view.button("How to fit").click()
    view.button("Bayesian").click()
    slider = view.root.get_by_role("slider", name="Prior concentration", exact=True)
    slider.press("End")
    notebook.eventually("w.concentration", lambda value: value == 100)
    notebook.eventually("w.converged and not w.running", bool)
    many = notebook.evaluate(PRUNED)
    view.root.get_by_text("ELBO, a lower bound").wait_for()
    slider.press("Home")
    notebook.eventually("w.concentration", lambda value: value == 1e-4)
    notebook.eventually("w.converged and not w.running", bool)
    pruned = notebook.evaluate(PRUNED)
    assert pruned > many
    view.root.get_by_text(f"effective components: {8 - pruned} of 8; pruned: ").wait_for()
    expected = notebook.evaluate(MIXTURE)
    view.button("Bayesian").click()
    notebook.eventually("w.concentration is None", bool)
    assert notebook.evaluate(MIXTURE) == expected
    assert notebook.evaluate("w.history[-1].label") == "expected mixture"
    view.root.get_by_text("Log-likelihood", exact=True).wait_for()
