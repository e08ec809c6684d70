"""Java has room for the code that Spark compiles for as long as a query runs."""

import re
import subprocess

from conf import jvm
from conf.machine import TOOLS

BOTH_COMPILERS = 240 * 2**20
"""What Java itself gives to both of its compilers."""


def test_one_compiler_has_the_room_that_java_gives_to_two() -> None:
    java = str(TOOLS / "java" / "bin" / "java")
    command = [java, *jvm.fast_options().split(), "-XX:+PrintFlagsFinal", "-version"]
    flags = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    [room] = re.findall(r"ReservedCodeCacheSize\s*=\s*(\d+)", flags)
    assert int(room) >= BOTH_COMPILERS
