"""Programs that read sections of ``key = value`` by rules of their own: Samba, MySQL and MariaDB, PHP, OpenSSL.

In all of them a section that is written again goes on where it was left.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from changelog_ledger.formats.entries import Entry, joined_lines, significant_lines, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable

_Line = tuple[int, str]
_SECTION = re.compile(r"\[(?P<name>[^\[\]]*)\]\s*(?:[#;].*)?")
_ASSIGNMENT = re.compile(r"(?P<key>[^=]*[^=\s])\s*=\s*(?P<value>.*)")
_MYSQL_INCLUDE = re.compile(r"(?P<key>!include(?:dir)?)\s+(?P<value>.+)")
_OPENSSL_INCLUDE = re.compile(r"(?P<key>\.(?:include|pragma))\s*[=\s]\s*(?P<value>.+)")
_PHP_ARRAY = re.compile(r"(?P<name>[^\[\]]+)\[(?P<key>[^\[\]]*)\]")
_PHP_SCOPE = re.compile(r"(?:PATH|HOST)\s*=", re.IGNORECASE)
_WORD = re.compile(r"""\\.|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|(?P<comment>[#;])|.""")
_LONGEST_VALUE = 10_000


def read_samba(text: str) -> Parsed:
    """smb.conf(5): names of sections and parameters in any case and with any blanks, a backslash goes on in the next line.

    ``shop/read only``; names are shown in lower case.
    """
    return tree(_sections(joined_lines(text, ("#", ";")), _folded, _samba_parameter))


def read_mysql(text: str) -> Parsed:
    """Option files (https://dev.mysql.com/doc/refman/8.4/en/option-files.html): ``-`` in an option is ``_``, ``#`` begins a comment anywhere.

    ``mysqld/bind_address``; ``!include`` and ``!includedir`` stand at the root.
    """
    lines = list(significant_lines(text, ("#", ";")))
    included = [Entry(found["key"], found["value"], number) for number, line in lines if (found := _MYSQL_INCLUDE.fullmatch(line))]
    others = ((number, line) for number, line in lines if not _MYSQL_INCLUDE.fullmatch(line))
    return tree([*included, *_sections(others, str, _mysql_option)])


def read_php(text: str) -> Parsed:
    """php.ini (https://www.php.net/manual/en/configuration.file.php): ``memory_limit``, whatever section it stands in.

    PHP overlooks sections, but for ``[PATH=…]`` and ``[HOST=…]``, which are kept.
    """
    sections = _sections(significant_lines(text, ("#", ";")), str, _php_directive)
    return tree(entry for section in sections for entry in _unless_scope(section))


def read_php_fpm(text: str) -> Parsed:
    """php-fpm.conf and its pools (https://www.php.net/manual/en/install.fpm.configuration.php): ``www/pm.max_children``."""
    return tree(_with_arrays(_sections(significant_lines(text, ("#", ";")), str, _php_directive)))


def read_openssl(text: str) -> Parsed:
    """config(5ssl): ``CA_default/dir``; ``#`` begins a comment anywhere, a backslash goes on in the next line."""
    return tree(_sections(joined_lines(text), str, _openssl_setting))


def _sections(lines: Iterable[_Line], name_of: Callable[[str], str], setting: Callable[[int, str], Entry]) -> list[Entry]:
    """Settings before the first section, then the sections with theirs.

    :raises Unparsable: for a section that is never closed, or has the name of a setting.
    """
    rootless: list[Entry] = []
    bodies: dict[str, tuple[int, list[Entry]]] = {}
    body = rootless
    for number, line in lines:
        if not line.startswith("["):
            body.append(setting(number, line))
        elif found := _SECTION.fullmatch(line):
            body = bodies.setdefault(name_of(found["name"].strip()), (number, []))[1]
        else:
            raise Unparsable("a section that is never closed", number)
    for entry in rootless:
        if entry.key in bodies:
            raise Unparsable(f"{entry.key!r} is both a key and a section", entry.line)
    return [*rootless, *(Entry(name, tuple(entries), line) for name, (line, entries) in bodies.items())]


def _assignment(number: int, line: str) -> Entry:
    found = _ASSIGNMENT.fullmatch(line)
    if not found:
        raise Unparsable("neither a section nor an assignment", number)
    return Entry(found["key"], found["value"], number)


def _folded(name: str) -> str:
    return " ".join(name.lower().split())


def _samba_parameter(number: int, line: str) -> Entry:
    found = _assignment(number, line)
    return Entry(_folded(found.key), found.value, number)


def _mysql_option(number: int, line: str) -> Entry:
    """An option; one without a value has an empty text."""
    key, equals, value = _without_comment(line, "#").partition("=")
    if not key.strip() or (not equals and " " in key):
        raise Unparsable("neither a section nor an option", number)
    return Entry(key.strip().replace("-", "_"), value.strip(), number)


def _php_directive(number: int, line: str) -> Entry:
    """A directive; one without a value has an empty text."""
    key, _, value = _without_comment(line, ";").partition("=")
    if not key.strip():
        raise Unparsable("neither a section nor a directive", number)
    return Entry(key.strip(), value.strip(), number)


def _openssl_setting(number: int, line: str) -> Entry:
    bare = _without_comment(line, "#")
    included = _OPENSSL_INCLUDE.fullmatch(bare)
    return Entry(included["key"], included["value"], number) if included else _assignment(number, bare)


def _without_comment(line: str, mark: str) -> str:
    """The line up to a comment, which begins with ``mark`` outside quotes. Very long lines are left as they are."""
    if mark not in line or len(line) > _LONGEST_VALUE:
        return line
    comment = next((found.start() for found in _WORD.finditer(line) if found["comment"] == mark), len(line))
    return line[:comment].rstrip()


def _unless_scope(section: Entry) -> tuple[Entry, ...]:
    """The directives of a section that means nothing; a scope itself."""
    if isinstance(section.value, tuple) and not _PHP_SCOPE.match(section.key):
        return section.value
    return (section,)


def _with_arrays(sections: Iterable[Entry]) -> Iterable[Entry]:
    """``env[PATH]`` of a pool as ``env/PATH``."""
    for section in sections:
        if isinstance(section.value, tuple):
            plain = [entry for entry in section.value if not _PHP_ARRAY.fullmatch(entry.key)]
            yield Entry(section.key, (*plain, *_arrays(section.value)), section.line)
        else:
            yield section


def _arrays(body: Iterable[Entry]) -> Iterable[Entry]:
    arrays: dict[str, list[Entry]] = {}
    for entry in body:
        if found := _PHP_ARRAY.fullmatch(entry.key):
            arrays.setdefault(found["name"], []).append(Entry(found["key"], entry.value, entry.line))
    return [Entry(name, tuple(entries), entries[0].line) for name, entries in arrays.items()]


FORMATS = (
    Format("samba", read_samba),
    Format("mysql", read_mysql),
    Format("php", read_php),
    Format("php-fpm", read_php_fpm),
    Format("openssl", read_openssl),
)
