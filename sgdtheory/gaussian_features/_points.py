"""Where the family's results are checked: two unequal curvatures, or one and two equal ones, and a start aside."""

from sympy import Rational

from sgdtheory.closed_form import value_at
from sgdtheory.processes.process import point


def features(*, curvature, displacement, **words):
    """Return a point with the invariants of its curvatures and of its displacement worked out."""
    base = point(curvature=curvature, displacement=displacement, **words)
    eigenvalues, offset = base["curvature"], base["displacement"]
    pairs = list(zip(eigenvalues, offset, strict=True))
    loss = sum(lam * x**2 for lam, x in pairs) / 2
    return point(
        **base,
        dimension=len(eigenvalues),
        largest_curvature=max(eigenvalues),
        curvature_trace=sum(eigenvalues),
        squared_curvature_trace=sum(lam**2 for lam in eigenvalues),
        excess_loss=loss,
        initial_excess_loss=loss,
        gradient_norm_squared=sum((lam * x) ** 2 for lam, x in pairs),
        gradient_curvature=sum(lam**3 * x**2 for lam, x in pairs),
    )


def with_gain(form):
    """Return the points of a loop gain with its value there."""
    return tuple(point(**place, loop_gain=value_at(form, place)[0]) for place in form.points)


GENERIC = (
    features(
        learning_rate=Rational(3, 10),
        batch_size=4,
        momentum=Rational(2, 5),
        curvature=(Rational(1, 2), Rational(9, 5)),
        noise_variance=Rational(6, 5),
        displacement=(3, -2),
        steps=4,
    ),
    features(
        learning_rate=Rational(1, 4),
        batch_size=2,
        momentum=Rational(1, 3),
        curvature=(Rational(2, 5), 1),
        noise_variance=Rational(1, 3),
        displacement=(-2, Rational(5, 2)),
        steps=3,
    ),
)

EQUAL = (
    features(
        learning_rate=Rational(1, 5),
        batch_size=3,
        momentum=Rational(2, 5),
        curvature=(Rational(4, 5), Rational(4, 5)),
        noise_variance=Rational(6, 5),
        displacement=(3, -2),
        steps=3,
    ),
    features(
        learning_rate=Rational(1, 7),
        batch_size=2,
        momentum=Rational(1, 4),
        curvature=(Rational(3, 2),),
        noise_variance=Rational(1, 3),
        displacement=(Rational(5, 2),),
        steps=4,
    ),
)


def without_noise(points):
    """Return points whose targets carry no noise: there the mean square goes to zero, or grows."""
    return tuple(point(**{**place, "noise_variance": 0}) for place in points)


# Of the first point the curvatures are nearly equal: there the bound is nearly tight.
BOUNDED = without_noise(
    (
        features(
            learning_rate=Rational(1, 5),
            batch_size=3,
            curvature=(Rational(999, 1250), Rational(4, 5)),
            noise_variance=1,
            displacement=(3, -2),
        ),
        features(
            learning_rate=Rational(1, 7),
            batch_size=2,
            curvature=(Rational(1, 2), Rational(3, 2)),
            noise_variance=1,
            displacement=(-2, 1),
        ),
    )
)


def with_noise_gain(covariance):
    """Return the points of equal curvatures with the gain that a covariance under additive noise implies there."""
    found = []
    for place in EQUAL:
        alone = {**place, "curvature": place["curvature"][:1], "noise": ((1,),), "batch_size": 1}
        (variance,) = value_at(covariance, alone)
        found.append(point(**place, gain=variance / place["learning_rate"] ** 2))
    return tuple(found)
