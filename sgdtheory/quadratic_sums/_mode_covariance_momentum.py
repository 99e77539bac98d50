"""Stationary covariance of two modes that all samples share, with momentum and random curvature, exact.

Reads as: momentum's law of additive noise with one more term in the denominator: curvatures that vary together tie the
modes together, (1 - mu) times as strongly against what pulls the modes to rest as without momentum.

Fails when: the samples do not have these two eigenvectors in common; then all second moments must be solved at once.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.forms import along_two_modes as of_two_modes
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.sampled_curvature import sampled_curvature_with_momentum
from sgdtheory.quadratic_sums._points import TWO_MODES
from sgdtheory.symbols import Sigma_12, c_12, eta, lambda_1, lambda_2, mu, p, v_12, words

left = (1 - mu) ** 2 * ((1 + mu) * (lambda_1 + lambda_2) - eta * lambda_1 * lambda_2) + eta * (
    mu * (lambda_1 - lambda_2) ** 2 - (1 - mu**2) * p * v_12
)

mode_covariance_momentum = ClosedForm(
    name="quadratic_sums.mode_covariance_momentum",
    title="stationary covariance of two modes with momentum, curvatures that commute",
    kind=Kind.EXACT,
    symbol=Sigma_12,
    value=eta * p * c_12 * (1 - mu**2) / left,
    parameters=words(eta, mu, p, lambda_1, lambda_2, v_12, c_12),
    domain=(
        mu < 1,
        eta * lambda_1 < 2 * (1 + mu),
        eta * lambda_2 < 2 * (1 + mu),
        left > 0,
    ),
    assumptions=(
        "both directions are eigenvectors of every sample, with curvatures h_k1 and h_k2",
        "batches are drawn afresh at each step: p is 1/m with replacement and (D - m)/(m (D - 1)) for subsets",
        "the mean square converges along both",
    ),
    process=sampled_curvature_with_momentum,
    observable=Moment("stationary covariance along two shared eigenvectors", of_two_modes),
    points=TWO_MODES,
    sources=(
        Source(
            "liu2021",
            "the theorem for C_eff, one entry of it",
            "C_eff = p (c_12 + v_12 Sigma_12), Lambda = eta, H diagonal",
        ),
    ),
)
