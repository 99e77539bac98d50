"""Covariance of the diffusion limit at time eta t from a fixed start near a saddle point.

Reads as: along an unstable direction it grows as exp(2 |h| s) in the time s = eta t and has no limit: near a saddle
point the fluctuations about the gradient flow diverge, at this rate.

Fails when: eta |h| t is so large that the rates' higher powers add up: log(1 + eta |h|) is below eta |h|, so that the
diffusion leaves the saddle point too early.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind, Limit, Source
from sgdtheory.diffusion._saddle_covariance import saddle_covariance
from sgdtheory.processes.saddle import saddle
from sgdtheory.symbols import C_ij, Sigma_t_ij, eta, h_i, h_j, m, t, words

saddle_covariance_diffusion = ClosedForm(
    name="diffusion.saddle_covariance_diffusion",
    title="covariance after t steps near a saddle point, diffusion limit",
    kind=Kind.ASYMPTOTIC,
    symbol=Sigma_t_ij,
    value=eta * C_ij * (1 - sp.exp(-eta * t * (h_i + h_j))) / (m * (h_i + h_j)),
    parameters=words(eta, m, h_i, h_j, C_ij, t),
    domain=(sp.Ne(h_i + h_j, 0),),
    assumptions=("the learning rate is small at a fixed time eta t and noise level eta/m",),
    process=saddle,
    observable=saddle_covariance.observable,
    points=saddle_covariance.points,
    sources=(
        Source(
            "wangwu2020",
            "after Theorem 11",
            "there: at a saddle point V(t) = (m/delta)^(1/2) (X - X_ode) diverges; at which rate is not said",
        ),
    ),
    limit=Limit(exact=saddle_covariance, small=eta, scaling={"steps": -1, "batch_size": 1}),
)
