"""Temperature of the Gibbs density exp(-L/n) of the diffusion limit under isotropic noise: n = eta sigma^2/(2 m).

Reads as: under constant isotropic noise the stationary density of the differential equation is exp(-L/n) for every
loss, not only for a quadratic one (the derivation ends with that), and eta, m and sigma^2 enter through n alone. On a
quadratic the discrete run has this temperature along every mode as the learning rate goes to zero.

Fails when: the noise is not isotropic or varies with theta, or eta lambda is not small.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit, Source
from sgdtheory.diffusion._mode_temperature import mode_temperature
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import T_i, c_iso, eta, lambda_i, m, words

gibbs_temperature = ClosedForm(
    name="diffusion.gibbs_temperature",
    title="temperature of the Gibbs density under isotropic noise, diffusion limit",
    kind=Kind.ASYMPTOTIC,
    symbol=T_i,
    value=eta * c_iso / (2 * m),
    parameters=words(eta, m, lambda_i, c_iso),
    domain=(eta > 0, m > 0),
    assumptions=(
        "the gradient noise is isotropic, C = c_iso I, and independent of the parameters",
        "the learning rate is small against every 1/lambda_i",
    ),
    process=additive_noise,
    observable=mode_temperature.observable,
    points=mode_temperature.points,
    sources=(
        Source(
            "jastrzebski2018",
            "Theorem 1, eq. (2)",
            "S = m, sigma^2 = c_iso, time counts steps; it allows sigma^2(theta) where |grad sigma^2| << 2 S |g| eta:"
            " the flux eta g P + (eta^2/2S) grad(sigma^2 P) = 0 shows that it must be << 2 S |g|/eta. Its Theorem 2 has"
            " twice this n: see the erratum of quadratic.stationary_covariance_diffusion",
        ),
    ),
    limit=Limit(exact=mode_temperature, small=eta),
)
