"""The family of errors that an operator can act on: the message names the thing, its value and the remedy."""


class LakeError(Exception):
    """Something outside the code is not as it must be. The command ends with the message and no stack trace."""


class ToolError(LakeError):
    """A program that the local stack needs is missing, does not fit, or could not be made."""


class StackError(LakeError):
    """The local stack could not be started or stopped."""
