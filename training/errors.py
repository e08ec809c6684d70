"""Errors that stop a training and that an operator can act on: the message names the thing, its value and the remedy."""

from conf.errors import LakeError


class TrainingError(LakeError):
    """No model could be trained or kept."""


class ServiceError(TrainingError):
    """MinIO or MLflow does not answer, or refuses."""


class SnapshotError(TrainingError):
    """The table, or the version asked for, cannot be read."""


class DataError(TrainingError):
    """The version can be read, but nothing can be learned from its rows."""


class ScoringError(TrainingError):
    """Texts cannot be read, predictions cannot be written, or a model is not what its training made."""


class LineageError(TrainingError):
    """A model is not there, or does not say what it was trained on."""
