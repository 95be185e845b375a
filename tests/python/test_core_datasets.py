"""The data that come with the package."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gmm_widget.datasets import old_faithful


def test_old_faithful_has_its_published_moments():
    data = old_faithful()
    assert list(data) == ["eruptions", "waiting"]
    assert data["eruptions"].shape == data["waiting"].shape == (272,)
    # R: summary(faithful), var(faithful)
    np.testing.assert_allclose(
        [data["eruptions"].mean(), data["waiting"].mean()], [3.488, 70.9], atol=5e-3
    )
    np.testing.assert_allclose(
        np.cov(data["eruptions"], data["waiting"]),
        [[1.302728, 13.97781], [13.97781, 184.8233]],
        rtol=1e-6,
    )
    assert (data["eruptions"].min(), data["eruptions"].max()) == (1.6, 5.1)
    assert (data["waiting"].min(), data["waiting"].max()) == (43.0, 96.0)


def test_old_faithful_as_a_frame():
    frame = old_faithful(as_frame=True)
    assert isinstance(frame, pd.DataFrame)
    assert frame.shape == (272, 2)
    assert (frame["waiting"].to_numpy() == old_faithful()["waiting"]).all()
