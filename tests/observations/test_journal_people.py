"""Who was there."""

from __future__ import annotations

from changelog_ledger.model.times import format_instant
from changelog_ledger.observations.journal import message_ids as ids

from .journals import MadeJournal, kinds

KEY = "Accepted publickey for alex from 10.0.0.5 port 50022 ssh2: ED25519 SHA256:3kPp0nCFmN1bVh0mDqLw0a7Vd0yqJ7uJ2o9b0Qe1xYz"


def session(journal: MadeJournal, pid: int = 4711) -> MadeJournal:
    journal.says("sshd", KEY, pid).says("sshd", "pam_unix(sshd:session): session opened for user alex(uid=1000) by (uid=0)", pid)
    words = "New session 42 of user alex."
    return journal.says("systemd-logind", words, 700, MESSAGE_ID=ids.SESSION_BEGAN, SESSION_ID="42", USER_ID="alex", LEADER=str(pid))


def test_one_login_is_one_however_many_say_so() -> None:
    [seen] = session(MadeJournal()).tick(60).read()
    assert seen.summary == "alex logged in from 10.0.0.5 (ssh, publickey)"
    assert seen.actor == "alex"
    assert {name: seen.data[name] for name in ("user", "from", "service", "method")} == {
        "user": "alex",
        "from": "10.0.0.5",
        "service": "sshd",
        "method": "publickey",
    }
    assert seen.data["key"].startswith("ED25519 SHA256:")


def test_a_logout_has_the_session_of_its_login() -> None:
    journal = session(MadeJournal()).tick(1500).says("sshd", "pam_unix(sshd:session): session closed for user alex", 4711)
    journal.says("systemd-logind", "Removed session 42.", 700, MESSAGE_ID=ids.SESSION_ENDED, SESSION_ID="42")
    login, logout = journal.read()
    assert (login.what, logout.what) == ("login", "logout")
    assert logout.data["session"] == login.data["session"]
    assert logout.data["login_at"] == format_instant(login.at)


def test_a_login_that_only_logind_tells_of() -> None:
    journal = MadeJournal().says(
        "systemd-logind", "New session 7 of user ana.", 700, MESSAGE_ID=ids.SESSION_BEGAN, SESSION_ID="7", USER_ID="ana", LEADER="900"
    )
    journal.tick(600).says("systemd-logind", "Removed session 7.", 700, MESSAGE_ID=ids.SESSION_ENDED, SESSION_ID="7")
    login, logout = journal.read()
    assert (login.data["user"], logout.data["session"]) == ("ana", login.data["session"])


def test_sessions_that_nobody_sits_at_are_left_out() -> None:
    journal = MadeJournal()
    journal.says("systemd-logind", "New session c1 of user root.", 700, MESSAGE_ID=ids.SESSION_BEGAN, SESSION_ID="c1", USER_ID="root", LEADER="55")
    journal.says("crond", "pam_unix(crond:session): session opened for user root(uid=0) by (uid=0)", 55)
    journal.says("crond", "pam_unix(crond:session): session closed for user root", 55)
    journal.says("systemd", "pam_unix(systemd-user:session): session opened for user alex(uid=1000) by (uid=0)", 60)
    words = "New session c2 of user gdm with class 'greeter' and type 'wayland'."
    journal.says("systemd-logind", words, 700, MESSAGE_ID=ids.SESSION_BEGAN, SESSION_ID="c2", USER_ID="gdm", LEADER="61")
    assert journal.tick(60).read() == []


def test_failed_logins_are_left_out() -> None:
    journal = MadeJournal().says("sshd", "Failed password for invalid user admin from 203.0.113.9 port 4242 ssh2")
    journal.says("sshd", "Failed password for root from 203.0.113.9 port 4242 ssh2")
    assert journal.read() == []


def test_a_console_login() -> None:
    [seen] = MadeJournal().says("login", "pam_unix(login:session): session opened for user root(uid=0) by LOGIN(uid=0)", 31).read()
    assert seen.summary == "root logged in (login)"


def test_sudo_says_who_what_as_whom_and_where() -> None:
    words = "    alex : TTY=pts/0 ; PWD=/home/alex ; USER=root ; COMMAND=/usr/bin/systemctl restart openvswitch-switch"
    [seen] = MadeJournal().says("sudo", words).read()
    assert seen.data == {
        "user": "alex",
        "as": "root",
        "command": "/usr/bin/systemctl restart openvswitch-switch",
        "tty": "pts/0",
        "directory": "/home/alex",
    }
    assert seen.summary == "alex ran /usr/bin/systemctl restart openvswitch-switch as root"


def test_sudo_without_a_terminal_and_with_a_variable() -> None:
    [seen] = MadeJournal().says("sudo", "deploy : PWD=/srv ; USER=app ; ENV=A=1 ; COMMAND=/bin/sh -c 'a ; b'").read()
    assert (seen.data["as"], seen.data["command"], "tty" in seen.data) == ("app", "/bin/sh -c 'a ; b'", False)


def test_sudo_that_was_refused_ran_nothing() -> None:
    journal = MadeJournal().says("sudo", "  eve : command not allowed ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/sh")
    journal.says("sudo", "  eve : 3 incorrect password attempts ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/sh")
    journal.says("sudo", "  eve : user NOT in sudoers ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/sh")
    assert journal.read() == []


def test_su_is_told_once_and_root_s_own_is_not() -> None:
    journal = MadeJournal().says("su", "(to root) alex on pts/0", 77)
    journal.says("su", "pam_unix(su-l:session): session opened for user root(uid=0) by alex(uid=1000)", 77)
    journal.says("su", "(to postgres) root on none", 78).says("su", "pam_unix(su:session): session opened for user postgres(uid=108) by (uid=0)", 78)
    [seen] = journal.read()
    assert (seen.what, seen.data["user"], seen.data["as"], seen.data["tty"]) == ("sudo", "alex", "root", "pts/0")


def test_a_program_that_quotes_sshd_is_no_login() -> None:
    assert kinds(MadeJournal().says("app", KEY).read()) == []
