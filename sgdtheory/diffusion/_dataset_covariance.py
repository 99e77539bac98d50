"""Covariance over data sets of gradient descent after t steps from a common start.

Reads as: a mode learns the error of its data as fast as it learns the data, by the share 1 - (1 - eta lambda)^t. To
stop early keeps the flat directions from both.

Fails when: the samples differ in their curvature; then this is the leading term for large D.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.diffusion._dataset_points import WHOLE_DATA
from sgdtheory.diffusion._estimator_covariance import estimator_covariance
from sgdtheory.processes.dataset_spread import DatasetCovariance
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.symbols import C_ij, D, Sigma_D_ij, eta, lambda_i, lambda_j, t, words

dataset_covariance = ClosedForm(
    name="diffusion.dataset_covariance",
    title="covariance over data sets of gradient descent after t steps, exact",
    kind=Kind.EXACT,
    symbol=Sigma_D_ij,
    value=estimator_covariance.value * (1 - (1 - eta * lambda_i) ** t) * (1 - (1 - eta * lambda_j) ** t),
    parameters=words(eta, D, lambda_i, lambda_j, C_ij, t),
    domain=(D >= 1, lambda_i > 0, eta > 0, t >= 0),
    assumptions=estimator_covariance.assumptions,
    process=sampled_quadratics,
    observable=DatasetCovariance("covariance over data sets of gradient descent from a common start", time="steps"),
    points=WHOLE_DATA,
    sources=(
        Source(
            "wangwu2020",
            "Theorem 1 with eqs. (2.2), (3.8)",
            "V^n = D^(1/2) (x^n - x), sigma^2 = C, n = D; there in the limits of large D and small eta",
        ),
    ),
)
