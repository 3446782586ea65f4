"""An atheris target: any two contents, in any format, can be read and compared. How to run it: README.md."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports():
    from changelog_ledger.diff import differences
    from changelog_ledger.formats import known_formats, parse
    from changelog_ledger.model.document import FileVersion

_FORMATS = known_formats()


def one_input(data: bytes) -> None:
    """The first byte chooses the format, the second where the content is edited, the third how."""
    if len(data) < 4:
        return
    wanted = _FORMATS[data[0] % len(_FORMATS)]
    before = data[3:]
    place = len(before) * data[1] // 256
    after = before[:place] + bytes([data[2]]) + before[place + 1 :]
    old, new = (FileVersion(content, parse("/x", content, wanted)) for content in (before, after))
    assert differences("/x", old, old) == ()
    assert bool(differences("/x", old, new)) == (before != after), wanted


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
