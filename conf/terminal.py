"""What commands print for people."""

from collections.abc import Iterable

from rich.console import Console


def show(console: Console, *rows: tuple[str, ...]) -> None:
    """Aligned columns, each row in one piece however narrow the terminal: links are clicked and passwords copied."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        line = "  ".join(value.ljust(width) for value, width in zip(row, widths, strict=True))
        say(console, line.rstrip())


def tell(console: Console, lines: Iterable[tuple[str, str]]) -> None:
    """Right-aligned names, each with what there is to say behind it, in one piece for the same reason."""
    for name, value in lines:
        say(console, f"{name:>11}  {value}")


def say(console: Console, line: str) -> None:
    """One line as it is: however narrow the terminal, and also where a name in it, such as `in:100:a.csv`, holds the code of an emoji."""
    console.print(line, soft_wrap=True, highlight=False, markup=False, emoji=False)


def tail(text: str, lines: int = 20) -> str:
    """The last lines of a log."""
    return "\n".join(text.splitlines()[-lines:])
