"""Share of the start that is left of the mean of accelerated SGD at the time s = h t: a damped Bessel function.

Reads as: the differential equation X'' + (3/s) X' + lambda X = 0 of Nesterov's method, solved by 2 J_1(z)/z with
z = sqrt(lambda) s.

Fails when: t reaches 1/(eta lambda), where the discrete method damps its swings faster than the equation says; h is
not small.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Erratum, Kind, Limit, Source
from sgdtheory.diffusion._accelerated_points import NOISY
from sgdtheory.diffusion._accelerated_trajectory import accelerated_trajectory
from sgdtheory.processes.accelerated import accelerated
from sgdtheory.symbols import h, lambda_i, phi_i, t, words

accelerated_trajectory_flow = ClosedForm(
    name="diffusion.accelerated_trajectory_flow",
    title="mean of accelerated SGD, differential equation",
    kind=Kind.ASYMPTOTIC,
    symbol=phi_i,
    value=2 * sp.besselj(1, h * t * sp.sqrt(lambda_i)) / (h * t * sp.sqrt(lambda_i)),
    parameters=words(h, lambda_i, t),
    domain=(h > 0, lambda_i > 0, t >= 1),
    assumptions=(
        "the Hessian is constant and the gradient noise has mean zero",
        "the learning rate is h^2 and small at a fixed time h t",
    ),
    process=accelerated,
    observable=accelerated_trajectory.observable,
    points=accelerated_trajectory.points,
    sources=(
        Source(
            "wangwu2020",
            "eq. (2.6) and Example 1",
            "X(t) at t = h k; there with curvature one",
        ),
    ),
    errata=(
        Erratum(
            Source("wangwu2020", "Example 1, series of J_1", "curvature one, t = h k"),
            printed=sp.besselj(1, h * t * sp.sqrt(lambda_i)),
            says="in the series of J_1(t) the power of t/2 is 2 j + 1, not 2 j + 2; as printed the mean begins at zero",
            points=(NOISY,),
            survives="the statement that X is 2 J_1(t)/t times the start",
        ),
    ),
    limit=Limit(exact=accelerated_trajectory, small=h, scaling={"steps": -1, "learning_rate": 2}),
)
