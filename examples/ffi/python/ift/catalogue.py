"""Which options and kinds the library has, read from its own tables."""
from __future__ import annotations

from typing import List, NamedTuple, Optional, Union

from .library import lib


class Option(NamedTuple):
    """An entry of the table of options and quantities."""

    noun: str
    """"context", "flow" or "compression"."""
    name: str
    type: str
    """"real", "integer" or "text"."""
    access: str
    """"option" (can be set) or "quantity" (read-only)."""
    range: str
    default: str
    applies: str
    """Geometries and modes that can use it, "" for all."""
    doc: str

    @property
    def writable(self) -> bool:
        return self.access == "option"

    @property
    def default_value(self) -> Union[int, float, str]:
        """The default as a number where it is one."""
        if self.type == "text" or self.default == "auto":
            return self.default
        return int(self.default) if self.type == "integer" else float(self.default)

    def __str__(self) -> str:
        words = [self.type]
        if self.writable:
            words += [self.range, f"default {self.default}", f"for {self.applies or 'all'}"]
        return f"{self.doc} ({', '.join(words)})"


class Kind(NamedTuple):
    """An entry of the table of kinds."""

    noun: str
    """"kernel", "target", "energy", "geometry" and so on."""
    name: str
    spec: str
    """How it is written: "gaussian:SIGMA"."""
    doc: str


def options(noun: Optional[str] = None) -> List[Option]:
    """All options and quantities, or those of "context", "flow" or "compression"."""
    read = [getattr(lib, f"ift_option_{field}") for field in Option._fields]
    table = [Option(*(field(index).decode() for field in read)) for index in range(lib.ift_option_count())]
    return [entry for entry in table if noun in (None, entry.noun)]


def kinds(noun: Optional[str] = None) -> List[Kind]:
    """All kinds, or those of one noun."""
    read = [getattr(lib, f"ift_kind_{field}") for field in Kind._fields]
    table = [Kind(*(field(index).decode() for field in read)) for index in range(lib.ift_kind_count())]
    return [entry for entry in table if noun in (None, entry.noun)]
