"""Defaults of EM, one each for functions, estimators, searches, the widget and the browser.

The regularisation is relative to the data's variance in each column; scikit-learn's `reg_covar` is
an absolute 1e-6, whose effect depends on the units. With 1e-8 a group may have a ten-thousandth of
the data's standard deviation: one that has a thousandth loses 0.01 nats, where 1e-6 takes 37.
Ordinary fits don't notice: those of Old Faithful, iris and wine differ by less than 1e-5 nats in
all from the maximum of the likelihood with both.
"""

#: Fraction of the data's variance by which each point is blurred.
REGULARISATION = 1e-8
#: EM has converged when a step gains less than this (nats per point).
TOLERANCE = 1e-8
