"""The reference of the command line: the help texts of the commands themselves."""

import os
import subprocess
import sys

from sgdtheory.cli import app

HEAD = """\
# Command line

Installing the library installs the command `sgdtheory`. An error is one message on standard error, with exit code 2;
a check that fails gives exit code 1.
"""
PLAIN = {"TYPER_USE_RICH": "0", "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "90"}


def pages() -> dict[str, str]:
    """Return the text of the page, by path below ``docs``."""
    names = [command.name for command in app.registered_commands]
    return {"reference/cli.md": "\n".join([HEAD, *map(_section, names)])}


def _section(name: str) -> str:
    code = "from sgdtheory.cli import main; main()"
    command = [sys.executable, "-c", code, name, "--help"]
    shown = subprocess.run(command, env=os.environ | PLAIN, capture_output=True, text=True, check=True, timeout=60)
    return f"## {name}\n\n```text\n{shown.stdout.strip()}\n```\n"
