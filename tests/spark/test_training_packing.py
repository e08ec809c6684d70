"""A saved model has what its workers wrote: the driver alone cannot tell."""

from pathlib import Path
from typing import Any

import mlflow.spark
import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import SparkSession

from tests.spark.tracked import QUIET
from training import packing, parcel, words
from training.errors import TrainingError

pytestmark = QUIET

PARTS = ("sparkml/metadata", "sparkml/stages/0_*/metadata", "sparkml/stages/4_*/metadata", "sparkml/stages/4_*/data")


def save(spark: SparkSession, folder: Path) -> Path:
    """The stages that make features, as a training saves its model."""
    (folder / parcel.ARTIFACTS).mkdir()
    model = PipelineModel([*words.splitters(characters=False), words.looking_for(["win"])])
    packing.fill(folder, model, {}, dict, {})
    return folder / parcel.MODEL


def test_a_model_is_saved_with_its_parts(spark: SparkSession, tmp_path: Path) -> None:
    saved = save(spark, tmp_path)
    for part in PARTS:
        assert list(saved.glob(f"{part}/part-*")), part


@pytest.mark.parametrize("missing", PARTS)
def test_a_model_whose_parts_stayed_with_the_workers_is_no_model(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    """As a cluster leaves it whose workers have folders of their own under the name of the driver's."""
    whole = mlflow.spark.save_model

    def as_the_driver_sees_it(model: PipelineModel, **told: Any) -> None:
        whole(model, **told)
        for part in Path(told["path"]).glob(f"{missing}/part-*"):
            part.unlink()

    monkeypatch.setattr(mlflow.spark, "save_model", as_the_driver_sees_it)
    with pytest.raises(TrainingError, match=r"without its parts: Spark computes on local.* TMPDIR .* share"):
        save(spark, tmp_path)
