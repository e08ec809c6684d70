"""A program of Spark reaches MinIO on a machine whose proxy is dead: in Java, in Python, and in Python's workers."""

import os
import subprocess
from pathlib import Path

from conf.machine import DIRECT
from tests.stack.conftest import BIN
from tests.stack.servers import as_part, minio_in

NOBODY = "http://127.0.0.1:9"
PROXIES = dict.fromkeys(("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"), NOBODY)
# A proxy that is asked is an error now, and not after many minutes.
AT_ONCE = ("--conf", "spark.hadoop.fs.s3a.retry.limit=0", "--conf", "spark.hadoop.fs.s3a.attempts.maximum=1")
PROGRAM = """
import os
import obstore
from deltalake import DeltaTable
from conf import jvm, s3, session, settings

chosen = settings.load()
access = chosen.s3("stream")
spark = session.start("past a proxy", access, chosen.spark.ui_port, chosen.events, session.launching(jvm.launch()))
spark.range(3).write.format("delta").save("s3a://delta/messages")
version = DeltaTable("s3://delta/messages", storage_options=s3.delta_options(access)).version()

def listed(_):
    yield len(obstore.list(s3.store(access, "delta"), "messages/").collect()), os.environ["NO_PROXY"]

[(objects, exceptions)] = spark.sparkContext.parallelize([0], 1).mapPartitions(listed).collect()
print("version", version, "objects", objects > 0, "the driver's exceptions", exceptions == os.environ["NO_PROXY"])
"""


def test_a_program_of_spark_reaches_minio(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    with minio_in(tmp_path / "home") as settings:
        as_part(settings, "root").make_bucket("delta")
        # A host that only the driver knows of: executors may be on a machine without its settings.
        told = PROXIES | dict.fromkeys(DIRECT, "") | {"MLFLOW_HOST": "mlflow.here"}
        command = [str(BIN / "spark-submit"), *AT_ONCE, str(program)]
        answer = subprocess.run(command, env=os.environ | told, capture_output=True, text=True, check=False)
    assert answer.stdout.splitlines()[-1:] == ["version 0 objects True the driver's exceptions True"], answer.stderr
