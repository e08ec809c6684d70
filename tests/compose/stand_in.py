"""The base image: the pinned one, or where no container registry can be reached a stand-in made of the same distribution."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from conf.machine import environment
from conf.settings.groups import FOLDER
from conf.settings.variables import read
from tests.compose.engine import Docker, EngineError

STAND_IN = "sms-lakehouse/stand-in-for-debian:bookworm"
SUITE = "bookworm"
MIRROR = "http://deb.debian.org/debian"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
CERTIFICATE = re.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
# What fetches packages while an image is built looks for the machine's own certificates in these.
VARIABLES = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE")


def base_image(docker: Docker) -> str:
    """The image to build on. Says so when it is a stand-in."""
    pinned = read(FOLDER / "images.env", environment())["BASE_IMAGE"]
    answer = docker.run("pull", "--quiet", pinned, check=False)
    if answer.returncode == 0:
        print(f"Base image: {pinned}", flush=True)
        return pinned
    print(f"Base image: {pinned} cannot be pulled ({answer.stderr.strip().splitlines()[-1]})", flush=True)
    print(f"            STAND-IN made by debootstrap instead: {STAND_IN}", flush=True)
    if docker.run("image", "inspect", STAND_IN, check=False).returncode:
        _make(docker)
    return STAND_IN


def _make(docker: Docker) -> None:
    if not shutil.which("debootstrap"):
        if os.getuid() != 0 or not shutil.which("apt-get"):
            raise EngineError("No registry and no debootstrap: connect to a registry, or install debootstrap.")
        subprocess.run(
            ["apt-get", "install", "-y", "-q", "--no-install-recommends", "debootstrap"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "root")
        words = ["--variant=minbase", "--include=ca-certificates", SUITE, str(root), MIRROR]
        subprocess.run(["debootstrap", *words], check=True, stdout=subprocess.DEVNULL)
        # As the real base is: updates and security fixes are fetched as well.
        (root / "etc/apt/sources.list").write_text(
            f"deb {MIRROR} {SUITE} main\ndeb {MIRROR} {SUITE}-updates main\ndeb {MIRROR}-security {SUITE}-security main\n"
        )
        _trust_what_this_machine_trusts(root)
        variables = " ".join(f"{name}={CERTIFICATES}" for name in VARIABLES)
        archive = Path(folder, "root.tar")
        # The device files that debootstrap makes are the engine's business.
        subprocess.run(["tar", "-C", root, "--exclude=./dev/*", "-cf", archive, "."], check=True)
        docker.run("import", "--change", f"ENV {variables}", str(archive), STAND_IN)


def _trust_what_this_machine_trusts(root: Path) -> None:
    """Where no registry is reached there is often a proxy with a certificate of its own between here and the packages.

    One file for each certificate, in the place for local ones: an update of the distribution's own keeps them.
    """
    folder = root / "usr/local/share/ca-certificates"
    for number, certificate in enumerate(CERTIFICATE.findall(CERTIFICATES.read_text())):
        (folder / f"machine-{number:03}.crt").write_text(f"{certificate}\n")
    subprocess.run(["chroot", root, "update-ca-certificates"], check=True, capture_output=True)
