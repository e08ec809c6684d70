"""The DAG `landing`: scheduled ingestion of the source's pages into the landing bucket, and nothing else."""

from datetime import datetime, timedelta
from typing import Any

from airflow.sdk import Asset, dag, task

from conf.settings import load
from lander.schedule import schedule

settings = load()
bucket = Asset(name=settings.minio.landing_bucket, uri=f"s3://{settings.minio.landing_bucket}")


@dag(
    schedule=schedule(settings.landing.schedule),
    start_date=datetime(2024, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args={
        "retries": 4,
        "retry_delay": timedelta(seconds=5),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(minutes=5),
    },
    doc_md=__doc__,
)
def landing() -> None:
    @task
    def prepare_bucket() -> None:
        """The bucket exists, keeps versions, and announces each new object on the Kafka topic."""
        from lander.bucket import prepare

        prepare(load())

    @task(outlets=[bucket])
    def land_pages(*, run_id: str | None = None, outlet_events: Any = None) -> None:
        """What earlier runs left unconfirmed lies in the bucket, then this run's own pages; each is confirmed after."""
        from lander.landing import land

        landed = land(load(), str(run_id))
        outlet_events[bucket].extra = {"objects": landed}

    prepare_bucket() >> land_pages()


landing()
