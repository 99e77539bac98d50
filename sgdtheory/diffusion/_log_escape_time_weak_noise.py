"""Logarithm of the mean time in which the diffusion limit climbs out of a minimum, for weak noise.

Reads as: the time is exp(a) (pi/a)^(1/2)/(2 lambda) in units of eta t, with a = 2 (height) m/(eta c): exponential in
the batch size over the learning rate, the law of Arrhenius and Kramers. Each doubling of m/eta squares the exponential.

Fails when: the height is not large against the noise level eta c/m.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Erratum, Kind, Limit, Source
from sgdtheory.diffusion._exit_points import LARGE_BATCHES
from sgdtheory.diffusion._log_escape_time import log_escape_time
from sgdtheory.processes.exit_time import stable_diffusion
from sgdtheory.symbols import R, c, eta, lambda_, log_t_out, m, words

a = lambda_ * m * R**2 / (eta * c)

log_escape_time_weak_noise = ClosedForm(
    name="diffusion.log_escape_time_weak_noise",
    title="log of the mean steps to climb out of a minimum, weak noise",
    kind=Kind.ASYMPTOTIC,
    symbol=log_t_out,
    value=a - sp.log(a) / 2 + sp.log(sp.pi) / 2 - sp.log(2) - sp.log(eta) - sp.log(lambda_),
    parameters=words(eta, m, lambda_, c, R),
    domain=log_escape_time.domain,
    assumptions=("the noise is weak", *log_escape_time.assumptions),
    process=stable_diffusion,
    observable=log_escape_time.observable,
    points=log_escape_time.points,
    sources=(),
    errata=(
        Erratum(
            Source(
                "wangwu2020",
                "p. 29, the time to leave a minimum",
                "there exp(c (m/delta)^(1/2)) in the time eta t, with a constant c that is taken as one here",
            ),
            printed=sp.sqrt(m / eta) - sp.log(eta),
            says="the exponent is a multiple of m/eta, not of its root: the noise level enters as a temperature, not as"
            " a distance",
            points=LARGE_BATCHES,
            survives="that the time is exponential: minima are left far more slowly than saddle points",
        ),
    ),
    limit=Limit(exact=log_escape_time, small=c),
)
