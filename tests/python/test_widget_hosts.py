"""Pages that can show no widget: a saved or exported notebook has a picture in its place."""

import base64
import io
import warnings

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook, new_output
from session_help import poor_start, three_clusters

from gmm_widget import GMMWidget

EVIL = "</script><img src=x onerror=alert(1)>"


def bundle_of(w: GMMWidget) -> dict:
    data, _ = w._repr_mimebundle_()
    return data


def test_the_bundle_holds_the_widget_and_a_picture_of_it():
    bundle = bundle_of(GMMWidget(three_clusters(), 3, mixture=poor_start()))
    assert "application/vnd.jupyter.widget-view+json" in bundle
    picture = plt.imread(io.BytesIO(base64.b64decode(bundle["image/png"])))
    assert picture.shape[2] == 4
    assert len(np.unique(picture.reshape(-1, 4), axis=0)) > 50


def test_the_picture_stays_small_whatever_the_data():
    w = GMMWidget(np.random.default_rng(0).normal(size=(300_000, 2)), 2, random_state=0)
    assert len(bundle_of(w)["image/png"]) < 150_000


def test_an_exported_notebook_without_state_shows_the_picture_and_no_markup_of_the_data():
    columns = {EVIL: three_clusters()[:, 0], "b": three_clusters()[:, 1]}
    bundle = bundle_of(GMMWidget(columns, 2, random_state=0))
    output = new_output("display_data", data=bundle)
    notebook = new_notebook(cells=[new_code_cell("w", outputs=[output])])
    nbformat.validate(notebook)
    page, _ = HTMLExporter(template_name="lab").from_notebook_node(notebook)
    assert f"data:image/png;base64,{bundle['image/png'][:40]}" in page.replace("\n", "")
    assert EVIL not in page


@pytest.mark.parametrize("name", ["cost_$_per_rev_$", "$\\frac{1}{0$", "a_b^c", "$$", "\\alpha"])
def test_a_name_with_dollar_signs_is_text_in_figures(name):
    w = GMMWidget({name: three_clusters()[:, 0], "b": three_clusters()[:, 1]}, 2, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "image/png" in bundle_of(w)
    for kind in ("clusters", "density", "outliers", "uncertainty"):
        label = w.figure(kind).axes[0].xaxis.label
        assert label.get_text() == name
        assert not label.get_parse_math()


def test_a_picture_that_fails_does_not_keep_the_widget_from_being_shown(monkeypatch):
    def fail(*_):
        raise RuntimeError("no fonts here")

    w = GMMWidget(three_clusters(), 2, random_state=0)
    monkeypatch.setattr("gmm_widget.report.figure.figure", fail)
    with pytest.warns(UserWarning, match="no fonts here"):
        bundle = bundle_of(w)
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "image/png" not in bundle
