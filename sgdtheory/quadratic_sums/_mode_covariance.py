"""Stationary covariance of two modes that all samples share, random curvature, exact.

Reads as: the law of additive noise with one more term: curvatures that vary together tie the modes together.

Fails when: the samples do not have these two eigenvectors in common; then all second moments must be solved at once.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.forms import along_two_modes as of_two_modes
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.quadratic_sums._points import TWO_MODES
from sgdtheory.symbols import Sigma_12, c_12, eta, lambda_1, lambda_2, p, v_12, words

mode_covariance = ClosedForm(
    name="quadratic_sums.mode_covariance",
    title="stationary covariance of two modes, curvatures that commute",
    kind=Kind.EXACT,
    symbol=Sigma_12,
    value=eta * p * c_12 / (lambda_1 + lambda_2 - eta * lambda_1 * lambda_2 - eta * p * v_12),
    parameters=words(eta, p, lambda_1, lambda_2, v_12, c_12),
    domain=(eta * (lambda_1 * lambda_2 + p * v_12) < lambda_1 + lambda_2,),
    assumptions=(
        "both directions are eigenvectors of every sample, with curvatures h_k1 and h_k2",
        "batches are drawn afresh at each step: p is 1/m with replacement and (D - m)/(m (D - 1)) for subsets",
        "the mean square converges along both",
    ),
    process=sampled_curvature,
    observable=Moment("stationary covariance along two shared eigenvectors", of_two_modes),
    points=TWO_MODES,
    sources=(Source("mulayoff2024", "eq. (17), one entry of it", "n = D, B = m; H_i diagonal in one basis"),),
)
