"""One training, from the messages of a table version to a registered model."""

from importlib.metadata import version as installed

from conf.settings import MlflowAccess
from training import algorithms, evaluation, plots, registry, tracking
from training.dataset import Dataset
from training.request import Request
from training.stopwatch import Stopwatch
from training.summary import Summary


def run(data: Dataset, request: Request, server: MlflowAccess, model_name: str, watch: Stopwatch) -> Summary:
    """Fits, tests, logs and registers. Raises `TrainingError`; a run that was begun is then FAILED."""
    tags = _tags(request, data)
    with tracking.connected(server), tracking.run(model_name, tags) as active:
        tracking.log_inputs(data, _parameters(request, data))
        with watch.stage("fit"):
            model = algorithms.fit(request.algorithm, data.to_fit())
        with watch.stage("test"):
            tested = evaluation.evaluate(model, data.to_test())
        with watch.stage("log"):
            logged = tracking.log_model(model, model_name, active.info.run_id)
            tracking.log_results(tested, plots.draw(tested), logged)
        with watch.stage("register"):
            entry = registry.register(model_name, logged, tags)
            decision = registry.promote(entry, tested, request.origin, data.to_test())
    return Summary(
        algorithm=request.algorithm,
        origin=request.origin,
        table=data.location,
        version=data.version,
        census=data.census,
        metrics=tested.metrics,
        test_digest=tested.test_digest,
        predictions_digest=tested.predictions_digest,
        run_id=active.info.run_id,
        run_url=f"{server.page}/#/experiments/{active.info.experiment_id}/runs/{active.info.run_id}",
        model_name=entry.name,
        model_version=int(entry.version),
        champion=decision.champion,
        champion_reason=decision.reason,
        seconds=watch.seconds,
    )


def _tags(request: Request, data: Dataset) -> dict[str, str]:
    """What a run and its model version can be found by."""
    tags = {"algorithm": str(request.algorithm), "table": data.location, "table_version": str(data.version)}
    # The id of its pin.
    tags["training"] = request.training
    return tags if request.origin is None else tags | {"origin": str(request.origin)}


def _parameters(request: Request, data: Dataset) -> dict[str, str | int]:
    """What the result depends on: the data, the algorithm and the versions of what computes it."""
    census = data.census
    return {
        "algorithm": str(request.algorithm),
        **algorithms.parameters(request.algorithm),
        "table": data.location,
        "table_version": data.version,
        "table_digest": census.digest,
        "rows": census.rows,
        "distinct": census.distinct,
        "fit_messages": census.fit_messages,
        "test_messages": census.test_messages,
        "pyspark": installed("pyspark"),
        "delta_spark": installed("delta-spark"),
    }
