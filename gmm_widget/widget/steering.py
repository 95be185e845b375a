"""Mixin of `GMMWidget`: edits, EM steps, runs, restarts and the history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from gmm_widget.core.random_state import RandomState, generator
from gmm_widget.core.renamed import renamed
from gmm_widget.data.columns import positions
from gmm_widget.runtime.background_restarts import BackgroundRestarts
from gmm_widget.runtime.background_selection import BackgroundSelection
from gmm_widget.runtime.driver import Driver
from gmm_widget.session.create import checked_n_components, whole_number
from gmm_widget.session.history_table import Records
from gmm_widget.session.restart_survey import RestartSurvey
from gmm_widget.session.session import Session


class SteeringMethods:
    """Methods that change the fit; each returns when its result is shown, `run` at once.

    A mixin: `GMMWidget` has the attributes and overrides the methods declared first.
    """

    _session: Session
    _columns: tuple[str, ...]
    _driver: Driver
    _background_restarts: BackgroundRestarts
    _background_selection: BackgroundSelection

    def _do(self, act: Callable[..., None], *args: Any) -> None:
        """Call the act, evaluate the state that it led to, and publish it."""
        raise NotImplementedError

    def _edit(self, name: str, /, **args: Any) -> None:
        """Do an edit of `COMMANDS` in the same way."""
        raise NotImplementedError

    def _publish(self, idle: bool) -> None:
        """Publish the current state."""
        raise NotImplementedError

    def _shown(self) -> tuple[int, ...]:
        """Positions of the two columns shown."""
        raise NotImplementedError

    def e_step(self) -> None:
        """Compute the responsibilities of the current mixture and show them."""
        self._do(self._session.e_step)

    def m_step(self) -> None:
        """Move the components to fit the responsibilities of the last E-step."""
        self._do(self._session.m_step)

    def step(self, n: int = 1) -> None:
        """Take n EM steps (fewer if they converge)."""
        self._do(self._session.step, whole_number(n, "n", 1))

    def run(self) -> None:
        """Let EM run until it converges. Returns at once; `await w.settled()` waits."""
        self._session.set_running(True)
        self._publish(idle=False)
        self._driver.wake()

    async def settled(self) -> Self:
        """Wait until every act is done and no run or search is under way; returns the widget."""
        self._driver.wake()
        await self._driver.wait_idle()
        await self._background_restarts.wait_idle()
        await self._background_selection.wait_idle()
        return self

    def stop(self) -> None:
        """Stop a run where it is."""
        self._session.set_running(False)
        self._driver.interrupt()
        self._publish(idle=True)

    @renamed(n="n_init", seed="random_state")
    def restart(self, n_init: int = 20, *, random_state: RandomState = None) -> None:
        """Fit from `n_init` starts (1 to 100) in the background; `restarts` holds the optima found.

        Returns at once (in a plain script when it is done); `await w.settled()` waits, and
        `cancel_restart` cancels. The mixture stays as it is until you `adopt` an optimum.
        ValueError while a softness, a concentration or locks are set, which a search can't keep.
        """
        self._background_restarts.start(n_init, generator(random_state))

    def cancel_restart(self) -> None:
        """Cancel the restarts under way; what they have found so far stays."""
        self._background_restarts.cancel()

    @property
    def restarts(self) -> RestartSurvey | None:
        """The results of `restart`: `outcomes` by start, and `optima`, the highest first."""
        return self._session.survey

    def adopt(self, optimum: int = 0) -> None:
        """Replace mixture and structure by an optimum that `restart` found; 0 is the highest."""
        self._do(self._session.adopt, optimum)

    def undo(self) -> None:
        """Go back to the exact mixture before the last act."""
        self._do(self._session.undo)

    def redo(self) -> None:
        """Do again what was undone."""
        self._do(self._session.redo)

    def jump(self, entry: int, *, step: int | None = None) -> None:
        """Go to a history entry by its `id`: the exact mixture, locks and structure.

        `step` is one on the way, so many EM steps from the entry's beginning. While you are there,
        and for good if you do something there, the entry is two: `redo` leads on to its end, and
        `undo` back to where you came from. Long and old runs keep fewer steps, or none: ValueError
        names those that there are.
        """
        self._do(self._session.jump, entry, step)

    @property
    def history(self) -> Records:
        """All history entries, undone branches included, with the `id` that `jump` takes."""
        return Records(self._session.history)

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
        """
        self._edit("add", mean=mean, dims=self._given_dims(dims, mean))

    def delete(self, component: int | str) -> None:
        """Delete a component; its weight goes to the others."""
        self._edit("delete", component=self._named(component))

    def split(self, component: int | str) -> None:
        """Split a component in two along its longest axis."""
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
        """
        which = None if component is None else self._named(component)
        plane = self._shown() if dims is None else self._positions(dims)
        self._do(self._session.carve, polygon, plane, which)

    def merge(self, first: int | str, second: int | str) -> None:
        """Merge two components into one with their joint mean and covariance."""
        self._edit("merge", components=(self._named(first), self._named(second)))

    def set_n_components(self, n: int) -> None:
        """Split the heaviest or merge the closest components until there are n."""
        self._edit("set_n_components", n=checked_n_components(n))

    def lock(self, component: int | str, what: str = "all", on: bool = True) -> None:
        """Lock (`on`) or unlock a component's "mean", "covariance", "weight" or "all" for EM."""
        if not isinstance(on, bool | np.bool_):
            raise ValueError(f"on must be True (lock) or False (unlock), got {on!r}")
        self._edit("lock", component=self._named(component), what=what, on=on)

    @property
    def icl(self) -> float:
        """BIC - 2 sum_n log max_k r_nk, lower is better (mclust's ICL): a pass over the points."""
        return self._session.icl()

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
