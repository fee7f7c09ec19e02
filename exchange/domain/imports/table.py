"""Reading a CSV file: its lines with their numbers, and a sentence for whatever is wrong with them."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from flask_babel import lazy_gettext as _

from exchange.domain.errors import BadInput

UTF_8_MARK = b"\xef\xbb\xbf"
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")

Value = TypeVar("Value")

# Called now and then with the lines that are done and how many there are.
Progress = Callable[[int, int], None]


class Fault(NamedTuple):
    """A line that cannot be taken, and why."""

    line: int
    sentence: str


class BadFile(BadInput):
    """A file of which nothing was kept. `lines` says why, for every line that cannot be taken."""

    def __init__(self, lines: Sequence[Fault]) -> None:
        super().__init__(
            _(
                "The file was refused and nothing of it was kept. Lines that cannot be taken: %(count)s.",
                count=f"{len(lines):,}",
            ),
            field="file",
        )
        self.lines = list(lines)


@dataclass(frozen=True)
class Imported:
    """What became of a file: rows added, e-mails left as they are, lines left out, columns that nobody reads."""

    added: int
    known: list[str] = field(default_factory=list)
    left_out: list[Fault] = field(default_factory=list)
    ignored_columns: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Row:
    """One record: the line it begins in, its values by column, and what is wrong with it, in sentences."""

    line: int
    values: dict[str, str]
    wrong: list[str] = field(default_factory=list)

    def read(self, column: str, how: Callable[[str], Value]) -> Value | None:
        """The value of a column as `how` takes it; what it refuses is kept as a sentence of this row."""
        try:
            return how(self.values.get(column, "").strip())
        except BadInput as refusal:
            self.wrong.append(str(refusal))
            return None


@dataclass(frozen=True)
class Table:
    """The records of a file, good and bad, and the names of columns that nobody reads."""

    rows: list[Row]
    ignored: list[str]

    @property
    def readable(self) -> Iterator[Row]:
        """The rows whose fields could be told apart."""
        return (row for row in self.rows if row.values)

    def left_out(self, *, skip_invalid: bool) -> list[Fault]:
        """What is wrong, line by line. Raises BadFile for it unless bad lines are to be skipped."""
        faults = [Fault(row.line, " ".join(row.wrong)) for row in self.rows if row.wrong]
        if faults and not skip_invalid:
            raise BadFile(faults)
        return faults


def read(data: bytes, *, required: Iterable[str], optional: Iterable[str]) -> Table:
    """The records of a CSV file whose first line names its columns.

    Raises BadFile when the columns cannot be told: then no line can be taken, whatever the reader wishes.
    """
    required = list(required)
    known = {*required, *optional}
    records = ((line, fields, wrong) for line, fields, wrong in _records(_text(data)) if wrong or _filled(fields))
    line, fields, wrong = next(records, (1, [], str(_("The file is empty."))))
    if wrong:
        raise BadFile([Fault(line, wrong)])
    columns = [name.strip().lower() for name in fields]
    _check_columns(line, columns, required, known)
    ignored = [name.strip() for name, column in zip(fields, columns, strict=True) if column not in known]
    rows = []
    for line, values, wrong in records:
        if not wrong and len(values) != len(columns):
            wrong = _miscounted(len(values), len(columns))
        named = {} if wrong else {name: value for name, value in zip(columns, values, strict=True) if name in known}
        rows.append(Row(line, named, [wrong] if wrong else []))
    return Table(rows, list(dict.fromkeys(name for name in ignored if name)))


def _text(data: bytes) -> str:
    """The file as text; bytes that are no UTF-8 become surrogates, so that each line can be judged by itself."""
    if data.startswith(UTF_16_MARKS):
        raise BadFile([Fault(1, str(_("The file is in UTF-16. Save it as “CSV UTF-8” and try again.")))])
    return data.removeprefix(UTF_8_MARK).decode(errors="surrogateescape")


def _records(text: str) -> Iterator[tuple[int, list[str], str]]:
    """The line in which each record begins, its fields, and a sentence when they cannot be read."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, [], _unreadable(str(error), line, reader.line_num)
        else:
            yield line, fields, _unclean("".join(fields))


def _unreadable(error: str, line: int, last: int) -> str:
    if last > line:
        return str(_("The quotation marks do not match between this line and line %(last)s.", last=last))
    if "limit" in error:
        return str(_("A field of this line is too long."))
    return str(_("The quotation marks in this line do not match."))


def _unclean(text: str) -> str:
    if "\0" in text:
        return str(_("This line contains a zero byte. Is the file a CSV file?"))
    try:
        text.encode()
    except UnicodeEncodeError:
        return str(_("This line is not in UTF-8. Save the file as “CSV UTF-8” and try again."))
    return ""


def _filled(fields: list[str]) -> bool:
    return any(value.strip() for value in fields)


def _miscounted(fields: int, columns: int) -> str:
    return str(_("This line has %(fields)s fields; the first line names %(columns)s.", fields=fields, columns=columns))


def _check_columns(line: int, columns: list[str], required: list[str], known: set[str]) -> None:
    """Raises BadFile when a column is missing, or named twice."""
    twice = sorted({name for name in columns if name in known and columns.count(name) > 1})
    if twice:
        sentence = _("The column “%(name)s” is there twice.", name=twice[0])
        raise BadFile([Fault(line, str(sentence))])
    missing = [name for name in required if name not in columns]
    if not missing:
        return
    whole = "".join(columns)
    if len(columns) == 1 and (";" in whole or "\t" in whole):
        sentence = _("The columns are separated by semicolons or tabs. Save the file with commas between them.")
    else:
        sentence = _(
            "Missing in the first line: %(missing)s. It has to name at least: %(required)s.",
            missing=", ".join(missing),
            required=", ".join(required),
        )
    raise BadFile([Fault(line, str(sentence))])
