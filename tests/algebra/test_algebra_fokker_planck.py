"""The Fokker-Planck residual and current: exact zeros, mutants that are not zero, and finite differences."""

import mpmath
import pytest
import sympy as sp

from sgdtheory.algebra.fokker_planck import probability_current, residual
from sgdtheory.algebra.lyapunov import solve_lyapunov
from sgdtheory.algebra.ornstein_uhlenbeck import gaussian_density, stationary_density, transient_density
from sgdtheory.errors import DomainError, NonFiniteError, ShapeError

x, y, t, h, c, w = sp.symbols("x y t h c w", real=True)
X = sp.symbols("x1:4", real=True)
START = sp.symbols("a1:4", real=True)
GENERIC_3 = sp.Matrix([[2, 1, 0], [-1, 3, 1], [0, 1, 2]])


def symmetric(name, d):
    return sp.Matrix(d, d, lambda i, j: sp.Symbol(f"{name}{min(i, j) + 1}{max(i, j) + 1}", real=True))


def drift(H):
    return list(-H * sp.Matrix(X[: H.rows]))


STATIONARY = {
    "1": symmetric("h", 1),
    "2 diagonal": sp.diag(*sp.symbols("h1:3")),
    "2 generic": symmetric("h", 2),
    "2 rotating": sp.Matrix([[1, w], [-w, 2]]),
    "3 diagonal": sp.diag(1, 2, sp.Symbol("h3")),
    "3 not symmetric": GENERIC_3,
}


@pytest.mark.parametrize("H", STATIONARY.values(), ids=STATIONARY)
def test_the_stationary_density_has_no_residual(H):
    d = H.rows
    C = symmetric("c", d)
    assert residual(stationary_density(H, C, X[:d]), drift(H), C, X[:d]) == 0


TRANSIENT = {
    "1": symmetric("h", 1),
    "2 diagonal": sp.diag(*sp.symbols("h1:3")),
    "3 diagonal": sp.diag(1, 2, sp.Rational(5, 2)),
    "2 full": sp.Matrix([[3, 1], [1, 3]]),
}


@pytest.mark.parametrize("H", TRANSIENT.values(), ids=TRANSIENT)
def test_the_density_after_a_start_has_no_residual(H):
    d = H.rows
    C = symmetric("c", d) if d < 3 else sp.Matrix([[2, 1, 0], [1, 3, -1], [0, -1, 1]])
    density = transient_density(H, C, START[:d], X[:d], t)
    assert residual(density, drift(H), C, X[:d], t) == 0


@pytest.mark.parametrize("H", [sp.Matrix([[h, c], [c, w]]), sp.Matrix([[1, 2], [3, w]])], ids=["generic", "one symbol"])
def test_the_density_of_a_symbolic_full_matrix_has_no_residual(H):
    density = transient_density(H, sp.eye(2), [0, 0], X[:2], t)
    assert residual(density, drift(H), sp.eye(2), X[:2], t) == 0


ROUND = [
    (1 / sp.cosh(x) ** 2, -sp.tanh(x)),
    (sp.cos(x) ** 2, -sp.tan(x)),
    (sp.exp(sp.sin(x) ** 2), sp.sin(2 * x) / 2),
    (sp.cos(3 * x) ** 2, -3 * sp.tan(3 * x)),
]


@pytest.mark.parametrize(("density", "b"), ROUND, ids=str)
def test_identities_of_trigonometric_and_hyperbolic_functions_are_known(density, b):
    assert residual(density, b, 1, x) == 0
    wrong = residual(density, 2 * b, 1, x)
    assert abs(sp.N(wrong.subs(x, sp.Rational(1, 3)))) > 1e-3


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gaussian_density([0], [[0]], [x]), "not positive definite"),
        (lambda: gaussian_density([0], [[-1]], [x]), "not positive definite"),
        (lambda: gaussian_density([0], [[sp.Symbol("v", negative=True)]], [x]), "not positive definite"),
        (lambda: gaussian_density([0, 0], [[1, 2], [2, 1]], [x, y]), "not positive definite"),
        (lambda: gaussian_density([0, 0], [[h, h], [h, h]], [x, y]), "not positive definite"),
        (lambda: gaussian_density([0, 0], [[2, 1], [0, 2]], [x, y]), "not symmetric"),
        (lambda: stationary_density([[-1]], [[1]], [x]), "no stationary density"),
        (lambda: stationary_density([[-1]], [[-1]], [x]), "no covariance"),
        (lambda: stationary_density([[1, 3], [3, 1]], [[1, 0], [0, 1]], [x, y]), "no stationary density"),
        (lambda: stationary_density([[1]], [[0]], [x]), "not positive definite"),
        (lambda: transient_density([[1]], [[2]], [1], [x], 0), "not positive definite"),
        (lambda: transient_density([[1]], [[-2]], [1], [x], t), "no covariance"),
    ],
)
def test_densities_that_do_not_exist_are_refused(call, message):
    with pytest.raises(DomainError, match=message):
        call()


