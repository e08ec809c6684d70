"""The login for MLflow's REST API, and the error when it is refused."""

from conf.settings import MlflowAccess
from training.errors import ServiceError


def login(access: MlflowAccess) -> tuple[str, str]:
    """Name and password."""
    return access.user, access.password.get_secret_value()


def refused(access: MlflowAccess) -> ServiceError:
    """The error for a login that MLflow does not take; the password is not in it."""
    return ServiceError(
        f"MLflow at {access.url} refuses the login of {access.user!r}. MLFLOW_TRAINER_USER and "
        "MLFLOW_TRAINER_PASSWORD must be those that MLflow knows; `lake up` sets them there."
    )
