"""Stationary covariance of two modes of Nesterov's iterates, between the points of the gradients, random curvature.

Reads as: PyTorch holds theta and v, and the iterate is y = theta + eta mu v. The noise is that of the points at which
gradients are taken, hence the same denominator.

Fails when: the samples do not have these two eigenvectors in common; then all second moments must be solved at once.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.looks import iterates_along_two_modes
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.sampled_curvature import sampled_curvature_with_nesterov
from sgdtheory.quadratic_sums._mode_covariance_nesterov import a_1, a_2, left
from sgdtheory.quadratic_sums._points import TWO_MODES
from sgdtheory.symbols import Sigma_y_12, c_12, eta, lambda_1, lambda_2, mu, p, v_12, words

mode_iterate_covariance_nesterov = ClosedForm(
    name="quadratic_sums.mode_iterate_covariance_nesterov",
    title="stationary covariance of two modes of Nesterov's iterates, curvatures that commute",
    kind=Kind.EXACT,
    symbol=Sigma_y_12,
    value=eta**2 * p * c_12 * (1 - mu**2 * a_1 * a_2) / left,
    parameters=words(eta, mu, p, lambda_1, lambda_2, v_12, c_12),
    domain=(
        mu < 1,
        (1 + 2 * mu) * eta * lambda_1 < 2 * (1 + mu),
        (1 + 2 * mu) * eta * lambda_2 < 2 * (1 + mu),
        left > 0,
    ),
    assumptions=(
        "both directions are eigenvectors of every sample, with curvatures h_k1 and h_k2",
        "batches are drawn afresh at each step: p is 1/m with replacement and (D - m)/(m (D - 1)) for subsets",
        "the mean square converges along both",
    ),
    process=sampled_curvature_with_nesterov,
    observable=Moment(
        "stationary covariance of theta + eta mu v along two shared eigenvectors",
        iterates_along_two_modes,
        velocity=True,
        law=("learning_rate", "momentum"),
    ),
    points=TWO_MODES,
    sources=(),
)
