"""Files of variables, and the references in them: read as `docker compose` reads them."""

import re
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from conf.errors import LakeError

REFERENCE = re.compile(r"\$(?:(?P<escaped>\$)|\{(?P<name>\w+)(?:(?P<sign>:[-?+])(?P<word>[^}$]*))?\}|(?P<other>))")
"""`$$`, `${NAME}`, `${NAME:-default}`, `${NAME:+replacement}` and `${NAME:?message}`; an empty variable counts as unset."""


class VariableError(LakeError):
    """A variable that must be set is not, a reference is of another form, or a file of variables is missing."""


def expanded(text: str, variables: Mapping[str, str]) -> str:
    """The text with its references replaced.

    Raises `VariableError` with the message of a `:?` that is not met, and for a form that compose reads and this does not.
    """

    def value(found: re.Match[str]) -> str:
        if found["escaped"]:
            return "$"
        if found["other"] is not None:
            raise VariableError("a $ begins neither ${NAME} nor ${NAME:-…}, :+ or :?. Write $$ for a dollar sign.")
        name, sign, word = found["name"], found["sign"], found["word"]
        if not sign and name not in variables:
            raise VariableError(f"{name} is the name of no setting, and ${{{name}}} has no value behind :- either.")
        here = variables.get(name, "")
        if sign == ":+":
            return word if here else ""
        if sign == ":?" and not here:
            raise VariableError(f"{name} is not set: {word}")
        return here or word or ""

    return REFERENCE.sub(value, text)


def read(file: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """The variables of a file. `${NAME:-value}` in it stands for NAME in `variables`, or else for this value."""
    if not file.exists():
        raise VariableError(f"{file} is missing. `lake up` (compose: `make secrets`) makes files of secrets.")
    lines = dotenv_values(file, interpolate=False)
    try:
        return {name: expanded(line or "", variables) for name, line in lines.items()}
    except VariableError as error:
        # Without the line: it may hold a secret.
        raise VariableError(f"{file}: {error}") from error
