"""The registered model: a version for each training, and the alias `champion` on the best of them."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from contextlib import redirect_stderr
from io import StringIO

import mlflow
from mlflow.entities import LoggedModel
from mlflow.entities.model_registry import ModelVersion

from training.contest import Asked, Contender, Decision, better

ALIAS = "champion"
# The tag of a version whose training has compared it with all others.
DECIDED = "champion_decision"

FIRST = "the first model"
# MLflow returns no more at once, the newest first; older versions are decided.
MOST_VERSIONS = 10_000

Known = Callable[[int], Contender]


def register(name: str, model: LoggedModel, tags: Mapping[str, str]) -> ModelVersion:
    """A new version of the registered model `name`, which is made if it is the first."""
    # MLflow prints what the summary says as well, between our lines.
    with redirect_stderr(StringIO()):
        return mlflow.register_model(model.model_uri, name, tags=dict(tags))


def promote(entry: ModelVersion, contender: Known, ask: Asked) -> Decision:
    """Puts the alias on the best of the champion, this version, and the versions of trainings that run at the same time.

    MLflow cannot change an alias conditionally: when two trainings replace the same champion, the worse could come last. So
    each one registers before it looks, compares all undecided versions, sets the alias, and looks again until nothing is
    new. The one that sets it last then sees the other, and both come to the same winner.
    """
    client = mlflow.MlflowClient()
    race = _Race(client, entry.name, contender, ask)
    race.run()
    ours = int(entry.version)
    decision = Decision(race.best == ours, race.reasons.get(ours, FIRST))
    client.set_model_version_tag(entry.name, entry.version, DECIDED, decision.reason)
    return decision


class _Race:
    """The best version so far, and for each version that was compared, why it is or is not the champion."""

    def __init__(self, client: mlflow.MlflowClient, name: str, contender: Known, ask: Asked) -> None:
        self._client, self._name, self._contender, self._ask = client, name, contender, ask
        self.best: int | None = None
        self.reasons: dict[int, str] = {}

    def run(self) -> None:
        # Versions are read before the alias: a training that had decided by then had also set the alias.
        versions = self._versions()
        settled = {number for number, version in versions.items() if DECIDED in version.tags}
        if self._holder() not in settled:
            settled = set()  # its training died before it looked again
        while True:
            versions, holder = self._versions(), self._holder()
            winner = self._winner(versions.keys() - settled, holder)
            settled |= versions.keys()
            if winner == holder:
                self.best = holder
                return
            self._client.set_registered_model_alias(self._name, ALIAS, str(winner))
            self.best = winner

    def _winner(self, fresh: AbstractSet[int], holder: int | None) -> int | None:
        """The best of these versions and the holder.

        Of two, the later was trained to replace the earlier. Every training compares in this order and finds one winner.
        """
        winner = holder
        for number in sorted({*fresh, *filter(None, [self.best])} - {holder}):
            winner = number if winner is None else self._better(*sorted((number, winner)))
        return winner

    def _better(self, old: int, new: int) -> int:
        decision = better(self._contender(new), self._contender(old), self._ask)
        self.reasons[new] = decision.reason
        if decision.champion:
            self.reasons[old] = f"version {new} replaces it: {decision.reason}"
        return new if decision.champion else old

    def _versions(self) -> dict[int, ModelVersion]:
        found = self._client.search_model_versions(f"name = '{self._name}'", max_results=MOST_VERSIONS)
        return {int(version.version): version for version in found}

    def _holder(self) -> int | None:
        holder = self._client.get_registered_model(self._name).aliases.get(ALIAS)
        return None if holder is None else int(holder)
