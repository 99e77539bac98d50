"""Learning rate at which the divergence of the posterior from SGD's law is smallest, exact, where curvatures are equal.

Reads as: the quietest directions decide, by tr C^-1, where the other divergence asks for tr C: the law is to leave out
nothing that the posterior holds, and the rate is never smaller than that of the other.

Fails when: curvatures differ: no closed form is known at a finite rate.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.posterior._points import EQUAL
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.posterior import NearestRate
from sgdtheory.symbols import D, d, eta_rkl, lambda_max, m, trC_inv, words

reverse_learning_rate = ClosedForm(
    name="posterior.reverse_learning_rate",
    title="learning rate from which the posterior diverges least, equal curvatures, exact",
    kind=Kind.EXACT,
    symbol=eta_rkl,
    value=2 * m * trC_inv / (D * d + m * lambda_max * trC_inv),
    parameters=words(m, D, d, lambda_max, trC_inv),
    domain=(m > 0, D > 0, lambda_max > 0, trC_inv > 0),
    assumptions=(
        "the posterior is Gaussian with covariance (D H)^-1, about the minimum",
        "the gradient noise is Gaussian, of any covariance C that reaches every direction, and independent of the"
        " parameters",
        "all curvatures are equal, to lambda_max",
    ),
    process=additive_noise,
    observable=NearestRate(
        "minimiser over the learning rate of the divergence of the posterior from the stationary law", reverse=True
    ),
    points=EQUAL,
    sources=(),
)
