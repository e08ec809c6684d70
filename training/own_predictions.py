"""A registered model's predictions for the messages that it was fitted on: they identify it when it is loaded.

They do not say how good the model is. The out-of-fold scores are for that (`training/crossvalidation.py`).
"""

from dataclasses import dataclass

import pandas as pd
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame

from training import crossvalidation

FILE = "model-predictions.parquet"
KEY = ["message_id", "spam"]
# On one machine every bit is the same; between processors `exp` and `log` may differ in the last bits.
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Agreement:
    """A loaded model compared with what was logged: messages in both, in one only, told otherwise, and the largest gap.

    `gap` is the largest difference of two probabilities of the same message.
    """

    messages: int
    unmatched: int
    otherwise: int
    gap: float

    @property
    def holds(self) -> bool:
        """Whether the predictions agree: the same for all messages, with probabilities within `TOLERANCE`."""
        return not self.unmatched and not self.otherwise and self.gap <= TOLERANCE


def of(model: PipelineModel, messages: DataFrame) -> pd.DataFrame:
    """`message_id`, `spam`, `probability` (of spam) and `prediction` for the output of `distinct_messages`, ordered by the first two."""
    said = crossvalidation.apply(model, messages.select(*KEY, "text")).drop("text").toPandas()
    return said.sort_values(KEY, ignore_index=True)


def compare(logged: pd.DataFrame, said: pd.DataFrame) -> Agreement:
    """Compare message by message, in whatever order either comes."""
    both = logged.merge(said, on=KEY, how="outer", suffixes=("", "_said"), indicator=True)
    matched = both[both["_merge"] == "both"]
    gaps = (matched["probability"] - matched["probability_said"]).abs()
    return Agreement(
        messages=len(matched),
        unmatched=len(both) - len(matched),
        otherwise=int((matched["prediction"] != matched["prediction_said"]).sum()),
        # NaN is no agreement.
        gap=float(gaps.fillna(1.0).max()) if len(gaps) else 0.0,
    )
