"""The exact recursion against plain enumeration of every path of batches."""

import itertools

import numpy as np
import pytest
import sympy as sp

from sgdtheory.numeric.recursion import expectations, variances
from sgdtheory.processes.forms import Arm, Branch, Form, coordinates, loss, products
from sgdtheory.processes.sampled_quadratics import point_with_data, sampled_quadratics

DATA = ((1, 0), (2, 1), (-1, 3), (4, "-1/2"))


@pytest.mark.parametrize("steps", [1, 2, 3])
@pytest.mark.parametrize("sampling", ["replacement", "without_replacement"])
def test_means_and_variances_of_forms(sampling, steps):
    """Third and fourth cumulants of the batch noise enter the variance of a quadratic form; the data are skewed."""
    point = point_with_data(learning_rate="2/5", batch_size=2, curvature=("1/2", 2), data=DATA[:3], sampling=sampling)
    (env,) = sampled_quadratics.environments(point)
    start = env.minimum + sp.Matrix([1, "1/3"])
    skew = Form(sp.Matrix([[1, 2], [2, -1]]), sp.Matrix([3, -2]), sp.Integer(5))
    forms = (*products(env), *loss(env), *coordinates(sp.eye(2), env.minimum), skew)
    arm = Arm(env, (Branch(sp.Rational(2, 5), start),), steps, forms)

    H = np.array(env.hessian, dtype=float)
    samples = np.array([list(sample) for sample in env.noise.samples], dtype=float)
    seen = []
    for path in itertools.product(list(env.noise.batches()), repeat=steps):
        theta = np.array(start, dtype=float)[:, 0]
        for batch in path:
            theta = theta - 0.4 * H @ (theta - samples[list(batch)].mean(axis=0))
        seen.append(
            [
                theta @ np.array(form.quadratic, dtype=float) @ theta
                + np.array(form.linear, dtype=float)[:, 0] @ theta
                + float(form.constant)
                for form in forms
            ]
        )
    seen = np.array(seen)
    np.testing.assert_allclose(
        [float(x) for x in expectations(sampled_quadratics, [arm])], seen.mean(axis=0), rtol=1e-12
    )
    np.testing.assert_allclose(variances(sampled_quadratics, [arm]), seen.var(axis=0), rtol=1e-10)


def test_stationary_cumulants_are_the_limit_of_long_runs():
    point = point_with_data(learning_rate=1, batch_size=1, curvature=("1/2", "6/5"), data=DATA, sampling="replacement")
    (env,) = sampled_quadratics.environments(point)
    forms = products(env)
    branch = (Branch(sp.Integer(1), env.minimum),)
    late, settled = (Arm(env, branch, time, forms) for time in (60, "stationary"))
    for of in (expectations, variances):
        found = [np.array([float(x) for x in of(sampled_quadratics, [arm])]) for arm in (late, settled)]
        np.testing.assert_allclose(*found, rtol=1e-12)
