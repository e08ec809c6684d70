"""The caps on what a page may hold, and what becomes of what exceeds one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Keeps the parser's memory and time in proportion to the page's size, whatever its bytes are.

    A limit on the whole page refuses it (`PageError`); a limit on one record rejects that record and keeps its
    neighbours. Each is checked on the bytes, before memory is spent on what it counts; `rows_bytes` after each record, `parse_seconds` by a clock.
    Together they keep the parsing of a 32 MiB page under 500 MB (the worst made-up ones take twelve times their size).
    """

    lines: int = 500_000
    """Refuses the page (`too_many_lines`). 32 MiB of the export have 371,000; a row costs 250 bytes beside its text."""

    inflated_bytes: int = 33_554_432
    """Refuses the page (`inflates_too_far`). As many as an object may have (`STREAM_MAX_OBJECT_BYTES`): ten kilobytes of gzip can hold ten gigabytes."""

    header_bytes: int = 65_536
    """Refuses the page (`line_too_long`). Room for 1,000 names; each row repeats those whose columns it fills."""

    columns: int = 1_000
    """Refuses the page (`too_many_columns`). The export has five, and a wide feed some hundred."""

    line_bytes: int = 4_194_304
    """Rejects the line (`line_too_long`). The longest text with all its quotes doubled, and as much again for the rest.

    It also bounds all lines of one quoted record together: beyond it, the quote counts as one that never closes (`broken_quotes`).
    """

    text_bytes: int = 1_000_000
    """Rejects the record (`text_too_long`). A message has some hundred bytes; this is a document."""

    recovered_parts: int = 10
    """Rejects the record (`too_many_parts`). Each part repeats the record's raw text; in the export no record has two."""

    recovered_bytes: int = 1_000_000
    """Rejects the record (`too_many_parts`): the raw text of all its recovered parts, which is as much as one text."""

    rows_bytes: int = 201_326_592
    """Refuses the page (`too_much_text`): the memory that the texts of its rows take.

    Six times 32 MiB, for pages of damaged text with an emoji in each message: four bytes a character for the repaired
    text, two for the raw one. It stops what multiplies: 4 MB of rows below one long column name would make 30 GB.
    """

    parse_seconds: float = 300
    """Refuses the page (`too_slow`): the time that its rows and the feed's rules may take, kept by `streaming/decide/time_limit.py`.

    Twenty times what 32 MiB of the export with two rules take (measured). A regular expression of a rule can take years for one line.
    """


DEFAULT = Limits()
