"""Who was there: logins and logouts, and what was run as another user.

A login is known by the process that leads its session: sshd's ``Accepted`` line and what PAM and logind say of the same process are one login.
Left out are failed logins (they change nothing) and sessions that nobody sits at: cron, at, systemd's user managers, display managers' greeters,
and what root's own scripts run as another user.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from changelog_ledger.model.ingestion import Seen
from changelog_ledger.model.times import format_instant
from changelog_ledger.observations.journal import message_ids as ids
from changelog_ledger.observations.journal.entries import Entry
from changelog_ledger.observations.journal.holding import Held, Memory, reference, remembered

_SSH = frozenset(("sshd", "sshd-session", "sshd-auth"))
_ACCEPTED = re.compile(r"Accepted (\S+) for (\S+) from (\S+) port \d+(?: ssh2)?(?:: (\S+) (\S+))?")
_PAM = re.compile(r"pam_unix\(([\w.-]+):session\): session (opened|closed) for user ([^\s(]+)(?:\(uid=\d+\))?(?: by ([^\s(]*)(?:\(uid=(\d+)\))?)?")
_LEFT_OUT = frozenset(
    (
        *("cron", "crond", "atd", "systemd-user", "polkit-1", "runuser", "runuser-l", "gdm-launch-environment", "lightdm-greeter", "sddm-greeter"),
        *("sudo", "sudo-i", "su", "su-l"),
    )
)
_SUDO = re.compile(r"\s*(\S+) : (?:(?!COMMAND=).)*?(?=TTY=|PWD=|USER=|CHROOT=)(.*?)COMMAND=(.*)", re.DOTALL)
_SUDO_FIELD = re.compile(r"(TTY|PWD|USER|GROUP|CHROOT)=(.*?) ; ")
_REFUSED = re.compile(
    r"\s*\S+ : (?:command not allowed|user NOT |\d+ incorrect password|a password is required|unknown|\(command continued\)|problem)"
)
_SU = (
    re.compile(r"\(to (?P<to>\S+)\) (?P<by>\S+) on (?P<tty>\S+)"),  # util-linux
    re.compile(r"Successful su for (?P<to>\S+) by (?P<by>\S+)"),  # shadow
)
_LOGIND_NEW = re.compile(r"New session (\S+) of user (\S+?)\.?(?: with class .*)?$")
_NOBODY = re.compile(r"with class '?(?:manager|greeter|background|lock-screen)")
_LOGIND_MOMENT = timedelta(seconds=5)


class People:
    """Who came, who went, who did what as somebody else, entry after entry."""

    def __init__(self, host: str, memory: Memory, held: Held) -> None:
        """Of a host; ``memory`` is kept up to date."""
        self._host = host
        self._held = held
        self._sessions: Memory = memory.setdefault("sessions", {})

    def read(self, entry: Entry) -> Iterator[Seen]:
        """What an entry tells."""
        if entry.message_id in (ids.SESSION_BEGAN, ids.SESSION_ENDED):
            yield from self._logind(entry)
        elif entry.identifier in _SSH and (accepted := _ACCEPTED.match(entry.message)):
            yield from self._accepted(entry, accepted)
        elif "session" in entry.message and (pam := _PAM.search(entry.message)):
            yield from self._pam(entry, pam)
        elif entry.identifier == "sudo":
            yield from self._sudo(entry)
        elif entry.identifier in ("su", "su-l"):
            yield from self._su(entry)

    # --- logins

    def _accepted(self, entry: Entry, found: re.Match[str]) -> Iterator[Seen]:
        method, user, address, kind, fingerprint = found.groups()
        data = {"user": user, "from": address, "service": "sshd", "method": method}
        data |= {"key": f"{kind} {fingerprint}"} if fingerprint else {}
        yield self._came(entry, _process(entry), data, f"{user} logged in from {address} (ssh, {method})")

    def _came(self, entry: Entry, key: str, data: dict[str, Any], summary: str) -> Seen:
        session = f"{data['service']}[{entry.pid}] {format_instant(entry.at)}"
        remembered(self._sessions, key, {"user": data["user"], "tty": data.get("tty", ""), "session": session, "at": format_instant(entry.at)})
        self._held.drop(f"logind:{key}:")
        ref = reference(self._host, "login", data["user"], format_instant(entry.at), entry.boot, entry.pid)
        return Seen(ref, "login", entry.at, summary, actor=data["user"], data={**data, "session": session}, source=entry.source)

    def _pam(self, entry: Entry, found: re.Match[str]) -> Iterator[Seen]:
        service, what, user, by, by_id = found.groups()
        key = _process(entry)
        if what == "closed":
            yield from self._went(entry, key)
        elif service in ("su", "su-l"):
            self._nobody(key)
            yield from self._became(entry, user, by or "", "", "0" if by_id == "0" or not by else by_id)
        elif service in _LEFT_OUT:
            self._nobody(key)
        elif key not in self._sessions or not self._sessions[key]["session"]:
            yield self._came(entry, key, {"user": user, "service": service}, f"{user} logged in ({service})")

    def _nobody(self, key: str) -> None:
        """A session that nobody sits at."""
        self._held.drop(f"logind:{key}:")
        known = self._sessions.get(key, {"became": ""})
        remembered(self._sessions, key, {"user": "", "tty": "", "session": "", "at": "", **known})

    def _went(self, entry: Entry, key: str) -> Iterator[Seen]:
        session = self._sessions.pop(key, None)
        if session is None or not session["session"]:
            return
        data = {"user": session["user"], "tty": session["tty"], "login_at": session["at"], "session": session["session"]}
        ref = reference(self._host, "logout", session["user"], format_instant(entry.at), entry.boot, key)
        said = {name: value for name, value in data.items() if value}
        yield Seen(ref, "logout", entry.at, f"{session['user']} logged out", actor=session["user"], data=said, source=entry.source)

    def _logind(self, entry: Entry) -> Iterator[Seen]:
        """A session of logind is news only if nothing else tells of the process that leads it: it waits a moment for that."""
        number = entry.field("SESSION_ID")
        if entry.message_id == ids.SESSION_ENDED:
            yield from self._went(entry, f"{entry.boot}:session-{number}")
            return
        found = _LOGIND_NEW.match(entry.message)
        user = entry.field("USER_ID") or (found[2] if found else "")
        leader = f"{entry.boot}:{entry.field('LEADER')}"
        if not user or leader in self._sessions or _NOBODY.search(entry.message):
            return
        data = {"user": user, "service": "systemd-logind", "session": number}
        ref = reference(self._host, "login", user, format_instant(entry.at), entry.boot, number)
        seen = Seen(ref, "login", entry.at, f"{user} logged in (session {number})", actor=user, data=data, source=entry.source)
        self._held.hold(f"logind:{leader}:{entry.boot}:session-{number}", seen, _LOGIND_MOMENT)

    def told(self, key: str, seen: Seen) -> None:
        """What waited under ``key`` was told: a session of logind that has a login of its own will have a logout."""
        if key.startswith("logind:"):
            session = {"user": seen.data["user"], "tty": "", "session": seen.data["session"], "at": format_instant(seen.at)}
            remembered(self._sessions, ":".join(key.split(":")[-2:]), session)

    # --- as somebody else

    def _sudo(self, entry: Entry) -> Iterator[Seen]:
        found = None if _REFUSED.match(entry.message) else _SUDO.match(entry.message)
        if not found:
            return
        user, head, command = found[1], dict(_SUDO_FIELD.findall(found[2])), found[3].strip()
        target = head.get("USER", "root")
        data = {"user": user, "as": target, "command": command, "tty": head.get("TTY", ""), "directory": head.get("PWD", "")}
        ref = reference(self._host, "sudo", user, target, command, format_instant(entry.at), entry.boot, entry.pid)
        said = {name: value for name, value in data.items() if value and value != "unknown"}
        yield Seen(ref, "sudo", entry.at, f"{user} ran {command} as {target}", actor=user, data=said, source=entry.source)

    def _su(self, entry: Entry) -> Iterator[Seen]:
        found = next((found for rule in _SU if (found := rule.match(entry.message))), None)
        if found:
            named = found.groupdict()
            yield from self._became(entry, named["to"], named["by"], named.get("tty") or "", "" if named["by"] != "root" else "0")

    def _became(self, entry: Entry, target: str, user: str, tty: str, user_id: str) -> Iterator[Seen]:
        """su says so twice, as itself and through PAM; root's own scripts are left out."""
        key = _process(entry)
        session = self._sessions.get(key, {})
        if user_id == "0" or not user or session.get("became"):
            return
        remembered(self._sessions, key, {"user": "", "tty": "", "session": "", "at": "", "became": target})
        data = {"user": user, "as": target, "command": "su", **({"tty": tty} if tty and tty != "none" else {})}
        ref = reference(self._host, "sudo", user, target, "su", format_instant(entry.at), entry.boot, entry.pid)
        yield Seen(ref, "sudo", entry.at, f"{user} became {target} (su)", actor=user, data=data, source=entry.source)


def _process(entry: Entry) -> str:
    return f"{entry.boot}:{entry.pid}"
