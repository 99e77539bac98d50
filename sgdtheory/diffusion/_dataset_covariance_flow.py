"""Covariance over data sets of gradient flow at the time eta t: the fluctuations of the flow on a sample.

Reads as: the random error of the data is integrated along the flow, V' = -H V - Z, from zero up to H^-1 Z.

Fails when: eta lambda is not small: the steps of gradient descent are further than the flow.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind, Limit, Source
from sgdtheory.diffusion._dataset_covariance import dataset_covariance
from sgdtheory.diffusion._estimator_covariance import estimator_covariance
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.symbols import C_ij, D, Sigma_D_ij, eta, lambda_i, lambda_j, t, words

dataset_covariance_flow = ClosedForm(
    name="diffusion.dataset_covariance_flow",
    title="covariance over data sets of gradient flow",
    kind=Kind.ASYMPTOTIC,
    symbol=Sigma_D_ij,
    value=estimator_covariance.value * (1 - sp.exp(-eta * lambda_i * t)) * (1 - sp.exp(-eta * lambda_j * t)),
    parameters=words(eta, D, lambda_i, lambda_j, C_ij, t),
    domain=(D >= 1, lambda_i > 0, eta > 0, t >= 0),
    assumptions=(*estimator_covariance.assumptions, "the learning rate is small at a fixed time eta t"),
    process=sampled_quadratics,
    observable=dataset_covariance.observable,
    points=dataset_covariance.points,
    sources=(
        Source(
            "wangwu2020",
            "Theorem 1, eqs. (3.12), (3.14), and Example 1",
            "V = D^(1/2) (X^n - X) at the time eta t, Z has the covariance C; constant Hessian",
        ),
    ),
    limit=Limit(exact=dataset_covariance, small=eta, scaling={"steps": -1}),
)
