"""Learning rate at which SGD's stationary law is nearest to the posterior, exact, where all curvatures are equal.

Reads as: twice the batch size times the number of parameters over D tr C and what the finite step spreads by itself.
The expected loss is then that under the posterior, d/(2 D) above its minimum; in one dimension so is the law.

Fails when: curvatures differ: no closed form is known, the root of the divergence's slope has to be found. Or the noise
leaves out a direction: no learning rate is then any good.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.posterior._points import EQUAL
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.posterior import NearestRate
from sgdtheory.symbols import D, d, eta_kl, lambda_max, m, trC, words

optimal_learning_rate = ClosedForm(
    name="posterior.optimal_learning_rate",
    title="learning rate nearest to the posterior, equal curvatures, exact",
    kind=Kind.EXACT,
    symbol=eta_kl,
    value=2 * m * d / (D * trC + m * d * lambda_max),
    parameters=words(m, D, d, lambda_max, trC),
    domain=(m > 0, D > 0, lambda_max > 0, trC > 0),
    assumptions=(
        "the posterior is Gaussian with covariance (D H)^-1, about the minimum",
        "the gradient noise is Gaussian, of any invertible covariance C, and independent of the parameters",
        "all curvatures are equal, to lambda_max",
    ),
    process=additive_noise,
    observable=NearestRate(),
    points=EQUAL,
    sources=(),
)
