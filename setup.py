"""Find the packages, so that a new family or derivation folder needs no edit here.

``derivations/`` lies at the top level, beside the library whose claims it proves, and is
installed as ``sgdtheory.derivations``.
"""

from setuptools import find_packages, setup

library = find_packages(include=["sgdtheory", "sgdtheory.*"])
derivations = ["sgdtheory.derivations"] + [
    f"sgdtheory.derivations.{name}" for name in find_packages(where="derivations")
]

setup(
    packages=library + derivations,
    package_dir={"sgdtheory.derivations": "derivations"},
)
