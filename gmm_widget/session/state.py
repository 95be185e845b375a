"""The state of a session: one frozen value.

Edits (`edits.py`) and EM steps (`steps.py`) make a new `State` from an old one; the history is a
tree of them. The log-likelihood is stored with the E-step of the mixture it belongs to, so a
state never shows the figures of other parameters.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, Self, final

import numpy as np

from gmm_widget.bayes.posterior import Posterior
from gmm_widget.core.e_step import Expectation
from gmm_widget.core.errors import CollapseError
from gmm_widget.core.locks import Locks
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.structure import Structure
from gmm_widget.session.coded_text import CodedText, letter

Phase = Literal["rest", "e", "m"]


@final
@dataclass(frozen=True)
class State:
    """A mixture, the identities of its components, and what has been computed of its fit.

    Attributes
    ----------
    mixture : the K components, in the data's units.
    ids : K integers; a component keeps its id (its letter and colour) through edits and steps.
    structure : the covariance structure that EM keeps to.
    locks : which means, covariances and weights EM keeps fixed, a flag per component.
    expectation : the E-step of `mixture`, or None until it is computed.
    m_step_source : after a single E-step or M-step, the E-step that the M-step uses or used.
    binned_expectation : in a run on binned points, the E-step on these; its log-likelihood is a
        lower bound.
    phase : "e" after a single E-step, "m" after a single M-step, else "rest".
    gain : increase of the mean log-likelihood by the last EM step (nats per point), else None.
    converged : whether EM converged at `mixture`.
    steps : EM steps taken since the start.
    posterior : the variational posterior, if steps are Bayesian; `mixture` is its expectation.
    elbo : the evidence lower bound of the posterior (total, nats).
    """

    mixture: Mixture
    ids: tuple[int, ...]
    structure: Structure
    locks: Locks
    expectation: Expectation | None = None
    m_step_source: Expectation | None = None
    binned_expectation: Expectation | None = None
    phase: Phase = "rest"
    gain: float | None = None
    converged: bool = False
    steps: int = 0
    posterior: Posterior | None = None
    elbo: float | None = None

    @classmethod
    def of(cls, mixture: Mixture, structure: Structure) -> Self:
        """The first state of a session: components A, B, C ..., nothing locked."""
        k = mixture.n_components
        return cls(mixture, tuple(range(k)), structure, Locks.none(k))

    @property
    def log_likelihood(self) -> float | None:
        """Total log-likelihood of `mixture` in nats, or None until it is computed."""
        return None if self.expectation is None else self.expectation.log_likelihood

    def index(self, component: int) -> int:
        """Position of the component with this id; ValueError if there is none."""
        try:
            return self.ids.index(component)
        except ValueError:
            known = ", ".join(letter(i) for i in self.ids)
            raise ValueError(
                f"there is no component {letter(component)} (there are: {known}); "
                "it may have been deleted meanwhile"
            ) from None

    def identity(self, component: int | str) -> int:
        """The id of a component given by letter, or by position in the mixture."""
        if isinstance(component, str):
            for identity in self.ids:
                if letter(identity) == component.strip().upper():
                    return identity
        elif isinstance(component, bool) or not isinstance(component, int | np.integer):
            raise ValueError(f"a component is a letter or a position, got {component!r}")
        elif 0 <= component < len(self.ids):
            return self.ids[component]
        known = ", ".join(letter(i) for i in self.ids)
        raise ValueError(f"there is no component {component!r}; there are {known}")

    def refuse_locks(self, what: str) -> None:
        """ValueError, naming the locked components, if anything is locked."""
        flags = self.locks.means | self.locks.covariances | self.locks.weights
        names = ", ".join(letter(i) for i, locked in zip(self.ids, flags, strict=True) if locked)
        if names:
            raise ValueError(f"{what} can't keep locks: unlock {names} first")

    def explain(self, problem: Exception) -> CodedText:
        """What the views are told of an error, with components by letter."""
        if isinstance(problem, MemoryError):
            return CodedText("no_memory", (str(problem),))
        if not isinstance(problem, ValueError | ArithmeticError):
            return CodedText("unexpected", (type(problem).__name__, str(problem)))
        if not isinstance(problem, CollapseError):
            return CodedText("refused", (str(problem),))
        component = (self.ids[problem.component],)
        return CodedText("collapsed", (component, problem.cause, problem.remedy))

    def with_mixture(self, mixture: Mixture) -> Self:
        """The same components with other parameters; everything computed of the fit is reset."""
        return replace(
            self,
            mixture=mixture,
            expectation=None,
            m_step_source=None,
            binned_expectation=None,
            phase="rest",
            gain=None,
            converged=False,
            posterior=None,
            elbo=None,
        )

    def not_converged(self) -> Self:
        """The state under other settings of EM: its mixture stays, the progress of EM is reset."""
        return replace(
            self, m_step_source=None, phase="rest", gain=None, converged=False, elbo=None
        )


def free_id(ids: tuple[int, ...]) -> int:
    """The smallest id not in use, so that letters and colours stay few."""
    return next(i for i in range(len(ids) + 1) if i not in ids)
