"""Loads what a training needs later while it does something else."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module

# MLflow loads the second when it saves a model.
LIBRARIES = ("training.experiment", "mlflow.pyfunc")


@contextmanager
def libraries_loading() -> Iterator[None]:
    """MLflow and scikit-learn are loaded when the block ends: that takes Python seconds in which it waits for Java."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        loading = pool.map(import_module, LIBRARIES)
        yield
        list(loading)
