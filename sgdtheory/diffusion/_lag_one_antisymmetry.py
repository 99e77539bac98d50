"""Antisymmetric part of the lag-one covariance: the current as a run shows it, exact.

Reads as: E[theta_(t+1) theta_t'] less its transpose is -eta (H Sigma - Sigma H) = -(eta^2/m) Q. A run that reads the
same backwards has none. But for the sign its entry is twice the mean area per step that the run sweeps in the plane of
two modes. All correlations decay without turning: no frequency shows in a spectrum.

Fails when: eta lambda_max reaches 2, where there is no stationary law, or the noise varies with theta.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.diffusion._circulation import circulation
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.currents import antisymmetric_products
from sgdtheory.processes.observables import Moment
from sgdtheory.quadratic._points import GENERIC
from sgdtheory.symbols import A_ij, C_ij, eta, lambda_i, lambda_j, m, words

lag_one_antisymmetry = ClosedForm(
    name="diffusion.lag_one_antisymmetry",
    title="antisymmetric part of the lag-one covariance, stationary, exact",
    kind=Kind.EXACT,
    symbol=A_ij,
    value=-(eta**2) / m * circulation.value,
    parameters=words(eta, m, lambda_i, lambda_j, C_ij),
    domain=(eta > 0, m > 0, lambda_i > 0, eta * lambda_i < 2),
    assumptions=(
        "the Hessian is constant and the noise independent of the parameters and from step to step",
        "the first index belongs to the later time; the entry is taken in the eigenbasis of the Hessian",
    ),
    process=additive_noise,
    observable=Moment(
        "covariance of the next with the present parameters, less its transpose",
        antisymmetric_products,
        lag=lambda point: (1,),
    ),
    points=GENERIC,
    sources=(),
)
