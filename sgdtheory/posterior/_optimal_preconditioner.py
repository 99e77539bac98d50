"""Preconditioner along each mode with which SGD samples the posterior exactly, where noise and Hessian commute.

Reads as: P = (2 m/eta) (D C + m H)^-1, mode by mode. However small the noise, eta P lambda stays below two.

Fails when: the noise is correlated between modes: then the inverse is that of the matrix, and no diagonal one will do.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.posterior._points import SMALL
from sgdtheory.processes.posterior import PosteriorSteps
from sgdtheory.processes.preconditioned import preconditioned
from sgdtheory.symbols import C_ii, D, P_i, eta, lambda_i, m, words

optimal_preconditioner = ClosedForm(
    name="posterior.optimal_preconditioner",
    title="preconditioner that samples the posterior, uncorrelated modes, exact",
    kind=Kind.EXACT,
    symbol=P_i,
    value=2 * m / (eta * (D * C_ii + m * lambda_i)),
    parameters=words(eta, m, D, lambda_i, C_ii),
    domain=(eta > 0, m > 0, D > 0, lambda_i > 0, C_ii > 0),
    assumptions=(
        "the posterior is Gaussian with covariance (D H)^-1, about the minimum",
        "the gradient noise is Gaussian, independent of the parameters, and not correlated between modes of H",
    ),
    process=preconditioned,
    observable=PosteriorSteps(),
    points=SMALL,
    sources=(),
)
