"""Everything that must be known to repeat a training, in one text that MLflow keeps with its run."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from pyspark.sql import SparkSession

from conf.machine import ROOT
from training import algorithms, environment, intervals, sources
from training.algorithms import Algorithm
from training.dataset import Dataset
from training.request import Request
from training.split import Scheme

# The artifact's name, and the tag that holds its SHA-256.
FILE = "recipe.json"
DIGEST = "recipe_digest"


@dataclass(frozen=True)
class Recipe:
    """What was trained, on what, and with what."""

    parameters: dict[str, str]
    """The request, the rows that it found, and the algorithm's settings."""
    environment: dict[str, str]
    sources: dict[str, str]
    """The digest of each file of the code that computes."""
    commit: str

    def text(self) -> str:
        """As JSON, the same for the same recipe."""
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"

    def logged(self) -> dict[str, str]:
        """The parameters of the run, by which people compare runs."""
        code = _sha256("".join(f"{path} {digest}\n" for path, digest in sorted(self.sources.items())))
        return self.parameters | self.environment | {"commit": self.commit, "code_digest": code}

    def request(self) -> Request:
        """The request. Raises `ValueError` for an algorithm that this code does not know, `KeyError` when a parameter is missing."""
        told = self.parameters
        return Request(
            told["table"],
            int(told["table_version"]),
            Algorithm(told["algorithm"]),
            Scheme(int(told["folds"]), int(told["repeats"])),
            characters=told["characters"] == str(True),
        )


def written(text: str) -> Recipe:
    """The recipe that `Recipe.text` wrote. Raises `ValueError` or `TypeError` for any other text."""
    return Recipe(**json.loads(text))


def digest(text: str) -> str:
    """The value of the tag `DIGEST`."""
    return _sha256(text)


def of(request: Request, data: Dataset, spark: SparkSession, root: Path = ROOT) -> Recipe:
    """The recipe of a training here and now, by the code and the lock below `root`."""
    return Recipe(
        _parameters(request, data), environment.here(spark, root), sources.digests(root), sources.commit(root)
    )


def _parameters(request: Request, data: Dataset) -> dict[str, str]:
    told = {
        "algorithm": request.algorithm,
        **algorithms.parameters(request.algorithm),
        "table": data.location,
        "table_version": data.version,
        "table_digest": data.census.digest,
        "rows": data.census.rows,
        "distinct": data.census.distinct,
        "folds": request.scheme.folds,
        "repeats": request.scheme.repeats,
        "characters": request.characters,
        "bootstrap_seed": intervals.SEED,
    }
    return {name: str(value) for name, value in told.items()}


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
