"""Mixin of `GMMWidget`: edits of components."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gmm_widget.data.columns import positions
from gmm_widget.session.create import checked_n_components
from gmm_widget.session.session import Session


class EditingMethods:
    """Methods that edit components, named by letter ("A") or by position; each can be undone.

    A mixin: `GMMWidget` has the attributes and overrides the methods declared first.
    """

    _session: Session
    _columns: tuple[str, ...]

    def _do(self, act: Callable[..., None], *args: Any) -> None:
        """Call the act, evaluate the state that it led to, and publish it."""
        raise NotImplementedError

    def _edit(self, name: str, /, **args: Any) -> None:
        """Do an edit of `COMMANDS` in the same way."""
        raise NotImplementedError

    def _shown(self) -> tuple[int, ...]:
        """Positions of the two columns shown."""
        raise NotImplementedError

    def place(
        self,
        component: int | str,
        *,
        mean: ArrayLike | None = None,
        covariance: ArrayLike | None = None,
        weight: float | None = None,
        dims: Sequence[Any] | None = None,
    ) -> None:
        """Set the mean, the covariance or the weight of a component ("A" or 0).

        `dims`, names or positions, are the columns that mean (d,) and covariance (d, d) are of,
        by default all; the others keep their regression on these. ValueError if none of the three
        is given, or one is not possible.

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> w.place("A", mean=[2.0, 54.0])
        >>> w.mixture.means[0]
        array([ 2., 54.])
        >>> w.place("A", mean=[60.0], dims=["waiting"])
        >>> w.mixture.means[0, 1]
        np.float64(60.0)
        """
        which = self._named(component)
        if mean is None and covariance is None and weight is None:
            raise ValueError("place needs a mean, a covariance or a weight")
        to = {"mean": mean, "covariance": covariance, "weight": weight}
        plane = self._given_dims(dims, mean)
        self._edit("place", component=which, dims=plane, **to)

    def add(self, mean: ArrayLike | None = None, *, dims: Sequence[Any] | None = None) -> None:
        """Add a component at `mean` (data units), by default at the mean of the mixture.

        `dims`, names or positions, are the columns of the mean (d,), by default all; in others
        the component has the mean of the mixture.

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> w.add([3.0, 65.0])
        >>> w.n_components
        3
        """
        self._edit("add", mean=mean, dims=self._given_dims(dims, mean))

    def delete(self, component: int | str) -> None:
        """Delete a component; its weight goes to the others.

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> w.delete("B")
        >>> w.mixture.weights
        array([1.])
        """
        self._edit("delete", component=self._named(component))

    def split(self, component: int | str) -> None:
        """Split a component in two along its longest axis.

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> w.split("A")
        >>> w.n_components
        3
        """
        self._edit("split", component=self._named(component))

    def carve(
        self,
        polygon: ArrayLike,
        component: int | str | None = None,
        dims: Sequence[Any] | None = None,
    ) -> None:
        """Make a component of the rows inside a polygon (V, 2), in the data's units.

        `dims`, names or positions, are its two columns, by default those shown.

        With a component, that one is split into its rows inside and its rows outside.

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> w.carve([[1, 40], [3, 40], [3, 70], [1, 70]])
        >>> w.n_components
        3
        """
        which = None if component is None else self._named(component)
        plane = self._shown() if dims is None else self._positions(dims)
        self._do(self._session.carve, polygon, plane, which)

    def merge(self, first: int | str, second: int | str) -> None:
        """Merge two components into one with their joint mean and covariance.

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> w.merge("A", "B")
        >>> w.mixture.means.round(2)
        array([[ 3.49, 70.9 ]])
        """
        self._edit("merge", components=(self._named(first), self._named(second)))

    def set_n_components(self, n: int) -> None:
        """Split the heaviest or merge the closest components until there are n.

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> w.set_n_components(4)
        >>> w.n_components
        4
        """
        self._edit("set_n_components", n=checked_n_components(n))

    def lock(self, component: int | str, what: str = "all", on: bool = True) -> None:
        """Lock (`on`) or unlock a component's "mean", "covariance", "weight" or "all" for EM.

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> w.lock("A", "mean")
        >>> before = w.mixture
        >>> w.step(5)
        >>> (w.mixture.means == before.means).all(axis=1)
        array([ True, False])
        """
        if not isinstance(on, bool | np.bool_):
            raise ValueError(f"on must be True (lock) or False (unlock), got {on!r}")
        self._edit("lock", component=self._named(component), what=what, on=on)

    def _given_dims(self, dims: Sequence[Any] | None, mean: ArrayLike | None) -> tuple[int, ...]:
        """Positions of the columns of a mean; ValueError, with their names, if it has others."""
        plane = tuple(range(len(self._columns))) if dims is None else self._positions(dims)
        if mean is not None and np.size(mean) != len(plane):
            names = [self._columns[j] for j in plane]
            raise ValueError(
                f"mean must have a number for each of the columns {names}, got {mean!r}; "
                "choose columns with dims=[...]"
            )
        return plane

    def _positions(self, dims: Sequence[Any]) -> tuple[int, ...]:
        return tuple(positions(dims, self._columns))

    def _named(self, component: int | str) -> int:
        return self._session.state.identity(component)
