"""Covariance over data sets of where gradient descent ends: the law of the M-estimator, H^-1 C H^-1/D.

Reads as: the training loss has a minimum of its own, which misses the true one by a random H^-1 g; a smaller learning
rate or a longer run does not bring it nearer, more data do. The average over a long run of SGD has the same matrix.

Fails when: the samples differ in their curvature; then this is the leading term for large D.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.diffusion._dataset_points import WHOLE_DATA
from sgdtheory.processes.dataset_spread import DatasetCovariance
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.symbols import C_ij, D, Sigma_D_ij, lambda_i, lambda_j, words

estimator_covariance = ClosedForm(
    name="diffusion.estimator_covariance",
    title="covariance over data sets of the training minimum, exact",
    kind=Kind.EXACT,
    symbol=Sigma_D_ij,
    value=C_ij / (D * lambda_i * lambda_j),
    parameters=words(D, lambda_i, lambda_j, C_ij),
    domain=(D >= 1, lambda_i > 0),
    assumptions=(
        "all samples have the same Hessian",
        "C is the gradient covariance of the population at its optimum",
        "the data are independent draws, and every step takes the whole data set",
        "the entry is taken in the eigenbasis of the Hessian",
    ),
    process=sampled_quadratics,
    observable=DatasetCovariance("covariance over data sets of where gradient descent ends"),
    points=WHOLE_DATA,
    sources=(
        Source(
            "wangwu2020",
            "Theorem 3, V(infinity) is N(0, H^-1 sigma^2 H^-1)",
            "V = D^(1/2) (theta - theta*), sigma^2 = C, n = D; there in the limit of large D",
        ),
    ),
)