@pytest.mark.parametrize(
    "H",
    [sp.Matrix([[2, 1], [1, 3]]), sp.Matrix([[1, 2], [-2, 1]]), sp.Matrix([[1, 1], [0, 1]])],
    ids=["roots", "rotating", "defective"],
)
def test_the_density_of_a_full_matrix_solves_the_equation(H):
    """Where eigenvalues are no rational numbers, the residual is looked at in 40 digits at a rational point."""
    C = sp.Matrix([[2, 1], [1, 3]])
    density = transient_density(H, C, [1, -2], X[:2], t)
    point = {X[0]: sp.Rational(1, 3), X[1]: sp.Rational(-2, 7), t: sp.Rational(3, 5)}
    assert abs(finite_differences(density, drift(H), C, X[:2], point, t)) < 1e-15
    assert abs(finite_differences(density, drift(2 * H), C, X[:2], point, t)) > 1e-3


def finite_differences(density, b, B, variables, point, time=None):
    """Return (dp/dt + div J)/p from values of p, b and B alone, in 40 digits."""
    symbols = [*variables, *([time] if time is not None else [])]
    d = len(variables)
    B = sp.Matrix(B)
    p = sp.lambdify(symbols, density, "mpmath")
    flow = [sp.lambdify(symbols, density * b[i], "mpmath") for i in range(d)]
    spread = [[sp.lambdify(symbols, density * B[i, j], "mpmath") for j in range(d)] for i in range(d)]
    with mpmath.workdps(40):
        at = [mpmath.mpf(point[s].p) / point[s].q for s in symbols]

        def slope(function, i):
            step = mpmath.mpf(10) ** -12
            return (function([a + step * (k == i) for k, a in enumerate(at)])
                    - function([a - step * (k == i) for k, a in enumerate(at)])) / (2 * step)  # fmt: skip

        def second(function, i, j):
            step = mpmath.mpf(10) ** -9

            def inner(point):
                moved = [[a + s * step * (k == j) for k, a in enumerate(point)] for s in (1, -1)]
                return (function(*moved[0]) - function(*moved[1])) / (2 * step)

            return (inner([a + step * (k == i) for k, a in enumerate(at)])
                    - inner([a - step * (k == i) for k, a in enumerate(at)])) / (2 * step)  # fmt: skip

        total = sum(slope(lambda z, i=i: flow[i](*z), i) for i in range(d))
        total -= sum(second(spread[i][j], i, j) for i in range(d) for j in range(d)) / 2
        if time is not None:
            total += slope(lambda z: p(*z), d)
        return mpmath.re(total / p(*at))


NONLINEAR = [
    # A multiplicative noise, a wrong density of a double well, and a time-dependent drift: no zeros by accident.
    (sp.exp(-(x**4)) / (1 + x**2), [x - x**3], [[1 + x**2]], [x], None),
    (sp.exp(-(x**2) - x * y - y**2) + sp.exp(-(x**2)), [y - x**2, -x * y], [[1 + y**2, x], [x, 2 + x**2]], [x, y],
     None),
    (sp.exp(-(x**2) / (1 + t) - y**2), [-x * t, x - y], [[t, x * y], [x * y, 1]], [x, y], t),
    (sp.exp(-(X[0] ** 2) - X[1] ** 2 * X[2] ** 2 - X[2] ** 2), [X[1], X[2], -X[0] * X[1]],
     [[1, X[2], 0], [X[2], 2, X[0]], [0, X[0], 3]], X, None),
]  # fmt: skip


