"""Covariance within the first shuffled epoch in directions without curvature, exact: a Brownian bridge.

Reads as: each batch adds its noise, and the end of the epoch has added all of it, which is nothing: without curvature
the run comes back to where it started and does not diffuse.

Fails when: t goes beyond the first epoch, where the bridge begins anew; when samples differ in curvature.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.forms import products
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.reshuffling._points import FLAT
from sgdtheory.symbols import C_ij, D, M, Sigma_t_ij, eta, t, words

flat_covariance = ClosedForm(
    name="reshuffling.flat_covariance",
    title="covariance without curvature in an epoch, exact: the bridge",
    kind=Kind.EXACT,
    symbol=Sigma_t_ij,
    value=eta**2 * C_ij * t * (M - t) / (D - 1),
    parameters=words(eta, D, M, C_ij, t),
    domain=(
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
    ),
    process=sampled_curvature,
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
