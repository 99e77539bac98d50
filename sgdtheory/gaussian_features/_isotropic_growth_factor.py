"""Factor of the mean square at each step, for Gaussian features of one variance.

Reads as: the fastest decay, 1 - m/(d + m + 1), is at half the largest stable rate: with m = 1 it takes some d + 2
samples to lower the mean square by a factor e.

Fails when: curvatures differ: their modes then exchange noise and there is no one factor.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.gaussian_features._points import EQUAL, without_noise
from sgdtheory.processes.gaussian_features import gaussian_features
from sgdtheory.processes.observables import GrowthFactor
from sgdtheory.symbols import d, eta, lambda_max, m, rho, words

isotropic_growth_factor = ClosedForm(
    name="gaussian_features.isotropic_growth_factor",
    title="factor of the mean square at each step, equal curvatures",
    kind=Kind.EXACT,
    symbol=rho,
    value=1 - 2 * eta * lambda_max + (eta * lambda_max) ** 2 * (d + m + 1) / m,
    parameters=words(eta, m, lambda_max, d),
    domain=(
        eta > 0,
        m > 0,
        lambda_max > 0,
    ),
    assumptions=(
        "batches are drawn afresh from a stream of samples; features are Gaussian with mean zero and covariance H",
        "the targets are linear in the features, plus Gaussian noise of variance sigma_y^2 that is independent of them",
        "all curvatures are equal, to lambda_max",
    ),
    process=gaussian_features,
    observable=GrowthFactor("factor of the mean square at each step"),
    points=without_noise(EQUAL),
    sources=(),
)
