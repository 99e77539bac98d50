"""Smooth losses that are not quadratic: expanded at the minimum of their expectation, in numbers."""

from __future__ import annotations

from typing import Any

from sgdtheory.errors import DomainError, ShapeError
from sgdtheory.losses.problem import SampledLoss
from sgdtheory.losses.statement import Statement
from sgdtheory.numeric.arrays import NUMPY, as_array
from sgdtheory.numeric.expected_loss import GIVEN, Around, ExpectedLoss, check_accuracy, no_noise
from sgdtheory.numeric.nodes import nodes_of
from sgdtheory.numeric.second_moments import GradientNoise
from sgdtheory.numeric.spectrum import spectrum_of
from sgdtheory.problems import as_point


class ExpandedLoss(SampledLoss):
    """A smooth loss, its Hessian and gradient covariance taken at the minimum.

    ``loss``, ``gradient`` and ``noise_at`` are those of the loss itself, at any point.
    """

    exact = False
    caveats = (
        "the loss is not quadratic: Hessian and gradient noise at the minimum are taken as constant, which is right"
        " only near the minimum and to leading order in the learning rate",
    )
    step_caveats = (
        "the loss is not quadratic: gradient and gradient noise at the point are exact, but the curvature is that at"
        " the minimum",
    )
    gaussian = False

    def __init__(self, statement: Statement, expected: ExpectedLoss, around: Around, minimum: Any, size: Any) -> None:
        super().__init__(
            statement,
            NUMPY,
            hessian=around.hessian,
            minimum=minimum,
            gradient_noise=GradientNoise(around.noise, *no_noise(len(minimum))),
            loss_at_minimum=around.loss,
            dataset_size=size,
        )
        self.expected, self.one_curvature = expected, False

    def noise_at(self, theta: Any) -> Any:
        """Return the (d, d) covariance of one sample's gradient at theta, shape (d,)."""
        return self.expected.at(as_point(self, theta)).noise

    def loss(self, theta: Any) -> Any:
        """Return the expected loss at theta, shape (d,)."""
        return self.expected.at(as_point(self, theta)).loss

    def gradient(self, theta: Any) -> Any:
        """Return the (d,) expected gradient at theta."""
        return self.expected.at(as_point(self, theta)).gradient


def expand_at_minimum(statement: Statement, minimum: Any, dataset_size: Any) -> ExpandedLoss:
    """Return the expansion of a statement's loss at a minimum that is given or found."""
    if statement.constants:
        names = ", ".join(map(str, statement.constants))
        raise DomainError(
            "a loss that is not quadratic is expanded in numbers, and some symbols have none",
            got=f"no value, and no law, for {names}",
            allowed="numbers for all symbols but parameters and data",
            mend=f"put them in before, for example loss.subs({{{statement.constants[0]}: 1}}); check the spelling",
        )
    law, d = statement.law, len(statement.parameters)

    def expectation(finer: bool) -> ExpectedLoss:
        return ExpectedLoss(statement.loss, statement.parameters, law.symbols, *nodes_of(law.blocks, finer))

    expected = expectation(True)
    if minimum is None:
        found = expected.minimum(d)
    else:
        found = as_array("minimum", minimum, NUMPY, 1)
        if len(found) != d:
            raise ShapeError(
                "minimum does not fit the parameters",
                got=f"{len(found)} entries",
                allowed=f"{d} entries",
                mend="give one entry for each parameter",
            )
        expected.check_values(found)
    around = expected.at(found)
    if not around.tilt <= GIVEN:
        raise DomainError(
            "the expected gradient does not vanish at the given minimum",
            got=f"gradient {around.gradient.tolist()} at {found.tolist()}",
            allowed=f"a gradient below {GIVEN:g} standard deviations of one sample's",
            mend="leave minimum out to have it searched for",
        )
    lowest = float(spectrum_of(around.hessian).eigenvalues[0])
    if not lowest > 0:
        raise DomainError(
            "the given point is not a minimum of the expected loss",
            got=f"eigenvalue {lowest:.6g} of the expected Hessian at {found.tolist()}",
            allowed="positive curvature in every direction",
            mend="give another point, or leave minimum out to have it searched for",
        )
    if law.samples is None:
        check_accuracy(around, expectation(False).at(found))
    return ExpandedLoss(statement, expected, around, found, dataset_size)
