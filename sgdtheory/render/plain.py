"""Expressions and statements as one line of plain text.

ASCII only, so that any terminal shows it: products are written with spaces, powers with ``^``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy as sp
from sympy.printing.precedence import PRECEDENCE, precedence
from sympy.printing.str import StrPrinter

import sgdtheory.symbols as names
from sgdtheory.closed_form import index_letters
from sgdtheory.symbols import glossary

if TYPE_CHECKING:
    from sgdtheory.closed_form import ClosedForm

# Symbols whose name is not what a person would write; the others are written by name.
_WRITTEN = {
    names.sigma2: "sigma^2",
    names.s2: "s^2",
    names.g2: "|g|^2",
    names.gHg: "g'Hg",
    names.trHC: "tr(HC)",
    names.Sigma_t_ij: "Sigma_ij(t)",
    names.Gamma_ij: "Gamma_ij(k)",
    names.mean_i: "E[theta_i(t)] - theta*_i",
    names.excess_loss: "E[L] - L*",
    names.gradient_norm: "E|grad L|^2",
    names.batch_noise_ij: "Cov[g_B]_ij",
    names.eta_star: "eta*",
    names.decrease: "E[Delta L]*",
    names.m_star: "m*",
    names.variance: "Var[theta]",
    names.gap: "E[L_test - L_train]",
    names.excess_test: "E[L_test] - L*_test",
    names.penalty: "E[L_test(SGD) - L_test(batch)]",
    names.sigma_y2: "sigma_y^2",
    names.trH: "tr(H)",
    names.trH2: "tr(H^2)",
    names.trC: "tr(C)",
    names.Sigma_r_ij: "Sigma_ij(r)",
    names.mean_shift: "E[theta] - theta*",
    names.V_ij: "Cov[v]_ij",
    names.Gamma_1_ij: "Gamma_ij(1)",
    names.Sigma_x_ij: "Cov[x]_ij",
    names.Sigma_y_ij: "Cov[P^(-1/2) theta]_ij",
    names.Sigma_y_12: "Cov[y]_12",
    names.Sigma_avg_ij: "Cov[average]_ij",
    names.average_excess_loss: "E[L(average)] - L*",
    names.batch_gradient_norm: "E|g_B|^2",
    names.batch_gradient_curvature: "E[g_B' H g_B]",
    names.squared_step: "E|theta' - theta|^2",
    names.successive_gradients: "E[g_B(t)' g_B(t+1)]",
    names.first_ratio: "E|g_B|^2 / E[(theta - theta*)' grad L]",
    names.first_step_ratio: "E|theta' - theta|^2 / E[(theta - theta*)' grad L]",
    names.second_ratio: "E[g_B' H g_B] / E|grad L|^2",
    names.second_step_ratio: "E[(theta' - theta)' H (theta' - theta)] / E|grad L|^2",
    names.velocity_variance: "Var[v]",
    names.mean_x: "E[theta(t)] - theta*",
    names.second_moment: "E[(theta(t) - theta*)^2]",
    names.batch_noise: "Var[g_B]",
    names.excess_variance_i: "Var[theta_i] - tau/lambda_i",
    names.kl: "KL",
    names.square_t: "E[x_t^2]",
    names.loss_decrease: "L(theta_0) - E[L(theta_t)]",
    names.t_away: "t_rms",
    names.t_exit: "E[t_exit]",
    names.log_t_out: "log E[t_exit]",
    names.P_stay: "P(|x_t| <= R)",
    names.delay_ratio: "t_(k+1)/t_k",
    names.eta_kl: "eta_KL",
}
_ORDER = {symbol: place for place, symbol in enumerate(glossary)}


class _TextPrinter(StrPrinter):
    """Write expressions as a person types them into a message."""

    printmethod = "_plain"  # indexed symbols would otherwise print themselves, as x[k]

    def _print_Symbol(self, expr: sp.Symbol) -> str:  # noqa: N802
        return _WRITTEN.get(expr) or expr.name.replace("^*", "*")

    _print_MatrixSymbol = _print_Symbol  # noqa: N815

    def _print_MatMul(self, expr: sp.MatMul) -> str:  # noqa: N802
        number, matrices = expr.as_coeff_matrices()
        if number.could_extract_minus_sign():
            return f"-{self._print(-expr)}"
        factors = [number] * (number != 1) + matrices
        sums = sp.Add | sp.MatAdd
        return " ".join(f"({self._print(x)})" if isinstance(x, sums) else self._print(x) for x in factors)

    def _print_MatAdd(self, expr: sp.MatAdd) -> str:  # noqa: N802
        terms = sorted(map(self._print, expr.args), key=lambda text: text.startswith("-"))
        return " ".join([terms[0], *(f"- {text[1:]}" if text.startswith("-") else f"+ {text}" for text in terms[1:])])

    def _print_Add(self, expr: sp.Add, order: Any = None) -> str:  # noqa: N802
        terms = sorted(expr.args, key=lambda x: (x.could_extract_minus_sign(), x.count_ops(), _factor_key(x)))
        text = ""
        for term in terms:
            negative = term.could_extract_minus_sign()
            part = self.parenthesize(-term if negative else term, PRECEDENCE["Add"])
            text += (" - " if negative else " + ") + part if text else ("-" if negative else "") + part
        return text

    def _print_Mul(self, expr: sp.Mul) -> str:  # noqa: N802
        if expr.could_extract_minus_sign():
            return f"-{self._print(-expr)}" if not (-expr).is_Add else f"-({self._print(-expr)})"
        sums = [factor for factor in expr.args if isinstance(factor, sp.Sum)]
        if sums:  # a sum over samples stands behind its weight
            weight = sp.Mul(*(factor for factor in expr.args if factor not in sums))
            shown = self._print(weight)
            return " ".join([f"({shown})" if " / " in shown else shown, *map(self._print, sums)])
        numerator, denominator = sp.fraction(expr, exact=True)
        above = self._factors(numerator)
        if denominator == 1:
            return above
        below = self._factors(denominator)
        single = len(sp.Mul.make_args(denominator)) == 1 and not denominator.is_Add
        whole = single or " " not in below or _closed(below.removeprefix("sqrt"))
        return f"{above} / {below if whole else f'({below})'}"

    def _factors(self, product: sp.Expr) -> str:
        factors = sorted(sp.Mul.make_args(product), key=_factor_key)
        roots = [factor.base for factor in factors if factor.is_Pow and factor.exp == sp.S.Half]
        rest = [
            self.parenthesize(factor, PRECEDENCE["Mul"])
            for factor in factors
            if not (factor.is_Pow and factor.exp == sp.S.Half)
        ]
        # SymPy splits the root of a product of positive symbols; one root reads better.
        if not roots:
            return " ".join(rest)
        inside = self._factors(sp.Mul(*roots))
        return " ".join([*rest, f"sqrt{inside if _closed(inside) else f'({inside})'}"])

    def _print_Pow(self, expr: sp.Pow, rational: bool = False) -> str:  # noqa: N802
        if expr.exp == sp.S.Half:
            return f"sqrt({self._print(expr.base)})"
        if expr.exp.could_extract_minus_sign():
            return f"1 / {self.parenthesize(1 / expr, PRECEDENCE['Pow'])}"
        exponent = self._print(expr.exp)
        short = expr.exp.is_Symbol or (expr.exp.is_Integer and expr.exp > 0)
        return f"{self.parenthesize(expr.base, PRECEDENCE['Pow'])}^{exponent if short else f'({exponent})'}"

    def _print_Sum(self, expr: sp.Sum) -> str:  # noqa: N802
        ranges = "".join(f"sum_({index} = {low}..{high}) " for index, low, high in expr.limits)
        return ranges + self.parenthesize(expr.function, PRECEDENCE["Mul"])

    def _print_Indexed(self, expr: sp.Indexed) -> str:  # noqa: N802
        return f"{expr.base.label}_{''.join(map(str, expr.indices))}"

    def _print_Abs(self, expr: sp.Abs) -> str:  # noqa: N802
        return f"|{self._print(expr.args[0])}|"

    def _print_Relational(self, expr: sp.Rel) -> str:  # noqa: N802
        return f"{self._print(expr.lhs)} {'=' if expr.rel_op == '==' else expr.rel_op} {self._print(expr.rhs)}"

    def parenthesize(self, item: sp.Basic, level: int, strict: bool = False) -> str:
        """Bracket a sum or a spaced product wherever it would be misread."""
        text = self._print(item)
        spaced = isinstance(item, sp.Add) or " / " in text or (item.is_Mul and level >= PRECEDENCE["Pow"])
        power = level >= PRECEDENCE["Pow"] and item.is_Symbol and not text.isidentifier()
        needed = precedence(item) < level or (spaced and level > PRECEDENCE["Add"]) or power
        call = text.removeprefix(item.func.__name__) if item.is_Function else text
        return f"({text})" if needed and not _closed(call) else text


def _closed(text: str) -> bool:
    """Return whether one pair of brackets encloses the whole text."""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return letter == ")" and place == len(text) - 1
    return False


def _factor_key(factor: sp.Expr) -> tuple[Any, ...]:
    symbol = factor.base if factor.is_Pow and factor.exp.is_number else factor
    kind = 0 if factor.is_number else 1 if symbol.is_Symbol else 2
    return kind, _ORDER.get(symbol, len(_ORDER)), factor.count_ops(), str(factor)


def expression(value: sp.Basic | str) -> str:
    """Return an expression as one line of text.

    Examples
    --------
    >>> from sgdtheory.symbols import C_ij, eta, lambda_i, lambda_j, m
    >>> expression(eta * C_ij / (m * (lambda_i + lambda_j - eta * lambda_i * lambda_j)))
    'eta C_ij / (m (lambda_i + lambda_j - eta lambda_i lambda_j))'
    """
    return value if isinstance(value, str) else _TextPrinter().doprint(value)


def right_side(form: ClosedForm, value: sp.Expr | None = None) -> str:
    """Return the right-hand side of a closed form, or a variant ``value`` of it; summed indices are marked."""
    value = form.value if value is None else value
    summed = [letter for letter in index_letters(value) if letter not in glossary[form.symbol].indices]
    right = expression(value)
    if summed:
        right = f"sum_{''.join(summed)} {f'({right})' if value.is_Add else right}"
    return right


def statement(form: ClosedForm, value: sp.Expr | None = None) -> str:
    """Return what a closed form says, or a variant ``value`` of it, as one line of text.

    Examples
    --------
    >>> from sgdtheory.catalogue import results
    >>> statement(results["quadratic.stationary_excess_loss_diffusion"])
    'E[L] - L* = sum_i eta C_ii / (4 m)'
    """
    return f"{expression(form.symbol)} = {right_side(form, value)}"
