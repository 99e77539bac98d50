"""Covariance with momentum within the first shuffled epoch in directions without curvature, exact.

Reads as: the velocity remembers the last batches when the epoch ends, so that the bridge does not close: what is left
after a long epoch is (eta/(1 - mu))^2 C mu^2/(m (1 - mu^2)), that of a few independent batches.

Fails when: t goes beyond the first epoch; when samples differ in curvature.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.forms import products
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.sampled_curvature import sampled_curvature_with_momentum
from sgdtheory.reshuffling._points import FLAT
from sgdtheory.symbols import C_ij, D, M, Sigma_t_ij, eta, mu, t, words

once = t - mu * (1 - mu**t) / (1 - mu)
twice = t - 2 * mu * (1 - mu**t) / (1 - mu) + mu**2 * (1 - mu ** (2 * t)) / (1 - mu**2)
flat_covariance_momentum = ClosedForm(
    name="reshuffling.flat_covariance_momentum",
    title="covariance with momentum without curvature in an epoch, exact",
    kind=Kind.EXACT,
    symbol=Sigma_t_ij,
    value=eta**2 * C_ij * (M * twice - once**2) / ((D - 1) * (1 - mu) ** 2),
    parameters=words(eta, mu, D, M, C_ij, t),
    domain=(
        mu < 1,
        D > 1,
        M >= 1,
        M <= D,
        t >= 0,
        t <= M,
    ),
    assumptions=(
        "the loss has no curvature in the directions of the two modes",
        "each epoch is a fresh permutation of the data, cut into M batches of the same size",
        "every run starts from the same point, at the beginning of an epoch",
        "the velocity starts at zero",
    ),
    process=sampled_curvature_with_momentum,
    observable=Moment("covariance of the parameters after t batches of the first epoch", products, time="steps"),
    points=FLAT,
    sources=(
        Source(
            "kuhn2023",
            "abstract: noise in epochs is anti-correlated, which lowers the variance in flat directions",
            "SGD with momentum, a variance averaged over time",
        ),
    ),
)
