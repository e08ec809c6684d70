"""Puts what a training has found into a parcel: tables, pictures, recipe, and the model as MLflow wants it."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from importlib.metadata import version as installed
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

import mlflow.spark
import pandas as pd
from matplotlib.figure import Figure
from mlflow.models import Model, ModelSignature
from mlflow.types import ColSpec, DataType, Schema
from pyspark.ml import PipelineModel
from pyspark.sql import SparkSession

from training import parcel
from training.errors import TrainingError
from training.evaluation import Evaluation

# Written down, not inferred: to infer them MLflow loads the model again in a process of its own (20 s).
REQUIREMENTS = [f"{package}=={installed(package)}" for package in ("mlflow", "pyspark", "pandas")]

# Added to a metric's name for the two ends of its interval.
ENDS = ("low", "high")

SIGNATURE = ModelSignature(
    inputs=Schema([ColSpec(DataType.string, "text")]), outputs=Schema([ColSpec(DataType.double, "prediction")])
)
EXAMPLE = pd.DataFrame(
    {"text": ["Shall we meet at the station at 6?", "You have WON a £500 voucher! Text CLAIM to 80888"]}
)


def fill(
    folder: Path,
    model: PipelineModel,
    tables: Mapping[str, pd.DataFrame],
    draw: Callable[[], Mapping[str, Figure]],
    texts: Mapping[str, str],
) -> None:
    """The parcel's folder has the model, and everything else under its file name: tables as Parquet or CSV, as the name says.

    Python draws while Spark saves the model.
    """
    files = folder / parcel.ARTIFACTS
    with ThreadPoolExecutor(max_workers=1) as pool:
        drawn = pool.submit(_draw, files, draw)
        for name, table in tables.items():
            if name.endswith(".parquet"):
                table.to_parquet(files / name, index=False)
            else:
                table.to_csv(files / name, index=False)
        for name, text in texts.items():
            (files / name).write_text(text)
        _save(model, folder / parcel.MODEL)
        drawn.result()


def _draw(files: Path, draw: Callable[[], Mapping[str, Figure]]) -> None:
    for name, picture in draw().items():
        picture.savefig(files / name)


def _save(model: PipelineModel, folder: Path) -> None:
    """Save in Spark's own format, with signature and input example. The run is added at delivery. Raises `TrainingError`."""
    with TemporaryDirectory() as temporary:
        mlflow.spark.save_model(
            model,
            path=str(folder),
            mlflow_model=Model(),
            dfs_tmpdir=temporary,
            signature=SIGNATURE,
            input_example=EXAMPLE,
            pip_requirements=REQUIREMENTS,
        )
    _require_parts(folder)


def _require_parts(folder: Path) -> None:
    """What Spark calls saved is there. The driver writes `_SUCCESS`; workers write the parts, each to the folder of that name that it sees."""
    saved = [file.parent for file in folder.rglob("_SUCCESS")]
    if not saved or not all(any(one.glob("part-*")) for one in saved):
        raise TrainingError(
            f"The model was saved without its parts: Spark computes on {SparkSession.active().sparkContext.master}, and its workers "
            f"do not see the driver's folder {gettempdir()}. Set TMPDIR to a folder that driver and workers share, and train again."
        )


def figures(tested: Evaluation) -> dict[str, float]:
    """The metrics by name, with the ends of their intervals where they have one."""
    ends = {f"{name}_{end}": at for name, both in tested.intervals.items() for end, at in zip(ENDS, both, strict=True)}
    return asdict(tested.metrics) | ends


def digests(tested: Evaluation) -> dict[str, str]:
    """The digests of the messages that were tested on and of the predictions, as tags of a run."""
    return {"test_digest": tested.test_digest, "predictions_digest": tested.predictions_digest}
