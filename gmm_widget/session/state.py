"""The frozen state of a session, and what can be read from it.

Edits and EM steps make a new `State` from an old one (`edits.py`, `steps.py`); the history is a
tree of them. A log-likelihood is only read from an E-step of the very mixture it is shown with,
so a figure can't outlive the parameters it belongs to.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, Self, final

from gmm_widget.bayes.posterior import Posterior
from gmm_widget.core.e_step import Expectation
from gmm_widget.core.errors import CollapseError
from gmm_widget.core.locks import Locks
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.structure import Structure

Phase = Literal["rest", "e", "m"]


@final
@dataclass(frozen=True)
class State:
    """A mixture, the identities of its components, and what is known of its fit.

    Attributes ---------- mixture : the K components, in data units. ids : K integers; a
    component keeps its id (letter, colour) through edits and steps. structure : the covariance
    structure that EM keeps to. locks : which means, covariances and weights EM must not change,
    one flag a component each. expectation : the E-step of `mixture`, or None while it has not
    been computed. m_step_source : after a single M-step, the E-step whose responsibilities it
    used. binned_expectation : in a run on bins, the E-step of `mixture` on those; its
    log-likelihood is a lower bound. phase : "e" after a single E-step, "m" after a single
    M-step, else "rest". gain : mean log-likelihood gained by the last EM step (nats per point),
    else None. converged : whether `mixture` is the end of a run that met the convergence rule.
    steps : EM steps taken so far. posterior : the variational posterior, in variational
    inference; `mixture` is its expectation then. elbo : the evidence lower bound of the
    posterior (total, nats).
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
        """The first state of a mixture: components A, B, C ..., nothing locked."""
        k = mixture.n_components
        return cls(mixture, tuple(range(k)), structure, Locks.none(k))

    @property
    def log_likelihood(self) -> float | None:
        """Total log-likelihood of `mixture` in nats, or None while it is not known."""
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
        elif 0 <= component < len(self.ids):
            return self.ids[component]
        known = ", ".join(letter(i) for i in self.ids)
        raise ValueError(f"there is no component {component!r}; there are {known}")

    def explain(self, problem: Exception) -> str:
        """The text of an error, with components named by their letters."""
        if not isinstance(problem, CollapseError):
            return str(problem)
        name = letter(self.ids[problem.component])
        return f"Component {name} collapsed: {problem.cause}; {problem.remedy}, or undo"

    def with_mixture(self, mixture: Mixture) -> Self:
        """The same components with other parameters; everything known of the fit is dropped."""
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


def letter(component: int) -> str:
    """Name of a component on the screen: 0 is A, 25 is Z, 26 is AA."""
    name = ""
    left = component + 1
    while left > 0:
        left, digit = divmod(left - 1, 26)
        name = chr(ord("A") + digit) + name
    return name


def free_id(ids: tuple[int, ...]) -> int:
    """The smallest id not in use, so that letters and colours stay few."""
    return next(i for i in range(len(ids) + 1) if i not in ids)
