"""Kullback-Leibler divergence of SGD's stationary law from the posterior, a lower bound for any noise.

Reads as: what the variances along the modes cost; correlations between modes, which the posterior has none of, cost
more: half the logarithm by which the product of the variances exceeds the determinant.

Fails when: the noise varies with the parameters. It is attained where noise and Hessian commute.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.posterior._divergence import divergence
from sgdtheory.posterior._points import CORRELATED
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import kl

divergence_bound = ClosedForm(
    name="posterior.divergence_bound",
    title="divergence of SGD from the posterior, at least, for any noise",
    kind=Kind.BOUND,
    symbol=kl,
    value=divergence.value,
    parameters=divergence.parameters,
    domain=divergence.domain,
    assumptions=(
        "the posterior is Gaussian with covariance (D H)^-1, about the minimum",
        "the gradient noise is Gaussian and independent of the parameters",
        "the divergence is no smaller than this",
    ),
    process=additive_noise,
    observable=divergence.observable,
    points=CORRELATED,
    sources=(),
    bound="lower",
)
