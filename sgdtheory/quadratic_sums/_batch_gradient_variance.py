"""Variance of a mini-batch gradient at any point, for a fresh subset of samples that differ in their curvature.

Reads as: gradient noise grows with the distance from the minimum, and is not even in it where samples of larger
curvature pull to one side; it is that of one sample times (D - m)/(m (D - 1)).

Fails when: batches are drawn with replacement, where the factor is 1/m.
"""

from sgdtheory.closed_form import ClosedForm, Erratum, Kind, Source
from sgdtheory.processes.forms import squared
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.process import point
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.quadratic_sums._points import SUBSETS
from sgdtheory.symbols import D, batch_noise, c, delta, kappa, lambda_, m, v, words

# With learning rate one, the first step is minus the mini-batch gradient.
POINTS = tuple(point(**{**words, "learning_rate": 1}) for words in SUBSETS)


def about_its_mean(displacement):
    """Return the square of the first step less its mean, from a start at the displacement."""

    def forms(env):
        after = env.minimum + env.basis * (1 - env.hessian[0]) * displacement
        return (squared(env.basis**0, after),)

    return forms


batch_gradient_variance = ClosedForm(
    name="quadratic_sums.batch_gradient_variance",
    title="variance of a mini-batch gradient, random curvature",
    kind=Kind.EXACT,
    symbol=batch_noise,
    value=(D - m) / (m * (D - 1)) * (c + 2 * kappa * delta + v * delta**2),
    parameters=words(m, D, c, kappa, v, delta, lambda_),
    domain=(
        m >= 1,
        m <= D,
        D > 1,
    ),
    assumptions=(
        "one parameter; sample k has the curvature h_k and at the minimum the gradient g_k, with means lambda and zero",
        "the batch is a uniform subset of the data",
        "kappa is the mean of a sample's curvature times its gradient at the minimum",
    ),
    process=sampled_curvature,
    observable=Moment(
        "variance of the mini-batch gradient", about_its_mean, time=1, displaced=True, law="displacement"
    ),
    points=POINTS,
    sources=(Source("mulayoff2024", "sampling factor p", "n = D, B = m"),),
    errata=(
        Erratum(
            source=Source("chaudhari2018", "(A2)", "N = D, b = m; g_k the samples' gradients at the point"),
            # As printed: (1/b) (1 - b/N) (sum_k g_k^2 / (N - 1) - (1 - 1/(N - 1)) g^2), with the mean g = lambda delta.
            printed=(1 / m)
            * (1 - m / D)
            * (
                D * (c + 2 * kappa * delta + (v + lambda_**2) * delta**2) / (D - 1)
                - (1 - 1 / (D - 1)) * (lambda_ * delta) ** 2
            ),
            says="as extracted, the square of the mean is subtracted with the factor 1 - 1/(N - 1); it should be"
            " 1 + 1/(N - 1)",
        ),
    ),
)
