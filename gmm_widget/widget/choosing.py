"""Mixin of `GMMWidget`: model selection, the settings of EM, and labels of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from gmm_widget.analysis.kmeans import tempered
from gmm_widget.analysis.labels import labelled
from gmm_widget.core.random_state import RandomState, generator
from gmm_widget.core.renamed import renamed
from gmm_widget.data.columns import positions, shown_names
from gmm_widget.data.source import open_source
from gmm_widget.runtime.background_selection import BackgroundSelection
from gmm_widget.runtime.driver import Driver
from gmm_widget.selection.selection import Selection
from gmm_widget.session.coded_text import letter
from gmm_widget.session.create import checked_n_components, real_number
from gmm_widget.session.session import Session

if TYPE_CHECKING:
    import pandas as pd


class ChoosingMethods:
    """Methods that compare models and change how EM runs.

    A mixin: `GMMWidget` has the attributes and overrides the methods declared first.
    """

    _session: Session
    _background_selection: BackgroundSelection
    _driver: Driver
    _columns: tuple[str, ...]

    @property
    def data(self) -> Any:
        """The rows that are fitted."""
        raise NotImplementedError

    def _do(self, act: Callable[..., None], *args: Any) -> None:
        """Call the act, evaluate the state that it led to, and publish it."""
        raise NotImplementedError

    @renamed(covariance_types="covariance_type", seed="random_state")
    def select(
        self,
        n_components: int | Iterable[int] = range(1, 10),
        covariance_type: str | Iterable[str] | None = None,
        criteria: str | Iterable[str] = ("bic", "aic", "icl"),
        *,
        n_init: int = 5,
        cv: int = 5,
        random_state: RandomState = 0,
    ) -> None:
        """Fit every number of components and structure in the background; see `selection`.

        The arguments are those of `gmm_widget.select`, `criteria` being some of "bic", "aic",
        "icl" and "cv". Returns at once (in a plain script when it is done): cells are shown as
        they come, `await w.settled()` waits, `cancel_selection` cancels and
        `resume_selection` resumes. The mixture stays until a cell is adopted. Fits use the widget's
        `regularisation` and `tolerance`. ValueError while a softness, a concentration or locks
        are set, which such a search can't keep.

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> w.select([1, 2], "full", n_init=1)
        >>> w.selection.best("bic").mixture.n_components
        2
        """
        seed = int(generator(random_state).integers(2**62))
        self._background_selection.ask(
            n_components, covariance_type, criteria, n_init=n_init, cv=cv, seed=seed
        )

    def cancel_selection(self) -> None:
        """Cancel a selection under way; the cells so far stay.

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> w.select([1, 2], "full", n_init=1)
        >>> w.cancel_selection()
        """
        self._background_selection.cancel()

    def resume_selection(self) -> None:
        """Resume a cancelled selection; ValueError if there is none.

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> import asyncio
        >>> async def interrupted():
        ...     w.select([1, 2], "full", n_init=1)
        ...     w.cancel_selection()
        ...     w.resume_selection()
        ...     await w.settled()
        >>> asyncio.run(interrupted())
        >>> w.selection.best("bic").mixture.n_components
        2
        """
        self._background_selection.resume()

    @property
    def selection(self) -> Selection | None:
        """The cells that `select` has fitted so far; None if it was not called for these data."""
        grid = self._session.grid
        return None if grid is None else grid.selection

    def adopt_cell(
        self, n_components: int | None = None, covariance_type: str | None = None
    ) -> None:
        """Replace mixture and structure by the fit of a cell of `selection`.

        What is left out is chosen by the first criterion: the best structure for `n_components`,
        the best number of components for `covariance_type`, or the best cell of all.

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> w.select([1, 2, 3], "tied", n_init=1)
        >>> w.adopt_cell()
        >>> w.n_components, w.covariance_type
        (3, 'tied')
        """
        if n_components is None or covariance_type is None:
            n_components, covariance_type = self._best_cell(n_components, covariance_type)
        self._do(self._session.adopt_cell, n_components, covariance_type)

    def _best_cell(self, n_components: int | None, covariance_type: str | None) -> tuple[int, str]:
        if self.selection is None:
            raise ValueError("no model selection to adopt from: call select() first")
        if n_components is None and covariance_type is None:
            best = self.selection.best()  # its error gives the reasons of all cells
            return best.n_components, best.covariance_type
        for cell in self.selection.ranked():
            found = cell.n_components, cell.covariance_type
            if n_components in (None, found[0]) and covariance_type in (None, found[1]):
                return found
        wanted = f"{n_components} components" if covariance_type is None else repr(covariance_type)
        raise ValueError(f"no sound fit of {wanted} in the selection; it has\n{self.selection}")

    @property
    def n_components(self) -> int:
        """Number of components. Setting it splits the heaviest or merges the closest."""
        return self._session.state.mixture.n_components

    @n_components.setter
    def n_components(self, n: int) -> None:
        self._do(partial(self._session.edit, "set_n_components", n=checked_n_components(n)))

    @property
    def tolerance(self) -> float:
        """EM has converged when a step gains less than this (mean log-likelihood, nats)."""
        return self._session.settings.tolerance

    @tolerance.setter
    def tolerance(self, tolerance: float) -> None:
        self._do(partial(self._session.tune, tolerance=real_number(tolerance, "tolerance")))

    @property
    def softness(self) -> float:
        """Tempering exponent of the responsibilities, from 0 (k-means) to 1 (EM).

        Steps and runs use it from when it is set; the mixture stays until then.
        """
        return self._session.settings.softness

    @softness.setter
    def softness(self, softness: float) -> None:
        self._do(partial(self._session.tune, softness=real_number(softness, "softness")))

    @property
    def regularisation(self) -> float:
        """Added to each component's variances, relative to the data's variance; from 0 to 1.

        At 0 the likelihood is unbounded: a component can collapse onto a single row.
        """
        return self._session.settings.regularisation

    @regularisation.setter
    def regularisation(self, regularisation: float) -> None:
        self._do(
            partial(
                self._session.tune, regularisation=real_number(regularisation, "regularisation")
            )
        )

    @property
    def concentration(self) -> float | None:
        """Concentration of a Dirichlet prior of the weights; None (the default): none, plain EM.

        Setting a number (1e-6 to 1e6) starts a run of variational steps, which increase `elbo`;
        the mixture shown is the posterior's expectation. The smaller the number, the fewer
        components keep rows. The factors of locked means and covariances are not updated, and
        locked weights are known constants. Setting None stops the run and keeps the expected
        mixture, as a history entry.
        """
        return self._session.settings.concentration

    @concentration.setter
    def concentration(self, concentration: float | None) -> None:
        wanted = None if concentration is None else real_number(concentration, "concentration")
        self._do(partial(self._session.tune, concentration=wanted))
        self._driver.wake()

    @property
    def elbo(self) -> float | None:
        """The evidence lower bound (total, nats) while a `concentration` is set; else None."""
        return self._session.state.elbo

    @property
    def counts(self) -> list[float] | None:
        """Expected number of rows of each component, while a `concentration` is set; else None."""
        known = self._session.state.posterior
        return None if known is None else known.counts.tolist()

    def labelled(self, data: Any = None, *, rate: float = 0.01, prefix: str = "") -> pd.DataFrame:
        """Rows with their component's letter, the confidence in it, log density and outliers.

        `data` is the frame or array that the widget was made of, or another with its columns; by
        default the rows and columns that are fitted. Components and confidence are those at the
        current `softness`; density and outliers (the outer `rate`) are of the mixture itself.
        ValueError for a column that is missing or would be hidden (see `prefix`).

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> w.run()
        >>> w.labelled(old_faithful(as_frame=True)).columns.tolist()
        ['eruptions', 'waiting', 'component', 'confidence', 'log_density', 'outlier']
        """
        import pandas as pd

        state, names = self._session.state, list(self._columns)
        if data is None:
            data = pd.DataFrame(self.data, columns=names)
        letters = [letter(i) for i in state.ids]
        source = open_source(data)  # once: a lazy frame would be evaluated for each use
        columns = positions(names, shown_names(source.labels)) if source.named else None
        how: dict[str, Any] = {"names": letters, "rate": rate, "prefix": prefix}
        made = labelled(state.mixture, source, columns, **how)
        if self.softness < 1:
            hard = labelled(tempered(state.mixture, self.softness), source, columns, **how)
            tempered_columns = [prefix + "component", prefix + "confidence"]
            made[tempered_columns] = hard[tempered_columns]
        return made
