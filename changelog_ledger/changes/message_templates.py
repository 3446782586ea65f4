"""Templates of messages, and how they are filled.

A template is plain text with ``$field`` (or ``${field}``) in it, as :class:`string.Template` of the standard library reads it; ``$$`` is a dollar.
Two rules keep a message clean: a line all of whose fields are empty is left out, and of several empty lines one is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from string import Template

from changelog_ledger.errors import InvalidInput


def filled_template(template: str, fields: Mapping[str, str], called: str, listed_by: str) -> str:
    """A template with its fields.

    :param fields: name → value, each line of it written as the message wants it.
    :param called: how to call the template in an error; ``listed_by`` the command that lists the fields.
    :raises InvalidInput: if it names a field that there is not, or holds a lone dollar.
    """
    lines = [_filled(line, fields, f"{called}, line {number}", listed_by) for number, line in enumerate(template.splitlines(), 1)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line for line in lines if line is not None)).strip("\n") + "\n"


def _filled(line: str, fields: Mapping[str, str], place: str, listed_by: str) -> str | None:
    """A line of a template with its fields; None if all that it has are empty."""
    template = Template(line)
    if not template.is_valid():
        raise InvalidInput(f"{place}: a $ without the name of a field behind it", f"write $$ for a dollar; {listed_by} lists the fields")
    names = template.get_identifiers()
    unknown = [name for name in names if name not in fields]
    if unknown:
        raise InvalidInput(f"{place}: there is no field ${unknown[0]}", f"the fields are {', '.join(fields)}; $$ is a dollar")
    if names and not any(fields[name] for name in names):
        return None
    return template.substitute(fields).rstrip()
