"""What commands print for people."""

from rich.console import Console


def show(console: Console, *rows: tuple[str, ...]) -> None:
    """Aligned columns, each row in one piece however narrow the terminal: links are clicked and passwords copied."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        line = "  ".join(value.ljust(width) for value, width in zip(row, widths, strict=True))
        console.print(line.rstrip(), soft_wrap=True, highlight=False, markup=False)