@pytest.mark.parametrize(("density", "b", "B", "variables", "time"), NONLINEAR)
def test_the_residual_is_what_finite_differences_say(density, b, B, variables, time):
    point = {s: sp.Rational(3 + 2 * k, 7) for k, s in enumerate([*variables, *([time] if time is not None else [])])}
    found = residual(density, b, B, variables, time)
    wanted = finite_differences(density, b, B, variables, point, time)
    assert abs(wanted) > 1e-3
    assert abs(sp.N(found.subs(point), 30) - wanted) < 1e-12


def test_the_gibbs_density_of_any_potential():
    """dx = -U'(x) dt + sqrt(c) dW has the density exp(-2 U/c), whatever U."""
    U = sp.Function("U")(x, y)
    force = [-sp.diff(U, x), -sp.diff(U, y)]
    assert residual(sp.exp(-2 * U / c), force, c * sp.eye(2), [x, y]) == 0
    assert residual(sp.exp(-U / c), force, c * sp.eye(2), [x, y]) != 0
    assert probability_current(sp.exp(-2 * U / c), force, c * sp.eye(2), [x, y]).is_zero_matrix


def test_an_added_rotation_keeps_the_density_and_makes_a_current():
    """b = -(C/2) grad U + a flow along the level lines: stationary, but no longer in detailed balance."""
    U = x**2 + x * y + 2 * y**2
    rotation = [w * sp.diff(U, y), -w * sp.diff(U, x)]
    force = [-sp.diff(U, v) / 2 + r for v, r in zip((x, y), rotation, strict=True)]
    p = sp.exp(-U)
    assert residual(p, force, sp.eye(2), [x, y]) == 0
    assert (probability_current(p, force, sp.eye(2), [x, y]) / p - sp.Matrix(rotation)).expand().is_zero_matrix


@pytest.mark.parametrize("mutant", ["twice the drift", "half the noise", "other density", "shifted", "no rotation"])
def test_wrong_densities_have_a_residual(mutant):
    H, C = sp.Matrix([[1, w], [-w, 2]]), symmetric("c", 2)
    b, density = drift(H), stationary_density(H, C, X[:2])
    if mutant == "twice the drift":
        b = drift(2 * H)
    if mutant == "half the noise":
        C = C / 2
    if mutant == "other density":
        density = density ** sp.Rational(1001, 1000)
    if mutant == "shifted":
        density = density.subs(X[0], X[0] + 1)
    if mutant == "no rotation":
        b = drift(H.subs(w, 0))
    assert residual(density, b, C, X[:2]) != 0


def test_detailed_balance_holds_just_where_noise_and_hessian_commute():
    """For a symmetric H the current vanishes iff H C = C H; otherwise probability circulates, without divergence."""
    H, C = symmetric("h", 2), symmetric("c", 2)
    p = stationary_density(H, C, X[:2])
    velocity = sp.Matrix([entry / p for entry in probability_current(p, drift(H), C, X[:2])])
    assert not velocity.is_zero_matrix
    # The commutator has one entry, and the velocity is that entry times something.
    commutator = sp.expand((H * C - C * H)[0, 1])
    commuting = {C[0, 1]: H[0, 1] * (C[0, 0] - C[1, 1]) / (H[0, 0] - H[1, 1])}
    assert sp.cancel(commutator.subs(commuting)) == 0
    assert velocity.subs(commuting).applyfunc(sp.cancel).is_zero_matrix
    at = dict(zip([*H, *C], [2, 1, 1, 3, 1, 0, 0, 4], strict=True))
    assert commutator.subs(at) != 0
    assert not velocity.subs(at).applyfunc(sp.cancel).is_zero_matrix


def test_the_stationary_current_has_no_divergence_and_the_formula_of_the_antisymmetric_part():
    """J = (C/2 S^-1 - H) x p, and H S - C/2 is antisymmetric."""
    H, C = GENERIC_3, sp.Matrix([[2, 1, 0], [1, 3, -1], [0, -1, 1]])
    p, S = stationary_density(H, C, X), solve_lyapunov(H, C)
    J = probability_current(p, drift(H), C, X)
    assert sp.simplify(sum(sp.diff(entry, v) for entry, v in zip(J, X, strict=True)) / p) == 0
    Q = H * S - C / 2
    assert Q == -Q.T
    assert not Q.is_zero_matrix
    assert (sp.Matrix([entry / p for entry in J]) + Q * S.inv() * sp.Matrix(X)).expand().is_zero_matrix


