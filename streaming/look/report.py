"""What was found, for people: short lines, with ids that are never cut."""

import io
from collections.abc import Iterable
from typing import Any

from streaming.look import printing
from streaming.look.printing import escaped, shown, visible
from streaming.look.quarantine import origin

# Bytes shown of those that quarantine keeps, and of a record in landing. --json has all of them.
EXCERPT = 200
RECORD = 4_000

Found = dict[str, Any]


def quarantined(found: Found) -> str:
    """Counts by rule, then the entries."""
    if not found["rules"]:
        return "Nothing is in quarantine."
    rules = _aligned(["rule", "kind", "entries", "newest"], found["rules"])
    return "\n\n".join([rules, *map(_refused, found["entries"])])


def explained(found: Found) -> str:
    """The version's commit and decision, what it is made of, and objects."""
    made_of, changes = found["made_of"], found["rows_added"]
    before = "" if changes is None else f"{made_of['rows_in_files'] - changes} before, "
    lines = [
        (f"version {found['version']}", f"{_what(found)}, {shown(found['committed_at'])}"),
        ("rows", f"{before}{'?' if changes is None else changes} new, {made_of['rows_in_files']} in this version"),
        ("files", f"{found['files_added']} new, {found['files_removed']} replaced"),
        *_decision(found),
        ("made of", _made_of(made_of)),
        *_pages(made_of["pages"]),
    ]
    return "\n\n".join(filter(None, [_pairs(lines), _objects(found)]))


def modelled(found: Found) -> str:
    """The model, then the version it was trained on."""
    return "\n".join([_pairs([(name, shown(value)) for name, value in found["model"].items()]), "", explained(found)])


def became(found: Found) -> str:
    """Each object version with its outcome, rows and quarantine."""
    more = _more(len(found["objects"]), found["objects_total"], "objects")
    return "\n\n".join([*map(_outcome, found["objects"]), *more])


def traced(found: Found) -> str:
    """Each row and each quarantine entry with its way here."""
    if not found["rows_total"] and not found["quarantine_total"]:
        return "No row and nothing in quarantine."
    rows = [_way(one) for one in (*found["rows"], *found["quarantine"])]
    more = _more(len(found["rows"]), found["rows_total"], "rows")
    more += _more(len(found["quarantine"]), found["quarantine_total"], "entries in quarantine")
    return "\n\n".join([*rows, *more])


def _what(found: Found) -> str:
    made_by = f"{found['operation']} by {found['engine']}"
    return {
        "decision": f"decision {found['decision']} of the query ({found['operation']})",
        "compaction": f"{made_by}: small files merged, no row changed",
        "creation": f"{made_by}: the table was made",
        "properties": f"{made_by}: columns or properties, no row changed",
        "change": f"{made_by}: rows changed, and no decision of this ledger says why",
    }[found["what"]]


def _decision(found: Found) -> list[tuple[str, str]]:
    if not found["decision"]:
        return []
    batch = "" if found["batch"] is None else f", batch {found['batch']}"
    return [("decision", f"{found['decision_id']}{batch}, by {found['writer']}")]


def _made_of(made_of: Found) -> str:
    if not made_of["objects"]:
        return "nothing yet"
    first, last = made_of["first_decision"], made_of["last_decision"]
    decisions = f"{made_of['decisions']} decisions ({first} to {last})" if first != last else f"decision {first}"
    return f"{decisions}, {made_of['objects']} objects, {made_of['rows']} rows, {made_of['rows_recovered'] or 0} of them recovered"


def _pages(pages: Iterable[Found]) -> list[tuple[str, str]]:
    return [("pages", f"{one['numbers']} ({one['pages']}) of data set {shown(one['dataset']) or '?'}") for one in pages]


def _objects(found: Found) -> str:
    if not found["objects"]:
        return ""
    names = ["decision", "state", "page", "rows", "quarantined", "object"]
    rows = [
        dict(
            zip(
                names,
                (
                    one["decision"],
                    one["state"],
                    one["source_page"],
                    one["rows_loaded"],
                    one["rows_quarantined"],
                    _name(one),
                ),
                strict=True,
            )
        )
        for one in found["objects"]
    ]
    return "\n".join([_aligned(names, rows), *_more(len(rows), found["objects_total"], "objects")])


