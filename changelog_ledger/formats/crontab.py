"""crontab(5): settings, and jobs keyed by their command, so that a new schedule is one change: ``job[/usr/bin/backup]/schedule``; anacrontab(5)."""

from __future__ import annotations

import re

from changelog_ledger.formats.entries import Entry, significant_lines, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.model.document import ListPolicy

_SETTING = re.compile(r"""(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[A-Za-z_]\w*))\s*=\s*(?P<value>.*)""")
_TIMES = r"(?P<schedule>@[a-z]+|[-\d*,/~LW#?]+(?:\s+[-\w*,/~#?]+){4})"
_SYSTEM_JOB = re.compile(_TIMES + r"\s+(?P<user>\S+)\s+(?P<command>.+)")
_USER_JOB = re.compile(_TIMES + r"\s+(?P<command>.+)")
_ANACRON_JOB = re.compile(r"(?P<period>\d+|@[a-z]+)\s+(?P<delay>\d+)\s+(?P<identifier>[^\s=]+)\s+(?P<command>.+)")


def read_system(text: str) -> Parsed:
    """/etc/crontab and /etc/cron.d: with a user before the command."""
    return tree(_entries(text, _SYSTEM_JOB))


def read_user(text: str) -> Parsed:
    """A user's own crontab."""
    return tree(_entries(text, _USER_JOB))


def read_anacron(text: str) -> Parsed:
    """anacrontab(5): period and delay by the job's identifier, ``job[cron.daily]/delay``."""
    return tree(_entries(text, _ANACRON_JOB))


def _entries(text: str, job: re.Pattern[str]) -> list[Entry]:
    settings: list[Entry] = []
    jobs: list[Entry] = []
    for number, line in significant_lines(text):
        if found := job.fullmatch(line):
            jobs.append(_job(found, number))
        elif found := _SETTING.fullmatch(line):
            settings.append(Entry(found["double"] or found["single"] or found["bare"] or "", found["value"], number))
        else:
            raise Unparsable("neither a setting nor a job", number)
    environment = [Entry("environment", tuple(settings), settings[0].line)] if settings else []
    return [*environment, *jobs]


def _job(found: re.Match[str], number: int) -> Entry:
    """Blanks between the times mean nothing; those in a command may."""
    fields = {name: value.strip() for name, value in found.groupdict().items()}
    times = {"schedule": " ".join(fields["schedule"].split())} if "schedule" in fields else {}
    return Entry("job", tuple(Entry(name, value, number) for name, value in (fields | times).items()), number, listed=True)


_BY_COMMAND = (ListPolicy(("job",), ("command",)),)
FORMATS = (
    Format("crontab", read_system, _BY_COMMAND),
    Format("user-crontab", read_user, _BY_COMMAND),
    Format("anacrontab", read_anacron, (ListPolicy(("job",), ("identifier",)),)),
)
