"""What happened to the texts between the page and the table, according to the rows of `messages`."""

import pandas as pd
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

# A row to which nothing was done.
AS_IT_CAME = "as it came"


def repairs(rows: DataFrame) -> pd.DataFrame:
    """`repair` and `rows`: how many rows each rule of the cleaner was applied to, the commonest first; usually that is none."""
    rule = F.explode(F.split(F.coalesce("repair", F.lit(AS_IT_CAME)), r"\+")).alias("repair")
    counted = rows.select(rule).groupBy("repair").agg(F.count("*").alias("rows"))
    return counted.orderBy(F.desc("rows"), "repair").toPandas()


def examples(rows: DataFrame, each: int = 2) -> pd.DataFrame:
    """Some texts `before` and `after` each combination of rules: the shortest, which show it best."""
    shortest = [F.length("text_raw"), F.col("text_raw")]
    by_rule = F.struct(*shortest, F.col("text").alias("after")).alias("one")
    found = (
        rows.where(_changed())
        .select("repair", by_rule)
        .groupBy("repair")
        .agg(F.slice(F.array_sort(F.collect_set("one")), 1, each).alias("some"))
        .select("repair", F.explode("some").alias("one"))
        .select("repair", F.col("one.text_raw").alias("before"), "one.after")
        .orderBy("repair", F.length("before"), "before")
    )
    return found.toPandas()


def _changed() -> Column:
    return F.col("repair").isNotNull() & F.col("text_raw").isNotNull() & (F.col("text_raw") != F.col("text"))
