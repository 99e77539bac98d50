"""The theory of stochastic gradient descent as software.

Every closed form is derived by machine from the update rule, checked by simulating that same rule, and usable as a
plain function. Names are loaded when they are first used, so ``import sgdtheory`` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

# The one list of public names: where each is defined.
_HOME = {
    "Quadratic": "problems",
    "LeastSquares": "problems",
    "QuadraticSums": "problems",
    "GaussianFeatures": "problems",
    "from_loss": "losses.from_loss",
    "SGD": "optimizers",
    "SGLD": "optimizers",
    "stationary_law": "verbs.laws",
    "transient_law": "verbs.laws",
    "loss_curve": "verbs.loss_curve",
    "stability_limit": "verbs.stability",
    "stability_report": "verbs.stability_report",
    "tail_index": "verbs.tail",
    "optimal_step": "verbs.next_step",
    "posterior_step": "verbs.posterior",
    "steady_state_current": "verbs.currents",
    "generalization_gap": "verbs.generalization",
    "simulate": "numeric.simulate",
    "sample_paths": "numeric.jumps",
    "compare": "numeric.compare",
    "evaluate": "numeric.evaluate",
    "solve_lyapunov": "numeric.lyapunov",
    "results": "catalogue",
    "derive": "catalogue",
    "errata": "numeric.errata",
    "ClosedForm": "closed_form",
    "SGDTheoryError": "errors",
}

__all__ = [*_HOME, "__version__"]

if TYPE_CHECKING:
    from sgdtheory.catalogue import derive as derive
    from sgdtheory.catalogue import results as results
    from sgdtheory.closed_form import ClosedForm as ClosedForm
    from sgdtheory.errors import SGDTheoryError as SGDTheoryError
    from sgdtheory.losses.from_loss import from_loss as from_loss
    from sgdtheory.numeric.compare import compare as compare
    from sgdtheory.numeric.errata import errata as errata
    from sgdtheory.numeric.evaluate import evaluate as evaluate
    from sgdtheory.numeric.jumps import sample_paths as sample_paths
    from sgdtheory.numeric.lyapunov import solve_lyapunov as solve_lyapunov
    from sgdtheory.numeric.simulate import simulate as simulate
    from sgdtheory.optimizers import SGD as SGD
    from sgdtheory.optimizers import SGLD as SGLD
    from sgdtheory.problems import GaussianFeatures as GaussianFeatures
    from sgdtheory.problems import LeastSquares as LeastSquares
    from sgdtheory.problems import Quadratic as Quadratic
    from sgdtheory.problems import QuadraticSums as QuadraticSums
    from sgdtheory.verbs.currents import steady_state_current as steady_state_current
    from sgdtheory.verbs.generalization import generalization_gap as generalization_gap
    from sgdtheory.verbs.laws import stationary_law as stationary_law
    from sgdtheory.verbs.laws import transient_law as transient_law
    from sgdtheory.verbs.loss_curve import loss_curve as loss_curve
    from sgdtheory.verbs.next_step import optimal_step as optimal_step
    from sgdtheory.verbs.posterior import posterior_step as posterior_step
    from sgdtheory.verbs.stability import stability_limit as stability_limit
    from sgdtheory.verbs.stability_report import stability_report as stability_report
    from sgdtheory.verbs.tail import tail_index as tail_index


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'sgdtheory' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"sgdtheory.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
