"""The name by which people ask for a registered model: `sms-spam@champion`, `sms-spam/3`."""

from typing import NamedTuple

from training.errors import LineageError


class ModelName(NamedTuple):
    """A registered model and one of its versions, by alias or by number; the other is None."""

    model: str
    alias: str | None = None
    version: str | None = None

    def __str__(self) -> str:
        return f"{self.model}@{self.alias}" if self.alias else f"{self.model}/{self.version}"


def parse(name: str) -> ModelName:
    """The model and version that a name stands for. Raises `LineageError` when it names no version."""
    model, at, alias = name.rpartition("@")
    if at and model and alias:
        return ModelName(model, alias=alias)
    model, slash, version = name.rpartition("/")
    if model and slash and version.isdecimal():
        return ModelName(model, version=version)
    raise LineageError(
        f"{name!r} names no version of a model. Write it as NAME@ALIAS (sms-spam@champion) or NAME/VERSION (sms-spam/3)."
    )
