"""Reads and writes the three Delta tables. The streaming query is their only writer."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from delta.tables import DeltaTable
from pyspark.sql import DataFrame, SparkSession

from conf.settings import S3Access
from conf.tables import PROPERTIES, TABLES, Table
from streaming import objects


@dataclass(frozen=True)
class Store:
    """The Delta tables below one root, an S3A bucket or a folder."""

    spark: SparkSession
    root: str

    def create(self, tables: Iterable[Table] = TABLES) -> None:
        """These tables exist, with their columns and properties; those that existed are left as they are."""
        for table in tables:
            builder = DeltaTable.createIfNotExists(self.spark).location(self._location(table))
            builder = builder.addColumns(table.schema)
            for name, value in PROPERTIES.items():
                builder = builder.property(name, value)
            builder.execute()

    def read(self, table: Table) -> DataFrame:
        """The newest version of a table."""
        return self.spark.read.format("delta").load(self._location(table))

    def append(self, frame: DataFrame, table: Table, app_id: str, batch_id: int, metadata: dict[str, Any]) -> None:
        """One commit with the rows of `frame`; none when this application has committed this batch before."""
        (
            frame.write.format("delta")
            .mode("append")
            .option("txnAppId", app_id)
            .option("txnVersion", batch_id)
            .option("userMetadata", json.dumps(metadata, ensure_ascii=False))
            .save(self._location(table))
        )

    def repair(self, frame: DataFrame, table: Table, metadata: dict[str, Any]) -> None:
        """One commit with rows that an interrupted batch left out."""
        writer = frame.write.format("delta").mode("append").option("userMetadata", json.dumps(metadata))
        writer.save(self._location(table))

    def _location(self, table: Table) -> str:
        return f"{self.root}/{table.name}"


def make_bucket(access: S3Access, bucket: str) -> None:
    """The bucket of the tables exists."""
    minio = objects.client(access)
    if not minio.bucket_exists(bucket):
        minio.make_bucket(bucket)