def test_the_densities_are_normalised():
    joint, marginal = gaussian_density([1, 2], [[2, 1], [1, 3]], [x, y]), gaussian_density([2], [[3]], [y])
    assert sp.simplify(sp.integrate(joint, (x, -sp.oo, sp.oo)) / marginal) == 1
    assert sp.integrate(marginal, (y, -sp.oo, sp.oo)) == 1
    relaxed = transient_density(sp.diag(1, 2), sp.Matrix([[2, 1], [1, 3]]), [5, -7], [x, y], t)
    wanted = stationary_density(sp.diag(1, 2), sp.Matrix([[2, 1], [1, 3]]), [x, y])
    point = {x: sp.Rational(1, 3), y: sp.Rational(1, 5)}
    assert abs(sp.N((relaxed / wanted).subs({**point, t: 60}), 30) - 1) < 1e-15


GAUSS = sp.exp(-(x**2) - y**2)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((GAUSS, [-x], sp.eye(2), [x, y]), ShapeError, "do not fit"),
        ((GAUSS, [-x, -y], sp.eye(3), [x, y]), ShapeError, "do not fit"),
        ((GAUSS, [-x, -y], [[1, 2], [3, 4]], [x, y]), DomainError, "not symmetric"),
        ((GAUSS, [-x, -y], sp.eye(2), [x, x]), DomainError, "two coordinates"),
        ((GAUSS, [-x, -y], sp.eye(2), [x, y], x), DomainError, "two coordinates"),
        ((GAUSS, [-x, -y], sp.eye(2), ["x", "y"]), DomainError, "not symbols"),
        ((GAUSS, [-x, -y], sp.eye(2), [x, y], "t"), DomainError, "not symbols"),
        ((GAUSS, [-x, sp.nan], sp.eye(2), [x, y]), NonFiniteError, "entry 1 of the drift"),
        ((GAUSS, [-x, "y"], sp.eye(2), [x, y]), DomainError, "entry 1 of the drift"),
        ((GAUSS, [-x, None], sp.eye(2), [x, y]), DomainError, "entry 1 of the drift"),
        (("exp(-x**2)", [-x, -y], sp.eye(2), [x, y]), DomainError, "density"),
        ((sp.Integer(0), [-x, -y], sp.eye(2), [x, y]), DomainError, "density is zero"),
        ((GAUSS, [-x, -y], sp.eye(2), []), DomainError, "not symbols"),
    ],
)
def test_what_does_not_fit_is_refused(arguments, error, message):
    for function in (residual, probability_current):
        with pytest.raises(error, match=message):
            function(*arguments)


def test_a_large_full_matrix_has_no_short_transient():
    with pytest.raises(DomainError, match="eigenbasis"):
        transient_density(GENERIC_3, sp.eye(3), START, X, t)
    for arguments in (([0, 0], sp.eye(3), [x, y]), ([0], sp.eye(2), [x, y])):
        with pytest.raises(ShapeError, match="do not fit"):
            gaussian_density(*arguments)
    with pytest.raises(ShapeError, match="start"):
        transient_density(sp.eye(2), sp.eye(2), [1], [x, y], t)


def test_text_is_refused_and_never_run(tmp_path):
    marker = tmp_path / "ran"
    text = f"__import__('pathlib').Path({str(marker)!r}).touch()"
    for function, arguments in (
        (gaussian_density, ([text], [[1]], [x])),
        (gaussian_density, ([0], [[text]], [x])),
        (gaussian_density, ([0], [[1]], [text])),
        (transient_density, ([[1]], [[1]], [text], [x], t)),
        (transient_density, ([[text]], [[1]], [1], [x], t)),
        (transient_density, ([[1]], [[1]], [1], [x], text)),
        (residual, (text, [-x], [[1]], [x])),
        (residual, (GAUSS, [text], [[1]], [x])),
        (residual, (GAUSS, [-x], [[text]], [x])),
        (residual, (GAUSS, [-x], [[1]], [text])),
    ):
        with pytest.raises(DomainError):
            function(*arguments)
    assert not marker.exists()
