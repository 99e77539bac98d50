"""Stationary covariance of two modes that all samples share, with Nesterov's momentum and random curvature, exact.

Reads as: of the parameters as torch.optim.SGD holds them, which are the points where gradients are taken.

Fails when: the samples do not have these two eigenvectors in common; then all second moments must be solved at once.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.forms import along_two_modes as of_two_modes
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.sampled_curvature import sampled_curvature_with_nesterov
from sgdtheory.quadratic_sums._points import TWO_MODES
from sgdtheory.symbols import Sigma_12, c_12, eta, lambda_1, lambda_2, mu, p, v_12, words

# The factors by which plain SGD multiplies the modes, what noise does to both, and what is left to bring them to rest.
a_1, a_2 = 1 - eta * lambda_1, 1 - eta * lambda_2
pushed = 1 + 2 * mu + 2 * mu**2 + mu**2 * (1 + 2 * mu) * a_1 * a_2 - mu * (1 + mu) ** 2 * (a_1 + a_2)
left = (
    1
    - (1 + 2 * mu + 3 * mu**2) * a_1 * a_2
    - mu**2 * (1 + 2 * mu) * (a_1 * a_2) ** 2
    + mu * (1 + mu) ** 2 * a_1 * a_2 * (a_1 + a_2)
    - eta**2 * p * v_12 * pushed
)

mode_covariance_nesterov = ClosedForm(
    name="quadratic_sums.mode_covariance_nesterov",
    title="stationary covariance of two modes with Nesterov's momentum, curvatures that commute",
    kind=Kind.EXACT,
    symbol=Sigma_12,
    value=eta**2 * p * c_12 * pushed / left,
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
    observable=Moment("stationary covariance along two shared eigenvectors", of_two_modes),
    points=TWO_MODES,
    sources=(),
)
