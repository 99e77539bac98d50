"""``python -m sgdtheory`` is the command ``sgdtheory``."""

from sgdtheory.cli import main

if __name__ == "__main__":
    main()
