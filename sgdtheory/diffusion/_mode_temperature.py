"""Temperature along each mode under isotropic noise, exact: the law is Gaussian, but no Gibbs density of the loss.

Reads as: a density exp(-L/n) has one temperature n = lambda_i Var[theta_i] for all modes. At a finite learning rate
sharp modes are hotter, by 1/(1 - eta lambda_i/2): the run sees a loss that is flatter along them.

Fails when: eta lambda_max reaches 2, or the noise is not isotropic: then modes differ in temperature however small the
learning rate is, and between modes of different curvature probability may flow in circles.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.diffusion._gibbs_points import ISOTROPIC
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.spread import mode_temperatures
from sgdtheory.symbols import T_i, c_iso, eta, lambda_i, m, words

mode_temperature = ClosedForm(
    name="diffusion.mode_temperature",
    title="temperature along each mode under isotropic noise, exact",
    kind=Kind.EXACT,
    symbol=T_i,
    value=eta * c_iso / (m * (2 - eta * lambda_i)),
    parameters=words(eta, m, lambda_i, c_iso),
    domain=(eta > 0, m > 0, lambda_i > 0, eta * lambda_i < 2),
    assumptions=(
        "the gradient noise is isotropic, C = c_iso I, and independent of the parameters",
        "the Hessian is constant",
    ),
    process=additive_noise,
    observable=Moment(
        "curvature times variance along each eigenvector, stationary", mode_temperatures, law="curvature"
    ),
    points=ISOTROPIC,
    sources=(),
)
