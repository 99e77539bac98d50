"""What stochastic gradient Langevin dynamics spreads too much at a finite learning rate, exact.

Reads as: the finite step acts like gradient noise of covariance tau H beside that of the batch; both biases are of
first order in eta, and without noise of the batch the relative one is eta lambda_i / (2 - eta lambda_i).

Fails when: eta lambda_max reaches 2, or the injected noise is not isotropic.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.posterior._points import COOL
from sgdtheory.processes.langevin import langevin
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.posterior import excess_squares
from sgdtheory.symbols import C_ii, eta, excess_variance_i, lambda_i, m, tau, words

langevin_excess_variance = ClosedForm(
    name="posterior.langevin_excess_variance",
    title="bias of stochastic gradient Langevin dynamics along each mode, exact",
    kind=Kind.EXACT,
    symbol=excess_variance_i,
    value=eta * (C_ii / m + tau * lambda_i) / (lambda_i * (2 - eta * lambda_i)),
    parameters=words(eta, m, tau, lambda_i, C_ii),
    domain=(eta > 0, m > 0, tau > 0, lambda_i > 0, eta * lambda_i < 2),
    assumptions=(
        "the Hessian is constant and the gradient noise independent of the parameters",
        "the injected noise is isotropic, Cov[xi] = I; what is sampled for is the density exp(-L/tau)",
        "between modes the covariance is that of plain SGD, where it should be zero",
    ),
    process=langevin,
    observable=Moment(
        "variance along each eigenvector less that of the density exp(-L/tau), stationary",
        excess_squares,
        law=("temperature", "curvature"),
    ),
    points=COOL,
    sources=(),
)
