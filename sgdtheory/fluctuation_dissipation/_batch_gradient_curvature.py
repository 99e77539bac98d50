"""Stationary expected curvature along the mini-batch gradient.

Reads as: measured along a run it estimates tr(HC)/m, up to the swing of the run itself.

Fails when: eta lambda_max reaches 2, where the mean already diverges.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.fluctuation_dissipation._points import GENERIC
from sgdtheory.processes import looks
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import C_ii, batch_gradient_curvature, eta, lambda_i, m, words

batch_gradient_curvature = ClosedForm(
    name="fluctuation_dissipation.batch_gradient_curvature",
    title="stationary curvature along the mini-batch gradient, exact",
    kind=Kind.EXACT,
    symbol=batch_gradient_curvature,
    value=2 * lambda_i * C_ii / (m * (2 - eta * lambda_i)),
    parameters=words(eta, m, lambda_i, C_ii),
    domain=(
        eta > 0,
        m > 0,
        lambda_i > 0,
        eta * lambda_i < 2,
    ),
    assumptions=("the Hessian is constant and the noise independent of the parameters",),
    process=additive_noise,
    observable=Moment(
        "curvature along the batch gradient, stationary",
        looks.batch_gradient_curvature,
        lag=looks.four_in_a_row,
        law="learning_rate",
    ),
    points=GENERIC,
    sources=(),
)
