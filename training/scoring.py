"""Texts become predictions that name the model which made them."""

from collections.abc import Sequence

from mlflow.entities.model_registry import ModelVersion
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from training import crossvalidation
from training.errors import ScoringError

ADDED = ("probability", "prediction", "model", "model_version")
# What Delta takes in no name of a column.
FORBIDDEN = " ,;{}()\n\t="


def score(model: PipelineModel, version: ModelVersion, rows: DataFrame, column: str = "text") -> DataFrame:
    """All columns of the rows, then `probability` (of spam), `prediction` (1.0 for spam, 0.0 for ham), `model` and `model_version`.

    `probability` and `prediction` are null for a row whose text is null. Raises `ScoringError` when there is no column of texts,
    when the name of an added column is taken, or when no Delta table could keep a column under its name.
    """
    _check(rows.columns, column)
    text = F.col(f"`{column}`").cast("string")
    # The rows' own columns are packed into one: the model's stages add columns whose names may be the same.
    packed = rows.select(
        F.coalesce(text, F.lit("")).alias("text"), text.isNotNull().alias("told"), F.struct("*").alias("row")
    )
    said = crossvalidation.apply(model, packed)
    return said.select(
        "row.*",
        *(F.when(F.col("told"), F.col(name)).alias(name) for name in ("probability", "prediction")),
        F.lit(version.name).alias("model"),
        F.lit(int(version.version)).alias("model_version"),
    )


def _check(columns: Sequence[str], column: str) -> None:
    if column not in columns:
        raise ScoringError(
            f"There is no column {column!r}; the columns are {', '.join(columns)}. "
            "`--text COLUMN` says which of them holds the texts."
        )
    if taken := [name for name in columns if name in ADDED]:
        raise ScoringError(f"There is a column {', '.join(taken)} already, which scoring adds. Rename it.")
    for name in columns:
        if found := sorted(set(FORBIDDEN).intersection(name)):
            raise ScoringError(
                f"A Delta table can have no column {name!r}, because of {', '.join(map(repr, found))} in its name. Rename it."
            )