def _name(one: Found) -> str:
    key, version = (
        one["source_key"] or one.get("held_key"),
        one["source_version"] or one["source_etag"] or one.get("held_version"),
    )
    return f"{visible(str(key))} version {version}"


def _outcome(found: Found) -> str:
    one = found["object"]
    came = "" if found["table_version"] is None else f", in messages since version {found['table_version']}"
    lines = [
        *_object(one),
        (
            "outcome",
            f"{one['state']}: {one['records']} records, {one['rows_loaded']} rows, {one['rows_quarantined']} quarantined",
        ),
        ("decision", f"{one['decision']}, {shown(one['decided_at'])}{came}"),
    ]
    rows = [{name: row[name] for name in ("source_row", "source_part", "label", "text")} for row in found["rows"]]
    table = [_aligned(list(rows[0]), rows), *_more(len(rows), one["rows_loaded"], "rows")] if rows else []
    return "\n".join([_pairs(lines), *table, *map(_refused, found["quarantine"])])


def _object(one: Found) -> list[tuple[str, str]]:
    page = "" if one["source_page"] is None else f"page {one['source_page']} of data set {one['source_dataset']}, "
    return [
        ("object", f"{one['source_bucket'] or ''}/{_name(one)}"),
        ("", f"{page}{one['size']} bytes, landed {shown(one['landed_at'])}, found by {one['found_by']}"),
        ("sha256", shown(one["content_sha256"])),
    ]


def _refused(entry: Found) -> str:
    return _pairs(_refused_lines(entry))


def _refused_lines(entry: Found) -> list[tuple[str, str]]:
    return [
        ("quarantined", f"{shown(entry['seen_at'])}, decision {shown(entry['decision'])}"),
        ("from", visible(origin(entry))),
        ("rule", f"{entry['rule']} ({entry['kind']}): {visible(entry['detail'] or '')}"),
        ("kept", _excerpt(entry["raw"], entry["raw_size"])),
    ]


def _way(found: Found) -> str:
    row, record = found["row"], found["record"]
    if "label" not in row:
        return _pairs([*_refused_lines(row), *_record(record)])
    came = "not told by the log" if found["table_version"] is None else str(found["table_version"])
    lines = [
        (row["label"] or "text", visible(row["text"])),
        (
            "columns",
            ", ".join(f"{name} {visible(shown(one))}" for name, one in found["columns"].items() if one is not None),
        ),
        ("row", visible(origin(row)) + (f", repaired: {row['repair']}" if row["repair"] else "")),
        *(_object(found["object"]) if found["object"] else []),
        ("decision", f"{shown(row['decision'])}, cleaner {row['cleaner_version']}; in messages since version {came}"),
        *_record(record),
    ]
    return _pairs(lines)


def _record(record: Found | None) -> list[tuple[str, str]]:
    if record is None:
        return []
    page = {
        "verified": f"read again from landing, SHA-256 verified: {record['sha256']}",
        "unverified": f"read again from landing, not verified: {record['detail']}",
    }.get(record["page"], f"NOT VERIFIED: {record['detail']}")
    lines = [("page", page)]
    if record["raw"] is not None:
        lines += [("bytes", f"{_excerpt(record['raw'], len(record['raw']), RECORD)} (from byte {record['offset']})")]
    readings = {
        "differs": "today's parser makes another row of these bytes",
        "missing": record["detail"],
    }
    return [*lines, ("parser", readings[record["reading"]])] if record["reading"] in readings else lines


def _excerpt(raw: bytes | None, size: int | None, most: int = EXCERPT) -> str:
    kept = (raw or b"")[:most]
    return escaped(kept) + (f" … ({size} bytes)" if (size or 0) > len(kept) else "")


def _more(shown_rows: int, total: int, what: str) -> list[str]:
    return [f"({shown_rows} of {total} {what}: --limit)"] if total > shown_rows else []


def _aligned(columns: list[str], rows: list[Found]) -> str:
    out = io.StringIO()
    printing.aligned(columns, rows, out)
    return out.getvalue().rstrip("\n")


def _pairs(lines: Iterable[tuple[str, str]]) -> str:
    listed = [(name, text) for name, text in lines if text]
    width = max((len(name) for name, _ in listed), default=0)
    return "\n".join(f"{name.ljust(width)}  {text}" for name, text in listed)
