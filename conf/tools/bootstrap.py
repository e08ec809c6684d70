"""Makes `.venv` as the lock says. Runs on the machine's bare Python, even one that is too old, to say so."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
UV_FOLDER = ROOT / ".lake" / "tools" / "uv"
UV_VERSION = "0.13.9"
OLDEST = (3, 11)
TOO_NEW = (3, 14)
FITTING = ("python3.13", "python3.12", "python3.11")


def main() -> None:
    """The environment is there; otherwise ends with one sentence that says what to type."""
    check_python(sys.version_info[:2])
    uv = find_uv() or install_uv()
    # No other Python is downloaded: it would lie outside the folder.
    variables = dict(os.environ, UV_PYTHON_DOWNLOADS="never", UV_PROJECT_ENVIRONMENT=str(ROOT / ".venv"))
    # Bytecode is made now, whatever PYTHONDONTWRITEBYTECODE says: services start several times faster with it.
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    variables.pop("VIRTUAL_ENV", None)
    command = [uv, "sync", "--frozen", "--compile-bytecode", "--python", sys.executable, "--project", str(ROOT)]
    if not sys.stdout.isatty():
        # Without a terminal there is no progress to show, only a list of 270 packages.
        command.append("--quiet")
    print("Installing the Python packages of the lock", flush=True)
    sys.exit(subprocess.call(command, env=variables))


def check_python(version: "tuple[int, ...]") -> None:
    """Ends the program unless the lock covers this Python."""
    if OLDEST <= version < TOO_NEW:
        return
    found = ".".join(map(str, version))
    other = next((name for name in FITTING if runs(name)), None)
    remedy = f"Type: make setup PYTHON={other}" if other else "Install one, then type: make setup PYTHON=python3.12"
    sys.exit(f"{sys.executable} is Python {found}; Python 3.11, 3.12 or 3.13 is needed. {remedy}")


def runs(name: str) -> bool:
    """Whether this command is there and starts: a version manager leaves names that do nothing."""
    if shutil.which(name) is None:
        return False
    return subprocess.call([name, "-c", ""], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0


def find_uv() -> "str | None":
    """A uv that is at least as new as the one that wrote the lock."""
    for uv in (str(UV_FOLDER / "bin" / "uv"), shutil.which("uv")):
        if uv and os.path.exists(uv):
            said = subprocess.run(
                [uv, "--version"], stdout=subprocess.PIPE, universal_newlines=True, check=False
            ).stdout
            if numbers(said) >= numbers(UV_VERSION):
                return uv
    return None


def install_uv() -> str:
    """The pinned uv in a folder of its own."""
    shutil.rmtree(str(UV_FOLDER), ignore_errors=True)
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(UV_FOLDER)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
        check=False,
    )
    if made.returncode:
        version = "{}.{}".format(*sys.version_info[:2])
        shutil.rmtree(str(UV_FOLDER), ignore_errors=True)
        sys.exit(
            f"{sys.executable} cannot make a virtual environment. On Debian and Ubuntu type: "
            f"sudo apt-get install python{version}-venv\n{made.stdout.strip()}"
        )
    python = str(UV_FOLDER / "bin" / "python")
    code = subprocess.call(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"uv=={UV_VERSION}"]
    )
    if code:
        sys.exit(
            "uv could not be installed (see above). Is the Python package registry reachable? Then type: make setup"
        )
    return str(UV_FOLDER / "bin" / "uv")


def numbers(text: str) -> "tuple[int, ...]":
    """The first version number in a text."""
    found = re.search(r"\d+(\.\d+)+", text)
    return tuple(map(int, found.group().split("."))) if found else ()


if __name__ == "__main__":
    main()
