"""By what the clock calls the script of ``host-hooks``: a timer of systemd's, else a line for cron."""

from __future__ import annotations

from dataclasses import dataclass

from changelog_ledger.errors import InvalidInput
from changelog_ledger.model.host_hooks import TIME_LIMITS, Occasion, Part
from changelog_ledger.workflows.host_hook_texts import SCRIPT, HostText, marked

UNIT = "changelog-ledger-snapshot"
_FOLDER = "/etc/systemd/system"
TIMER = f"{_FOLDER}/{UNIT}.timer"
LINK = f"{_FOLDER}/timers.target.wants/{UNIT}.timer"
"""The symlink by which ``systemctl enable`` has the timer started with the machine."""
CRONTAB = "/etc/cron.d/changelog-ledger"


@dataclass(frozen=True, slots=True)
class Interval:
    """How often the clock calls; systemd's calendar and cron's can say only what divides an hour or a day.

    :ivar minutes: 1 … 1440.
    """

    minutes: int

    @property
    def text(self) -> str:
        """As ``--interval`` takes it."""
        if self.minutes < 60:
            return f"{self.minutes}min"
        return f"{self.minutes // 60}h" if self.minutes < 1440 else "1d"

    @property
    def calendar(self) -> str:
        """As systemd.time(7) has it."""
        if self.minutes < 60:
            return f"*:0/{self.minutes}"
        return f"0/{self.minutes // 60}:00" if self.minutes < 1440 else "daily"

    @property
    def crontab(self) -> str:
        """As crontab(5) has it."""
        if self.minutes < 60:
            return f"*/{self.minutes} * * * *"
        return f"0 */{self.minutes // 60} * * *" if self.minutes < 1440 else "0 0 * * *"


EVERY_INTERVAL = tuple(Interval(minutes) for minutes in range(1, 1441) if (60 % minutes if minutes < 60 else 1440 % minutes or minutes % 60) == 0)
"""All that there are."""


def interval_of(minutes: float) -> Interval:
    """An interval of so many minutes.

    :raises InvalidInput: if neither an hour nor a day can be divided into it.
    """
    if Interval(int(minutes)) not in EVERY_INTERVAL or minutes % 1:
        raise InvalidInput("the interval must divide an hour or a day", "for instance 5min, 15min, 30min, 1h, 6h or 1d")
    return Interval(int(minutes))


def interval_in(timer: bytes, crontab: bytes) -> Interval | None:
    """The interval that a timer or a line for cron says, whichever version of ours wrote it; None if none of ours did."""
    for interval in EVERY_INTERVAL:
        if f"\nOnCalendar={interval.calendar}\n".encode() in timer or f"\n{interval.crontab} root ".encode() in crontab:
            return interval
    return None


def systemd_texts(interval: Interval) -> tuple[HostText, ...]:
    """systemd.service(5), systemd.exec(5), systemd.timer(5); and the link that enables the timer, which needs no running systemd."""
    service = _SERVICE.format(script=SCRIPT, limit=TIME_LIMITS[Occasion.TIMER] + 60)
    timer = _TIMER.format(calendar=interval.calendar, delay=interval.minutes * 6)
    return (
        HostText(Part.TIMER, f"{_FOLDER}/{UNIT}.service", marked(service)),
        HostText(Part.TIMER, TIMER, marked(timer)),
        HostText(Part.TIMER, LINK, b"", target=TIMER),
    )


def cron_texts(interval: Interval) -> tuple[HostText, ...]:
    """crontab(5), with the user's column of ``/etc/cron.d``."""
    line = f"{interval.crontab} root if [ -x {SCRIPT} ]; then {SCRIPT} timer >/dev/null 2>&1; fi\n"
    return (HostText(Part.TIMER, CRONTAB, marked(line)),)


# Nothing that needs a mount namespace (ProtectSystem=, ProtectHome=, PrivateTmp=): what is watched must look to the clock's call as to apt's.
# In a namespace of its own every mount would be read-only, and each snapshot in turn would tell of it. Root reads every file and every process.
_SERVICE = """\
[Unit]
Description=Record what changed on this machine (changelog-ledger)

[Service]
Type=oneshot
ExecStart={script} timer
SuccessExitStatus=3
TimeoutStartSec={limit}
Nice=10
IOSchedulingClass=idle
UMask=0077
NoNewPrivileges=yes
CapabilityBoundingSet=~CAP_SYS_BOOT CAP_SYS_MODULE CAP_SYS_RAWIO CAP_SYS_TIME CAP_MKNOD
SystemCallArchitectures=native
SystemCallFilter=~@clock @module @mount @raw-io @reboot @swap
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
"""

_TIMER = """\
[Unit]
Description=Record what changed on this machine, by the clock (changelog-ledger)

[Timer]
OnBootSec=2min
OnCalendar={calendar}
RandomizedDelaySec={delay}
Persistent=true

[Install]
WantedBy=timers.target
"""
