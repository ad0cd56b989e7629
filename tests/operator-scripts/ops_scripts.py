"""Runs the scripts of `ops/` with stand-ins for the commands `aws` and `sam`."""

import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def run(script, *arguments, folder=ROOT, **variables):
    """Runs a script of `ops/` with the stand-ins."""
    environment = {**os.environ, **variables, "PATH": f"{HERE / 'bin'}:{os.environ['PATH']}"}
    path = folder / "ops" / script
    # Not by its first line: pyenv's python3 puts its own folder, which may have an `aws`, in front of the PATH.
    interpreter = [sys.executable] if "python3" in path.read_text().splitlines()[0] else []
    command = [*interpreter, path, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
