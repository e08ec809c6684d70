"""Fetches the export from where it is published, in a process of its own that is ended after the given time.

`python -m source_api.download FOLDER SECONDS` is that process: `kagglehub` has no time limit of its own.
"""

import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from signal import ITIMER_REAL, setitimer
from tempfile import TemporaryDirectory

from source_api.errors import DownloadError

HANDLE = "uciml/sms-spam-collection-dataset"
FILE = "spam.csv"
SHA256 = "440e6ea9fa825578abfdd7b7932ef8393d72ef86c0c33f64676705ce40b1dfc2"


def fetched(folder: Path, seconds: float) -> bytes:
    """The export with the expected checksum: from `folder` if it is there, else downloaded and kept there.

    Takes `seconds` at most; 0 means without a download. Raises `DownloadError`.
    """
    kept = folder / FILE
    if kept.is_file() and sha256(content := kept.read_bytes()).hexdigest() == SHA256:
        return content
    if seconds == 0:
        raise DownloadError(f"{kept} is not there and SOURCE_DOWNLOAD_SECONDS=0 allows no download")
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder) as scratch:
        content = _downloaded(Path(scratch), seconds)
        (Path(scratch) / FILE).replace(kept)
    return content


def _downloaded(scratch: Path, seconds: float) -> bytes:
    command = [sys.executable, "-m", __name__, str(scratch), str(seconds)]
    try:
        subprocess.run(command, check=True, timeout=seconds, capture_output=True, text=True)
        return _verified(scratch / FILE)
    except subprocess.TimeoutExpired as error:
        raise DownloadError(f"{HANDLE} did not arrive within {seconds:g} s (SOURCE_DOWNLOAD_SECONDS)") from error
    except subprocess.CalledProcessError as error:
        reason = (error.stderr.strip() or f"exit code {error.returncode}").splitlines()[-1]
        raise DownloadError(f"{HANDLE}: {reason}") from error


def _verified(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DownloadError(f"{HANDLE}: no {FILE} came: {error}") from error
    digest = sha256(content).hexdigest()
    if digest != SHA256:
        raise DownloadError(f"{HANDLE}: {FILE} has sha256 {digest}, expected {SHA256}")
    return content


if __name__ == "__main__":
    import kagglehub  # type: ignore[import-untyped]  # ships no types; imported here for it is slow and noisy

    # Ends this process even when its parent is gone and cannot.
    setitimer(ITIMER_REAL, float(sys.argv[2]) + 1)
    kagglehub.dataset_download(HANDLE, path=FILE, output_dir=sys.argv[1])
