"""Learning rate before a given preconditioner at which the law is nearest to the posterior, exact, one curvature of PH.

Reads as: divergences do not depend on coordinates, so it is the rate of plain SGD in those in which P is the identity:
the noise there is tr(C P), the curvature that of P H.

Fails when: P H has different eigenvalues: no closed form is known, the root of the divergence's slope has to be found.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.posterior._points import LEVELLED
from sgdtheory.processes.posterior import NearestRate
from sgdtheory.processes.preconditioned import preconditioned
from sgdtheory.symbols import D, d, eta_kl, lambda_P, m, trCP, words

preconditioned_learning_rate = ClosedForm(
    name="posterior.preconditioned_learning_rate",
    title="learning rate nearest to the posterior before a preconditioner that levels all curvatures, exact",
    kind=Kind.EXACT,
    symbol=eta_kl,
    value=2 * m * d / (D * trCP + m * d * lambda_P),
    parameters=words(m, D, d, lambda_P, trCP),
    domain=(m > 0, D > 0, lambda_P > 0, trCP > 0),
    assumptions=(
        "the posterior is Gaussian with covariance (D H)^-1, about the minimum",
        "the gradient noise is Gaussian, of any covariance C, and independent of the parameters",
        "all eigenvalues of P H are equal, to lambda_P",
    ),
    process=preconditioned,
    observable=NearestRate(curvature="preconditioned_curvature"),
    points=LEVELLED,
    sources=(),
)
