"""Covariance of a mini-batch gradient whose batch is a fresh subset of the data, at the minimum.

Reads as: C/m shrunk by the finite-population factor (D - m)/(D - 1); zero when the batch is the whole data set.
"""

from sgdtheory.closed_form import ClosedForm, Erratum, Kind, Source
from sgdtheory.processes.forms import products
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.sampled_quadratics import point_with_data, sampled_quadratics
from sgdtheory.symbols import C_ij, D, batch_noise_ij, m, words

batch_gradient_covariance = ClosedForm(
    name="quadratic.batch_gradient_covariance",
    title="covariance of a mini-batch gradient drawn without replacement",
    kind=Kind.EXACT,
    symbol=batch_noise_ij,
    value=C_ij * (D - m) / (m * (D - 1)),
    parameters=words(m, D, C_ij),
    domain=(m >= 1, m <= D, D > 1),
    assumptions=(
        "the batch is a uniform subset of the data, drawn afresh at each step",
        "C has the divisor D: C = (1/D) sum_k g_k g_k' at the minimum of the training loss",
    ),
    process=sampled_quadratics,
    # With learning rate one and a start at the minimum, the first step is minus the mini-batch gradient.
    observable=Moment("covariance of the mini-batch gradient at the minimum", products, time=1),
    points=(
        point_with_data(
            learning_rate=1,
            batch_size=2,
            curvature=("1/2", 2),
            sampling="without_replacement",
            data=((1, 0), (2, 1), (-1, 1), (0, -3), (5, 4)),
        ),
        point_with_data(
            learning_rate=1,
            batch_size=3,
            curvature=(1, 3),
            sampling="without_replacement",
            data=((1, 1), (2, "1/2"), (-2, 1), (0, 3)),
        ),
    ),
    sources=(Source("mulayoff2024", "sampling factor p", "n = D, B = m"),),
    errata=(
        Erratum(
            Source("chaudhari2018", "Remark 12", "N = D, b = m; their D(x) is C, with the divisor N"),
            printed=C_ij / m * (1 - m / D),
            says="without replacement the covariance with replacement takes the factor (N - b)/(N - 1), not 1 - b/N",
            survives="the two factors agree for large N, and noise without replacement is the smaller one",
        ),
    ),
)
