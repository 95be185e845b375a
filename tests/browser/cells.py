"""Cells that several browser tests begin with."""

FAITHFUL = """\
import numpy as np
from gmm_widget import GMMWidget, Mixture
from gmm_widget.datasets import old_faithful

df = old_faithful(as_frame=True)
spread = np.cov(df.to_numpy().T)
"""

TWO = (
    FAITHFUL
    + """
start = Mixture([0.5, 0.5], [[2.4, 60.0], [4.2, 78.0]], [spread / 4, spread / 5])
w = GMMWidget(df, mixture=start)
w
"""
)

# A start from which EM crosses the flat spot near -1140 in more than a thousand steps.
THREE_TIED = (
    FAITHFUL
    + """
means = [[2.0, 50.0], [2.2, 60.0], [5.0, 95.0]]
w = GMMWidget(df, covariance_type="tied", mixture=Mixture([1 / 3] * 3, means, [spread] * 3))
w
"""
)

# Three clouds that overlap and six components: EM goes on for thousands of steps.
LONG = """\
import numpy as np
from gmm_widget import GMMWidget

rng = np.random.default_rng(0)
centres = np.array([[0.0, 0.0], [1.5, 0.0], [0.0, 1.5]])
x = rng.normal(size=(200_000, 2)) + centres[rng.integers(3, size=200_000)]
w = GMMWidget(x, n_components=6, random_state=0, tolerance=1e-15)
w
"""
