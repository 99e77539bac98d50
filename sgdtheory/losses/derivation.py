"""The theory of SGD on a stated loss with its steps: from one sample's gradient to the stationary covariance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import sympy as sp

from sgdtheory.algebra.batches import batch_mean_covariance
from sgdtheory.algebra.derivation import Derivation, tidy
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import coefficients, fixed_point
from sgdtheory.errors import DomainError, check_choice
from sgdtheory.losses.moment_recursion import check_solvable, recursion_in_symbols
from sgdtheory.losses.quadratic import QuadraticModel
from sgdtheory.numeric.batch_noise import check_subsets
from sgdtheory.processes import sampled_loss
from sgdtheory.processes.process import Equation
from sgdtheory.processes.update import update
from sgdtheory.symbols import D, eta, m

if TYPE_CHECKING:
    from sgdtheory.losses.problem import SampledLoss


@dataclass(frozen=True)
class StatedProcess:
    """SGD on a stated loss, as the premise of its derivation."""

    model: QuadraticModel

    name = "SGD on a stated loss"

    @property
    def description(self) -> str:
        """One sentence."""
        return "each step follows the mean gradient of a batch of m samples, drawn afresh"

    @cached_property
    def premise(self) -> tuple[Equation, ...]:
        """The step, as the process itself makes it of symbols; sample k of the batch carries the index k."""
        statement, k = self.model.statement, sp.Symbol("k", integer=True)
        sample = {symbol: sp.Indexed(sp.IndexedBase(symbol), k) for symbol in statement.law.symbols}

        def average(of: Callable[[Any], Any]) -> Any:
            return of(sample).applyfunc(lambda entry: sp.Sum(entry, (k, 1, m)) / m)

        def of_sample(parameters: Any, sample: Any) -> Any:
            return statement.gradient.xreplace(dict(zip(statement.parameters, parameters, strict=True)) | sample)

        before = sp.ImmutableMatrix(statement.parameters)
        after = sampled_loss.step(before, average, learning_rate=eta, sample_gradient=of_sample)
        left = sp.ImmutableMatrix([sp.Symbol(f"{symbol.name}'") for symbol in statement.parameters])
        return ((left[0], after[0]) if len(left) == 1 else (left, after),)


def derive(problem: SampledLoss, sampling: str) -> Derivation:
    """Return the derivation for one way of sampling."""
    check_choice("way of sampling", sampling, ("replacement", "without_replacement"))
    if problem.model is None or problem.noise_of_training_data:
        raise DomainError(
            "there is nothing symbolic to derive",
            got="an array of samples" if problem.exact else "a loss that is not quadratic",
            allowed="a loss quadratic in its parameters, whose data have a distribution or moments",
            mend="state the same loss with moments as symbols, for example data={x: {1: mu, 2: q}}",
        )
    if sampling == "without_replacement":
        check_subsets(problem)
    steps = _Steps(problem.model, sampling)
    steps.check_names()
    return steps.all()


class _Steps:
    """Adds the steps one after the other."""

    def __init__(self, model: QuadraticModel, sampling: str) -> None:
        self.model, self.replacement = model, sampling == "replacement"
        self.d, self.law = model.dimension, model.statement.law
        self.theta = sp.ImmutableMatrix(model.statement.parameters)
        self.gradient = model.statement.gradient
        self.derivation = Derivation(StatedProcess(model))
        self.pairs = [(i, j) for i in range(self.d) for j in range(i, self.d)]
        self.e = self._symbols("e")
        self.S = sp.Matrix(self.d, self.d, lambda i, j: self._letter("S", min(i, j), max(i, j)))

    def _letter(self, letter: str, *places: int) -> sp.Symbol:
        return sp.Symbol(self._shown(letter, *places), real=True)

    def _symbols(self, letter: str) -> sp.Matrix:
        return sp.Matrix([self._letter(letter, i) for i in range(self.d)])

    def _shown(self, letter: str, *places: int) -> str:
        return letter if self.d == 1 else f"{letter}_{''.join(str(place + 1) for place in places)}"

    def check_names(self) -> None:
        """Refuse a loss that calls something of its own by a name that the derivation uses."""
        statement = self.model.statement
        stated = {symbol.name for symbol in (*statement.parameters, *statement.law.symbols, *statement.constants)}
        ours = [eta, m, D, sp.Symbol("C"), *self.e, *self._symbols("n"), *self.S]
        used = sorted(stated & {symbol.name for symbol in ours})
        if used:
            raise DomainError(
                f"the derivation itself writes {' and '.join(used)}",
                got=str(statement.loss)[:200],
                allowed=f"names other than {', '.join(dict.fromkeys(symbol.name for symbol in ours))}",
                mend=f"rename {' and '.join(used)} in the loss and in data",
            )

    def all(self) -> Derivation:
        """Return the whole derivation."""
        self.gradients()
        self.noise()
        share = self.batch()
        self.recursion(share)
        self.stationary(share)
        return self.derivation

    def gradients(self) -> None:
        """One sample's gradient, the expected Hessian and the minimiser."""
        add, pieces = self.derivation.add, self.model.pieces
        rows = pieces.curvature * self.theta + pieces.slope
        for i in range(self.d):
            reason = "Gradient of one sample's loss, linear in the parameters"
            add(reason, self._shown("g", i), self.gradient[i], rows[i])
        for i, j in self.pairs:
            curvature = self.law.expectation(sp.diff(self.model.statement.loss, self.theta[i], self.theta[j]))
            reason = "Expected curvature, from the moments of the data"
            add(reason, self._shown("H", i, j), curvature, self.model.hessian[i, j])
        for i in range(self.d):
            expected = self.law.expectation(sp.expand(self.gradient[i]))
            right = (self.model.hessian[i, :] * (self.theta - self.model.minimum))[0]
            reason = f"Expected gradient, H (theta - theta*): it vanishes at the minimum, {self._minimum()}"
            add(reason, f"E[{self._shown('g', i)}]", expected, right)

    def _minimum(self) -> str:
        from sgdtheory.render.text import expression

        pairs = zip(self.theta, self.model.minimum, strict=True)
        return ", ".join(f"{expression(symbol)}* = {expression(value)}" for symbol, value in pairs)

    def noise(self) -> None:
        """The covariance of one sample's gradient, at the minimum and around it."""
        noise, minimum = self.model.noise, self.model.minimum
        around = noise.expected(self.e, self.e * self.e.T)
        for i, j in self.pairs:
            self.derivation.add(
                "Covariance of one sample's gradient at the minimum, where its mean is zero",
                self._shown("C", i, j),
                self._covariance(i, j, minimum),
                noise.floor[i, j],
            )
        if not noise.varies:
            return
        for i, j in self.pairs:
            self.derivation.add(
                "Elsewhere it is another, because samples differ in their curvature; theta = theta* + e",
                f"{self._shown('C', i, j)}(theta* + e)",
                self._covariance(i, j, minimum + self.e),
                around[i, j],
            )

    def _covariance(self, i: int, j: int, theta: sp.Matrix) -> sp.Expr:
        """Return the covariance of two components of a sample's gradient from the definition."""
        one, two = (sp.expand(self.gradient[place]) for place in (i, j))
        mean = [self.law.expectation(part) for part in (one, two)]
        found = self.law.expectation(sp.expand(one * two)) - mean[0] * mean[1]
        return found.subs(dict(zip(self.theta, theta, strict=True)), simultaneous=True)

    def batch(self) -> sp.Expr:
        """Return the share of one sample's covariance that is left in a batch's gradient."""
        C = sp.Symbol("C", real=True)
        covariance = batch_mean_covariance(D * C, D, m, replacement=self.replacement)
        how = "m independent draws" if self.replacement else "a subset of m of the D samples"
        share = 1 / m if self.replacement else (D - m) / (m * (D - 1))
        self.derivation.add(f"Covariance of the mean gradient of a batch, {how}", "Cov[g_B]", covariance, share * C)
        return share

    def recursion(self, share: sp.Expr) -> None:
        """The second moment after one step."""
        H, e, n = self.model.hessian, self.e, self._symbols("n")
        after, _ = update(e, 0 * e, H * e + n, learning_rate=eta)
        covariance = share * self.model.noise.expected(e, e * e.T)
        noise = {(n[i], n[j]): covariance[i, j] for i, j in self.pairs}
        second = {(e[i], e[j]): self.S[i, j] for i, j in self.pairs}
        right = self._after(share)
        for i, j in self.pairs:
            drawn = expectation(sp.expand(after[i] * after[j]), dict.fromkeys(n, 0), noise)
            one, two = self._shown("e", i), self._shown("e", j)
            self.derivation.add(
                "One step takes e = theta - theta* to e - eta (H e + n), n being the batch's noise; expectation over"
                f" the batch and then over e, where E[e] = 0 and {self.S[i, j]} stands for the second moment",
                f"E[{one}' {two}']" if self.d > 1 else "E[(e')^2]",
                expectation(drawn, dict.fromkeys(e, 0), second),
                right[i, j],
            )

    def _after(self, share: sp.Expr) -> sp.Matrix:
        """Return S - eta (H S + S H) + eta^2 (H S H + p E[C(theta)])."""
        H, S = self.model.hessian, self.S
        bent, expected = H * S, self.model.noise.expected(sp.zeros(self.d, 1), S)
        return S - eta * (bent + bent.T) + eta**2 * (bent * H + share * expected)

    def stationary(self, share: sp.Expr) -> None:
        """The second moment that a step leaves as it is."""
        add, S, right = self.derivation.add, self.S, self._after(share)
        check_solvable(self.model.hessian, self.model.noise, eta, share)
        recursion, offset = recursion_in_symbols(self.model.hessian, self.model.noise, eta, share)
        found = recursion.stationary()
        values = {S[i, j]: tidy(found[offset[i] * offset[j]]) for i, j in self.pairs}
        if self.d == 1:
            factor, added = coefficients(sp.expand(right[0]), S[0])
            reason = "It settles if the factor in front of S is below one; one minus that factor"
            add(reason, "1 - dE[(e')^2]/dS", 1 - factor)
            reason = "Stationary: what a step adds, over one minus the factor"
            add(reason, "Sigma", fixed_point(factor, added), values[S[0]])
            return
        for i, j in self.pairs:
            added = eta**2 * share * self.model.noise.floor[i, j]
            kept = (right[i, j] - added).subs(values, simultaneous=True)
            add(
                "Stationary: a step leaves S as it is, a system of linear equations; its solution put back, what the"
                " step makes of it plus the noise that it adds",
                self._shown("Sigma", i, j),
                sp.Add(tidy(kept), added),
                values[S[i, j]],
            )
