"""Bad input: the right error, which names the offending value, what is allowed and a mend; and the mend works."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

import sgdtheory as st
from sgdtheory import errors
from sgdtheory.errors import DomainError, NonFiniteError, SGDTheoryError, ShapeError, StabilityError, UnknownNameError

I2 = np.eye(2)
GOOD = st.Quadratic([[2.0, 0.5], [0.5, 1.0]], I2)
FINITE = st.Quadratic([[2.0, 0.5], [0.5, 1.0]], I2, dataset_size=10)
SGD = st.SGD(0.1, 4)
SUBSET = "without_replacement"
X = np.array([[1.0, 2.0], [3.0, -1.0], [0.5, 1.0], [2.0, 2.0]])
y = np.array([1.0, 2.0, 0.0, -1.0])
SADDLE = st.Quadratic([[1.0, 0.0], [0.0, -0.25]], I2)
FLAT = st.Quadratic([[1.0, 0.0], [0.0, 0.0]], I2)
REDUNDANT = np.column_stack([X, X[:, 0] + X[:, 1]])


def with_nan(array, value=math.nan, place=-1):
    array = np.array(array, dtype=float)
    array.flat[place] = value
    return array


def jnp():
    import jax.numpy

    return jax.numpy


# What is done, the class, words that the message must hold, and how the mend is followed (None: nothing to call).
CASES = {
    # 1: not square, wrong dimensions.
    "hessian 1-D": (lambda: st.Quadratic([1.0, 2.0], I2), ShapeError, ["hessian", "(2,)", "2 dimensions"], None),
    "hessian 3-D": (lambda: st.Quadratic(np.ones((2, 2, 2)), I2), ShapeError, ["hessian", "(2, 2, 2)"], None),
    "hessian not square": (
        lambda: st.Quadratic(np.ones((2, 3)), I2),
        ShapeError,
        ["hessian", "square", "(2, 3)"],
        None,
    ),
    "noise not square": (lambda: st.Quadratic(I2, np.ones((3, 2))), ShapeError, ["noise", "square", "(3, 2)"], None),
    "ragged hessian": (lambda: st.Quadratic([[1.0, 2.0], [3.0]], I2), SGDTheoryError, ["hessian"], None),
    "symbolic hessian not square": (
        lambda: st.Quadratic(sp.ones(2, 3), sp.eye(2)),
        ShapeError,
        ["hessian", "(2, 3)"],
        None,
    ),
    # 2: not symmetric.
    "hessian not symmetric": (
        lambda: st.Quadratic([[1.0, 0.5], [0.25, 1.0]], I2),
        DomainError,
        ["symmetric", "(0, 1)", "0.25", "/ 2"],
        lambda: st.Quadratic((np.array([[1.0, 0.5], [0.25, 1.0]]) + np.array([[1.0, 0.5], [0.25, 1.0]]).T) / 2, I2),
    ),
    "hessian slightly not symmetric": (
        lambda: st.Quadratic([[1.0, 0.5], [0.5 + 1e-12, 1.0]], I2),
        DomainError,
        ["symmetric", "1e-12"],
        None,
    ),
    "noise not symmetric": (lambda: st.Quadratic(I2, [[1.0, 0.5], [0.25, 1.0]]), DomainError, ["noise", "0.25"], None),
    "symbolic hessian not symmetric": (
        lambda: st.Quadratic(sp.Matrix([[1, sp.Symbol("a")], [sp.Symbol("b"), 1]]), sp.eye(2)),
        DomainError,
        ["symmetric", "a - b"],
        None,
    ),
    "JAX hessian not symmetric": (
        lambda: st.Quadratic(jnp().array([[1.0, 0.5], [0.25, 1.0]]), I2),
        DomainError,
        ["symmetric", "0.25"],
        None,
    ),
    # 4, 5: indefinite, flat.
    "stationary law of a saddle": (
        lambda: st.stationary_law(SADDLE, SGD),
        DomainError,
        ["-0.25", "transient_law"],
        lambda: st.transient_law(SADDLE, SGD, [1.0, 1.0], 5).covariance,
    ),
    "stationary law of a symbolic saddle": (
        lambda: st.stationary_law(st.Quadratic(sp.diag(1, -sp.Rational(1, 4)), sp.eye(2)), SGD),
        DomainError,
        ["-0.25"],
        None,
    ),
    "stationary law of a JAX saddle": (
        lambda: st.stationary_law(st.Quadratic(jnp().diag(jnp().array([1.0, -0.25])), I2), SGD),
        DomainError,
        ["-0.25"],
        None,
    ),
    "stationary law of a flat direction": (lambda: st.stationary_law(FLAT, SGD), DomainError, ["eigenvalue 0"], None),
    "stationary law of redundant columns": (
        lambda: st.stationary_law(st.LeastSquares(REDUNDANT, y), SGD),
        DomainError,
        ["redundant", "ridge"],
        lambda: st.stationary_law(st.LeastSquares(REDUNDANT, y, ridge=0.01), SGD).covariance,
    ),
    "gap of a flat direction": (
        lambda: st.generalization_gap(st.Quadratic([[1.0, 0.0], [0.0, 0.0]], I2, dataset_size=9)),
        DomainError,
        ["eigenvalue 0"],
        None,
    ),
    "stability of a maximum": (
        lambda: st.stability_limit(st.Quadratic(-I2, I2), 4),
        DomainError,
        ["negative eigenvalue", "-1"],
        None,
    ),
    "step along negative curvature": (
        lambda: st.optimal_step(SADDLE, [0.0, 1.0], batch_size=4),
        DomainError,
        ["g'Hg", "-0.0156"],
        None,
    ),
    # 7: empty.
    "no parameters": (lambda: st.Quadratic(np.zeros((0, 0)), np.zeros((0, 0))), SGDTheoryError, ["hessian"], None),
    "no rows": (lambda: st.LeastSquares(np.zeros((0, 2)), np.zeros(0)), ShapeError, ["empty", "(0, 2)"], None),
    "no columns": (lambda: st.LeastSquares(np.zeros((3, 0)), np.zeros(3)), ShapeError, ["empty", "(3, 0)"], None),
    # 9, 10: NaN and infinity.
    "NaN in hessian": (lambda: st.Quadratic(with_nan(I2), I2), NonFiniteError, ["hessian", "nan", "(1, 1)"], None),
    "inf in noise": (
        lambda: st.Quadratic(I2, with_nan(I2, math.inf, 0)),
        NonFiniteError,
        ["noise", "inf", "(0, 0)"],
        None,
    ),
    "NaN in minimum": (lambda: st.Quadratic(I2, I2, [0.0, math.nan]), NonFiniteError, ["minimum", "(1,)"], None),
    "NaN in X": (lambda: st.LeastSquares(with_nan(X, place=3), y), NonFiniteError, ["X", "(1, 1)", "fill in"], None),
    "-inf in y": (lambda: st.LeastSquares(X, with_nan(y, -math.inf, 2)), NonFiniteError, ["y", "-inf", "(2,)"], None),
    "NaN ridge": (lambda: st.LeastSquares(X, y, ridge=math.nan), NonFiniteError, ["ridge", "nan"], None),
    "NaN theta": (lambda: GOOD.loss([math.nan, 1.0]), NonFiniteError, ["theta", "(0,)"], None),
    "NaN start": (lambda: st.transient_law(GOOD, SGD, [1.0, math.nan], 3), NonFiniteError, ["start", "(1,)"], None),
    "NaN rate": (lambda: st.SGD(math.nan, 4), NonFiniteError, ["learning_rate", "nan"], None),
    "infinite rate": (lambda: st.SGD(math.inf, 4), NonFiniteError, ["learning_rate", "inf"], None),
    "NaN momentum": (lambda: st.SGD(0.1, 4, momentum=math.nan), NonFiniteError, ["momentum", "nan"], None),
    "NaN JAX rate": (lambda: st.SGD(jnp().asarray(math.nan), 4), NonFiniteError, ["learning_rate", "nan"], None),
    "NaN in JAX hessian": (
        lambda: st.Quadratic(jnp().asarray(with_nan(I2)), I2),
        NonFiniteError,
        ["hessian", "(1, 1)"],
        None,
    ),
    "NaN in symbols": (
        lambda: st.Quadratic(sp.Matrix([[sp.nan]]), sp.eye(1)),
        NonFiniteError,
        ["hessian", "nan"],
        None,
    ),
    "zoo as rate": (lambda: st.SGD(sp.zoo, 4), NonFiniteError, ["learning_rate", "zoo"], None),
    "imaginary rate": (lambda: st.SGD(sp.I, 4), SGDTheoryError, ["learning_rate", "I"], None),
    "NaN cost": (
        lambda: st.optimal_step(GOOD, [1.0, 1.0], cost=(math.nan, 1)),
        NonFiniteError,
        ["cost per step"],
        None,
    ),
    # 11, 12, 15, 16: not real numbers.
    "complex hessian": (lambda: st.Quadratic(I2 + 0j, I2), DomainError, ["hessian", "complex128"], None),
    "text hessian": (lambda: st.Quadratic([["a", "b"], ["b", "a"]], I2), DomainError, ["hessian", "<U1"], None),
    "object noise": (
        lambda: st.Quadratic(I2, I2.astype(object)),
        DomainError,
        ["noise", "object"],
        lambda: st.Quadratic(I2, np.asarray(I2.astype(object), dtype=float)),
    ),
    "boolean X": (lambda: st.LeastSquares(X > 1, y), DomainError, ["X", "bool"], None),
    "half precision": (lambda: st.Quadratic(I2.astype(np.float16), I2), DomainError, ["float16", "float64"], None),
    "bfloat16": (lambda: st.Quadratic(jnp().eye(2, dtype="bfloat16"), I2), DomainError, ["bfloat16"], None),
    "masked X": (lambda: st.LeastSquares(np.ma.masked_array(X, mask=X > 2), y), DomainError, ["X"], None),
    "None as X": (lambda: st.LeastSquares(None, y), SGDTheoryError, ["X"], None),
    "complex symbols": (lambda: st.Quadratic(sp.Matrix([[sp.I]]), sp.eye(1)), SGDTheoryError, ["hessian", "I"], None),
    "complex symbolic noise": (
        lambda: st.Quadratic(sp.eye(1), sp.Matrix([[sp.I]])),
        SGDTheoryError,
        ["noise", "I"],
        None,
    ),
    "complex rate": (lambda: st.SGD(0.1 + 0j, 4), DomainError, ["learning_rate", "0.1+0j"], None),
    "complex NumPy rate": (lambda: st.SGD(np.complex128(0.1), 4), DomainError, ["learning_rate"], None),
    "text rate": (lambda: st.SGD("0.1", 4), DomainError, ["learning_rate", "'0.1'"], None),
    "boolean rate": (lambda: st.SGD(True, 4), DomainError, ["learning_rate", "True"], None),
    "missing rate": (lambda: st.SGD(None, 4), DomainError, ["learning_rate", "None"], None),
    # 17, 24, 42: rate and momentum.
    "rate 0": (lambda: st.SGD(0, 4), DomainError, ["not positive", "0", "stability_limit"], None),
    "negative rate": (
        lambda: st.SGD(-0.1, 4),
        DomainError,
        ["not positive", "-0.1", "stability_limit"],
        lambda: st.stationary_law(GOOD, st.SGD(st.stability_limit(GOOD, 4) / 2, 4)).covariance,
    ),
    "negative rational rate": (lambda: st.SGD(sp.Rational(-1, 10), 4), DomainError, ["not positive", "-1/10"], None),
    "negative symbol as rate": (
        lambda: st.SGD(sp.Symbol("r", negative=True), 4),
        DomainError,
        ["not positive", "r"],
        None,
    ),
    "negative JAX rate": (lambda: st.SGD(jnp().asarray(-0.5), 4), DomainError, ["not positive", "-0.5"], None),
    "array of rates": (lambda: st.SGD(np.array([0.1, 0.2]), 4), SGDTheoryError, ["learning_rate", "[0.1, 0.2]"], None),
    "JAX array of rates": (lambda: st.SGD(jnp().ones(3), 4), ShapeError, ["learning_rate", "(3,)", "vmap"], None),
    "momentum 1": (lambda: st.SGD(0.1, 4, momentum=1.0), DomainError, ["momentum", "1.0", "never forgets"], None),
    "momentum 1.5": (lambda: st.SGD(0.1, 4, momentum=1.5), DomainError, ["momentum", "1.5", "0 <= momentum < 1"], None),
    "negative momentum": (lambda: st.SGD(0.1, 4, momentum=-0.1), DomainError, ["momentum", "-0.1"], None),
    "nesterov alone": (
        lambda: st.SGD(0.1, 4, nesterov=True),
        DomainError,
        ["nesterov", "momentum > 0"],
        lambda: st.SGD(0.1, 4, momentum=0.9, nesterov=True),
    ),
    "unknown sampling": (
        lambda: st.SGD(0.1, 4, sampling="with"),
        DomainError,
        ["'with'", "without_replacement", "reshuffle"],
        None,
    ),
    # 18, 21: unstable.
    "rate at the limit": (
        lambda: st.stationary_law(st.Quadratic([[4.0]], [[1.0]]), st.SGD(0.5, 4)),
        StabilityError,
        ["0.5", "2/4", "0.25"],
        lambda: st.stationary_law(st.Quadratic([[4.0]], [[1.0]]), st.SGD(0.25, 4)),
    ),
    "rational rate at the limit": (
        lambda: st.stationary_law(st.Quadratic(sp.Matrix([[3]]), sp.eye(1)), st.SGD(sp.Rational(2, 3), 4)),
        StabilityError,
        ["2/3"],
        None,
    ),
    "rate beyond the limit": (
        lambda: st.stationary_law(st.Quadratic(4 * I2, I2), st.SGD(3.0, 4)),
        StabilityError,
        ["3.0", "below 0.5", "2/4"],
        None,
    ),
    "JAX rate beyond the limit": (
        lambda: st.stationary_law(st.Quadratic(4 * jnp().eye(2), I2), st.SGD(3.0, 4)),
        StabilityError,
        ["3.0", "0.5"],
        None,
    ),
    "diffusion beyond the limit": (
        lambda: st.stationary_law(st.Quadratic(4 * I2, I2), st.SGD(3.0, 4), limit="diffusion"),
        StabilityError,
        ["0.5"],
        None,
    ),
    "least squares beyond the limit": (
        lambda: st.stationary_law(st.LeastSquares(X, y), st.SGD(3.0, 4)),
        StabilityError,
        ["3.0"],
        None,
    ),
    # 26, 28, 29: batch size.
    "batch 0": (lambda: st.SGD(0.1, 0), DomainError, ["batch size", "0", "1, 2, 3"], None),
    "negative batch": (lambda: st.SGD(0.1, -3), DomainError, ["batch size", "-3"], None),
    "batch 2.0": (lambda: st.SGD(0.1, 2.0), DomainError, ["batch size", "int(2.0)"], lambda: st.SGD(0.1, int(2.0))),
    "boolean batch": (lambda: st.SGD(0.1, True), DomainError, ["batch size", "True"], None),
    "text batch": (lambda: st.SGD(0.1, "16"), DomainError, ["batch size", "'16'"], None),
    "missing batch": (lambda: st.SGD(0.1, None), DomainError, ["batch size", "None"], None),
    "symbolic batch 0": (lambda: st.SGD(0.1, sp.Integer(0)), DomainError, ["batch size", "0"], None),
    "half a sample": (lambda: st.SGD(0.1, sp.Rational(1, 2)), DomainError, ["batch size", "1/2"], None),
    "float array as batch": (lambda: st.SGD(0.1, np.array(2.5)), DomainError, ["batch size", "2.5"], None),
    "array of batches": (lambda: st.SGD(0.1, np.array([8, 16])), SGDTheoryError, ["batch size", "8"], None),
    "step with batch 0": (
        lambda: st.optimal_step(GOOD, [1.0, 1.0], batch_size=0),
        DomainError,
        ["batch size", "0"],
        None,
    ),
    "step with a float batch": (lambda: st.optimal_step(GOOD, [1.0, 1.0], batch_size=2.5), DomainError, ["2.5"], None),
    "step with a float batch at the minimum": (
        lambda: st.optimal_step(GOOD, [0.0, 0.0], batch_size=2.5),
        DomainError,
        ["batch size", "2.5"],
        None,
    ),
    "limit with a float batch": (lambda: st.stability_limit(GOOD, 8.0), DomainError, ["batch size", "8.0"], None),
    "batch beyond the data": (
        lambda: st.stationary_law(FINITE, st.SGD(0.1, 11, sampling=SUBSET)).covariance,
        DomainError,
        ["11", "10", "smaller batch"],
        lambda: st.stationary_law(FINITE, st.SGD(0.1, 10, sampling=SUBSET)).covariance,
    ),
    "transient batch beyond the data": (
        lambda: st.transient_law(FINITE, st.SGD(0.1, 11, sampling=SUBSET), [1.0, 1.0], 3).covariance,
        DomainError,
        ["11", "10"],
        None,
    ),
    "simulated batch beyond the data": (
        lambda: st.simulate(st.LeastSquares(X, y), st.SGD(0.1, 5, sampling=SUBSET), 1, 2),
        DomainError,
        ["5 of 4"],
        None,
    ),
    "subset of an endless stream": (
        lambda: st.stationary_law(GOOD, st.SGD(0.1, 3, sampling=SUBSET)).covariance,
        DomainError,
        ["dataset_size"],
        lambda: st.stationary_law(FINITE, st.SGD(0.1, 3, sampling=SUBSET)).covariance,
    ),
    "gap of an endless stream": (
        lambda: st.generalization_gap(GOOD),
        DomainError,
        ["dataset_size=None"],
        lambda: st.generalization_gap(FINITE),
    ),
    # 31-33, 37: sizes.
    "data set of 0": (lambda: st.Quadratic(I2, I2, dataset_size=0), DomainError, ["dataset_size", "0"], None),
    "symbolic data set of 0": (
        lambda: st.Quadratic(I2, I2, dataset_size=sp.Integer(0)),
        DomainError,
        ["dataset_size", "0"],
        None,
    ),
    "data set of 2.5": (lambda: st.Quadratic(I2, I2, dataset_size=2.5), DomainError, ["dataset_size", "2.5"], None),
    "float array as data set": (
        lambda: st.Quadratic(I2, I2, dataset_size=np.array(2.5)),
        DomainError,
        ["dataset_size", "2.5"],
        None,
    ),
    "data set of NaN": (
        lambda: st.Quadratic(I2, I2, dataset_size=math.nan),
        NonFiniteError,
        ["dataset_size", "nan"],
        None,
    ),
    "X and y differ": (
        lambda: st.LeastSquares(X, y[:3]),
        ShapeError,
        ["X and y", "4 and 3"],
        lambda: st.LeastSquares(X[:3], y[:3]),
    ),
    "y as a column": (
        lambda: st.LeastSquares(X, y[:, None]),
        ShapeError,
        ["y", "(4, 1)"],
        lambda: st.LeastSquares(X, y[:, None].reshape(-1)),
    ),
    "X as a vector": (
        lambda: st.LeastSquares(y, y),
        ShapeError,
        ["X", "(4,)"],
        lambda: st.LeastSquares(y.reshape(-1, 1), y),
    ),
    "noise of another size": (lambda: st.Quadratic(I2, np.eye(3)), ShapeError, ["noise and hessian", "3 and 2"], None),
    "minimum of another size": (
        lambda: st.Quadratic(I2, I2, [1.0, 2.0, 3.0]),
        ShapeError,
        ["minimum", "3 and 2"],
        None,
    ),
    "theta of another size": (lambda: GOOD.gradient([1.0]), ShapeError, ["theta", "1 entries", "2 entries"], None),
    "theta of another size, step": (
        lambda: st.optimal_step(GOOD, [1.0, 2.0, 3.0], batch_size=4),
        ShapeError,
        ["theta", "3 entries"],
        None,
    ),
    "start of another size": (lambda: st.transient_law(GOOD, SGD, [1.0], 4), ShapeError, ["start", "1 entries"], None),
    "simulated start of another size": (
        lambda: st.simulate(GOOD, SGD, 1, 2, start=[1.0, 2.0, 3.0]),
        ShapeError,
        ["start", "3 entries"],
        None,
    ),
    "negative ridge": (lambda: st.LeastSquares(X, y, ridge=-1e-3), DomainError, ["ridge", "-0.001"], None),
    # 36: no covariance.
    "noise not PSD": (
        lambda: st.Quadratic(I2, [[1.0, 2.0], [2.0, 1.0]]),
        DomainError,
        ["noise", "semidefinite", "eigenvalue -1"],
        None,
    ),
    "symbolic noise not PSD": (
        lambda: st.Quadratic(sp.eye(2), sp.Matrix([[1, 2], [2, 1]])),
        DomainError,
        ["noise", "eigenvalue -1"],
        None,
    ),
    "JAX noise not PSD": (
        lambda: st.Quadratic(jnp().eye(2), jnp().array([[1.0, 2.0], [2.0, 1.0]])),
        DomainError,
        ["noise", "eigenvalue -1"],
        None,
    ),
    # 39: steps.
    "negative steps": (lambda: st.transient_law(GOOD, SGD, [1.0, 1.0], -1), DomainError, ["steps", "-1"], None),
    "float steps": (lambda: st.transient_law(GOOD, SGD, [1.0, 1.0], 3.0), DomainError, ["steps", "3.0"], None),
    "NaN steps": (lambda: st.transient_law(GOOD, SGD, [1.0, 1.0], math.nan), SGDTheoryError, ["steps", "nan"], None),
    "boolean steps": (lambda: st.transient_law(GOOD, SGD, [1.0, 1.0], True), DomainError, ["steps", "True"], None),
    "symbolic negative steps": (
        lambda: st.transient_law(GOOD, SGD, [1.0, 1.0], sp.Integer(-1)),
        DomainError,
        ["steps", "-1"],
        None,
    ),
    "half a step": (
        lambda: st.transient_law(GOOD, SGD, [1.0, 1.0], sp.Rational(1, 2)),
        DomainError,
        ["steps", "1/2"],
        None,
    ),
    "float array as steps": (
        lambda: st.transient_law(GOOD, SGD, [1.0, 1.0], np.array(2.5)),
        DomainError,
        ["steps", "2.5"],
        None,
    ),
    "array of steps": (
        lambda: st.transient_law(GOOD, SGD, [1.0, 1.0], np.array([1, 2])),
        SGDTheoryError,
        ["steps", "[1, 2]"],
        None,
    ),
    "unknown limit": (lambda: st.stationary_law(GOOD, SGD, limit="ou"), DomainError, ["'ou'", "'diffusion'"], None),
    # optimal_step.
    "neither batch nor cost": (lambda: st.optimal_step(GOOD, [1.0, 1.0]), DomainError, ["batch", "cost"], None),
    "both batch and cost": (
        lambda: st.optimal_step(GOOD, [1.0, 1.0], batch_size=4, cost=(1, 1)),
        DomainError,
        ["4", "(1, 1)"],
        None,
    ),
    "cost of one number": (lambda: st.optimal_step(GOOD, [1.0, 1.0], cost=3), DomainError, ["pair", "3"], None),
    "cost of three": (
        lambda: st.optimal_step(GOOD, [1.0, 1.0], cost=(1, 2, 3)),
        DomainError,
        ["pair", "(1, 2, 3)"],
        None,
    ),
    "negative cost": (lambda: st.optimal_step(GOOD, [1.0, 1.0], cost=(-1, 2)), DomainError, ["-1"], None),
    "free samples": (lambda: st.optimal_step(GOOD, [1.0, 1.0], cost=(1, 0)), DomainError, ["0"], None),
    "negative cost at the minimum": (
        lambda: st.optimal_step(GOOD, [0.0, 0.0], cost=(-1, 2)),
        DomainError,
        ["-1"],
        None,
    ),
    # stability_limit.
    "limit with unknown sampling": (
        lambda: st.stability_limit(GOOD, 4, sampling="with"),
        DomainError,
        ["'with'"],
        None,
    ),
    # simulate: 56, 58.
    "replicas 0": (lambda: st.simulate(GOOD, SGD, 1, 0), DomainError, ["replicas", "0", "two"], None),
    "replicas 1": (
        lambda: st.simulate(GOOD, SGD, 1, 1),
        DomainError,
        ["replicas", "1", "two"],
        lambda: st.simulate(GOOD, SGD, 1, 2),
    ),
    "float replicas": (lambda: st.simulate(GOOD, SGD, 1, 1e3), DomainError, ["replicas", "1000.0"], None),
    "negative simulated steps": (lambda: st.simulate(GOOD, SGD, -1, 5), DomainError, ["steps", "-1"], None),
    "negative seed": (lambda: st.simulate(GOOD, SGD, 1, 5, seed=-1), DomainError, ["seed", "-1"], None),
    "legacy seed": (
        lambda: st.simulate(GOOD, SGD, 1, 5, seed=np.random.RandomState(0)),
        DomainError,
        ["seed", "RandomState"],
        None,
    ),
    "no seed": (lambda: st.simulate(GOOD, SGD, 1, 5, seed=None), DomainError, ["seed", "None"], None),
    "unknown backend": (lambda: st.simulate(GOOD, SGD, 1, 5, backend="torch"), DomainError, ["'torch'", "numpy"], None),
    "symbols simulated": (
        lambda: st.simulate(st.Quadratic(sp.eye(2), sp.eye(2)), SGD, 1, 5),
        DomainError,
        ["sympy", "NumPy"],
        None,
    ),
    "symbolic rate simulated": (
        lambda: st.simulate(GOOD, st.SGD(sp.Symbol("eta", positive=True), 4), 1, 5),
        DomainError,
        ["NumPy"],
        None,
    ),
    "JAX simulated": (
        lambda: st.simulate(st.Quadratic(jnp().eye(2), jnp().eye(2)), SGD, 1, 5),
        DomainError,
        ["jax"],
        None,
    ),
    "symbolic start simulated": (
        lambda: st.simulate(GOOD, SGD, 1, 5, start=sp.Matrix(sp.symbols("a b"))),
        SGDTheoryError,
        ["start"],
        None,
    ),
    # Names: 54.
    "unknown result": (
        lambda: st.results["quadratic.stationary_covarience"],
        UnknownNameError,
        ["covarience", "quadratic.stationary_covariance"],
        lambda: st.results["quadratic.stationary_covariance"],
    ),
    "unknown derivation": (
        lambda: st.derive("mean_trajectory"),
        UnknownNameError,
        ["'quadratic.mean_trajectory'"],
        lambda: st.derive("quadratic.mean_trajectory").verify(),
    ),
    "number as result": (lambda: st.results[5], UnknownNameError, ["5"], None),
    "current of no optimizer": (
        lambda: st.steady_state_current(GOOD, "sgd"),
        DomainError,
        ["optimizer", "'sgd'", "SGD or SGLD"],
        lambda: st.steady_state_current(GOOD, SGD),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_bad_input_gives_the_right_error(name):
    attempt, kind, words, mend = CASES[name]
    with pytest.raises(SGDTheoryError) as caught:
        attempt()
    error = caught.value
    assert isinstance(error, kind)
    assert isinstance(error, ValueError)
    message = str(error)
    for word in words:
        assert word in message
    assert error.what and error.got and error.allowed and error.mend  # noqa: PT018
    assert message == f"{error.what}. Got: {error.got}. Allowed: {error.allowed}. To mend: {error.mend}."
    assert "\n" not in error.what
    if mend is not None:
        mend()


@pytest.mark.parametrize(
    "attempt",
    [
        lambda value: st.SGD(value, 4).learning_rate,
        lambda value: st.SGD(0.1, 4, momentum=value).momentum,
        lambda value: st.LeastSquares(X, y, ridge=value).ridge,
    ],
    ids=["rate", "momentum", "ridge"],
)
@pytest.mark.parametrize(
    "value",
    [Fraction(1, 4), Decimal("0.25"), 10**400, b"1", [0.1], {}, object()],
    ids=["fraction", "decimal", "huge integer", "bytes", "list", "dict", "object"],
)
def test_other_scalars_are_read_or_refused_but_never_crash(attempt, value):
    try:
        read = attempt(value)
    except SGDTheoryError:
        return
    assert read == 0.25


def test_a_mend_is_one_that_works():
    """No advice that fails: int(nan) does not exist, and half a sample must not be rounded in silence."""
    with pytest.raises(NonFiniteError) as caught:
        st.SGD(0.1, math.nan)
    assert "int(nan)" not in str(caught.value)


# What a limit of the closed form could give but does not: an error or the right number, in every kind of numbers.


@pytest.mark.parametrize("kind", ["numpy", "sympy", "jax"])
@pytest.mark.parametrize("limit", [None, "diffusion"])
def test_no_moment_of_a_flat_direction_is_a_silent_nan(kind, limit):
    """Along a flat direction the noise adds up: after 3 steps the variance is 3 eta^2 C/m."""
    H, C, rate = {
        "numpy": (np.diag([1.0, 0.0]), I2, 0.5),
        "sympy": (sp.diag(1, 0), sp.eye(2), sp.Rational(1, 2)),
        "jax": (jnp().diag(jnp().array([1.0, 0.0])), jnp().eye(2), 0.5),
    }[kind]
    start = sp.Matrix([1, 1]) if kind == "sympy" else [1.0, 1.0]
    try:
        found = st.transient_law(st.Quadratic(H, C), st.SGD(rate, 4), start, 3, limit).covariance
    except DomainError:
        return
    assert float(found[1, 1]) == pytest.approx(3 * 0.25 / 4, rel=1e-5)


@pytest.mark.parametrize("zero", [0, 0.0])
def test_a_division_by_zero_goes_on_to_its_limit_or_is_refused(zero):
    """At the minimum the best rate is zero, and the square stays zero; without noise there any rate is best."""
    words = {"batch_size": 2, "curvature": 1, "displacement": zero, "steps": 3}
    for name in ("greedy_learning_rate", "greedy_second_moment"):
        assert st.evaluate(st.results[f"averaging.{name}"], noise=1.0, **words) == 0
    with pytest.raises(DomainError, match="0/0 here") as caught:
        st.evaluate(st.results["averaging.greedy_learning_rate"], noise=0, **words)
    assert f"displacement = {zero}" in str(caught.value)


def test_a_large_integer_is_not_rounded_in_silence():
    with pytest.raises(DomainError, match="hessian"):
        st.Quadratic([[2**53 + 1]], [[1]])


def test_values_whose_squares_overflow_are_not_turned_into_infinities():
    for scale in (1e200, 1e-200):
        law = st.stationary_law(st.Quadratic([[scale]], [[scale]]), st.SGD(1 / scale, 1))
        assert law.covariance[0, 0] == pytest.approx(1 / scale, rel=1e-12)
        assert law.excess_loss == pytest.approx(0.5, rel=1e-12)


@pytest.mark.parametrize(
    ("attempt", "missing"),
    [
        (lambda: st.transient_law(GOOD, st.SGD(0.1, 4, momentum=sp.Symbol("mu")), [1.0, 1.0], 2), "momentum"),
        (lambda: st.transient_law(GOOD, st.SGD(0.1, 4, momentum=0.9), [1.0, 1.0], 2, limit="diffusion"), "momentum"),
        (lambda: st.stationary_law(FINITE, st.SGD(0.1, 4, sampling="reshuffle"), limit="diffusion"), "reshuffle"),
        (lambda: st.stationary_law(FINITE, st.SGD(0.1, 4, sampling="reshuffle")).autocovariance(1), "reshuffle"),
        (lambda: st.stability_limit(FINITE, 4, kind="batch_sharpness", sampling="reshuffle"), "reshuffle"),
    ],
)
def test_what_is_not_built_names_itself(attempt, missing):
    with pytest.raises(NotImplementedError, match=missing) as caught:
        attempt()
    assert "not built yet" in str(caught.value)


def test_an_unknown_keyword_is_a_type_error():
    with pytest.raises(TypeError, match="lr"):
        st.SGD(lr=0.1, batch_size=4)


def test_errors_form_one_family():
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, Exception):
            assert issubclass(kind, SGDTheoryError)
            assert issubclass(kind, ValueError)
    error = errors.DomainError("it is wrong", got=3, allowed="1 or 2", mend="take 1")
    assert str(error) == "it is wrong. Got: 3. Allowed: 1 or 2. To mend: take 1."
    assert str(errors.unknown_name("thing", "aple", ["apple", "zebra"])).endswith("To mend: did you mean 'apple'.")
    assert st.SGDTheoryError is SGDTheoryError


def test_inputs_survive_a_refusal():
    H, C = np.array([[1.0, 0.5], [0.25, 1.0]]), np.array([[1.0, 2.0], [2.0, 1.0]])
    copies = H.copy(), C.copy()
    for arguments in ((H, I2), (I2, C)):
        with pytest.raises(SGDTheoryError):
            st.Quadratic(*arguments)
    np.testing.assert_array_equal(H, copies[0])
    np.testing.assert_array_equal(C, copies[1])
