"""Java takes Spark's classes from the archive that set-up made of them."""

import subprocess
from collections.abc import Sequence

import pytest

from conf import jvm
from conf.machine import ROOT, TOOLS
from conf.tools import class_archive

FROM_ARCHIVE = "source: shared objects file (top)"


def spark_says_its_version(class_path: str, options: Sequence[str]) -> list[str]:
    """The classes that Java loads for that, with where each comes from."""
    command = [str(TOOLS / "java" / "bin" / "java"), "-cp", class_path, *options, "-Xlog:class+load"]
    answer = subprocess.run(
        [*command, "org.apache.spark.deploy.SparkSubmit", "--version"], capture_output=True, text=True, check=True
    )
    return answer.stdout.splitlines()


def test_classes_of_spark_come_from_the_archive() -> None:
    assert class_archive.made(), "make setup"
    loaded = spark_says_its_version(jvm.class_path(), jvm.fast_options().split())
    of_spark = [line for line in loaded if " org.apache.spark." in line and "Lambda" not in line]
    archived = [line for line in of_spark if FROM_ARCHIVE in line]
    assert len(archived) > max(10, 0.9 * len(of_spark))


def test_behind_a_folder_of_settings_java_would_not_take_them() -> None:
    """Spark's own order of the class path; the reason why `conf.jvm` puts the jars first."""
    loaded = spark_says_its_version(f"{ROOT / 'conf'}:{jvm.class_path()}", jvm.fast_options().split())
    assert not any(FROM_ARCHIVE in line for line in loaded)


def test_an_archive_of_other_jars_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its name tells of which jars it was made."""
    before = jvm.archive_path()
    monkeypatch.setattr(jvm, "_jar_folders", lambda: [TOOLS / "jars" / "kafka"])
    assert jvm.archive_path() != before
    assert "SharedArchiveFile" not in jvm.fast_options()
