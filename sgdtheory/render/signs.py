"""Signs and numbers of products, turned to how a person would write them."""

from __future__ import annotations

import sympy as sp

from sgdtheory.symbols import D, M


def turned(value: sp.Basic) -> sp.Basic:
    """Return an expression without products such as a (-b - c), (x - 1) (y - 1), -(x - 1), (x - 1)^2 or a (2 x - 2)."""

    def of_product(product: sp.Expr) -> sp.Expr:
        factors = [factor.as_base_exp() for factor in sp.Mul.make_args(product)]
        sums = [f for f in factors if f[0].is_Add and f[1].is_Integer and not _counts(f[0])]
        negative = [f for f in sums if all(term.could_extract_minus_sign() for term in f[0].args)]
        mixed = [f for f in sums if f not in negative and f[0].as_coeff_Add()[0].is_negative]
        sign = product.as_coeff_Mul()[0] * sp.prod([(-1) ** power for _, power in negative])
        odd = [f for f in mixed if f[1].is_odd]
        if len(odd) % 2 and not sign.is_negative:  # a single one stays, for want of a minus to take
            mixed.remove(odd[-1])
        changed = [*negative, *mixed]
        number = sp.prod([(-1) ** power for _, power in changed])
        parts = []
        for base, power in factors:
            common, rest = base.primitive() if (base, power) in sums and len(factors) > 1 else (sp.S.One, base)
            number *= common**power
            parts.append((-rest if (base, power) in changed else rest) ** power)
        return sp.Mul(number, *parts)

    return value.replace(lambda node: isinstance(node, sp.Mul | sp.Pow) and node.is_commutative, of_product)


def _counts(total: sp.Add) -> bool:
    """Return whether a sum is one less than a number of samples or batches, which reads well as it is."""
    number, rest = total.as_coeff_Add()
    return bool(number.is_negative) and rest in (D, M)
