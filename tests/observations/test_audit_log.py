"""auditd's log."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.model.ingestion import Seen
from changelog_ledger.observations.journal.audit_log import AuditReading, users_of

from .journals import HOST, kinds

USERS = users_of(b"root:x:0:0:root:/root:/bin/bash\nalex:x:1000:1000::/home/alex:/bin/bash\nbroken\n")


def event(
    serial: int, *, key: str = '"etc"', success: str = "yes", flags: str = "241", name: str = '"/etc/nginx/nginx.conf"', syscall: int = 257
) -> str:
    stamp = f"msg=audit(1748747564.123:{serial}):"
    return (
        f"type=SYSCALL {stamp} arch=c000003e syscall={syscall} success={success} exit=3 a0=ffffff9c a1=7ffd a2={flags} a3=1b6 items=2 ppid=1 pid=2 "
        f'auid=1000 uid=0 gid=0 euid=0 tty=pts0 ses=5 comm="vim" exe="/usr/bin/vim" subj=unconfined key={key}\n'
        f'type=CWD {stamp} cwd="/home/alex"\n'
        f'type=PATH {stamp} item=0 name="/etc/nginx/" inode=1 nametype=PARENT cap_fp=0\n'
        f"type=PATH {stamp} item=1 name={name} inode=2 nametype=NORMAL cap_fp=0\n"
        f"type=PROCTITLE {stamp} proctitle=76696D\n"
    )


def read(text: str) -> list[Seen]:
    reading = AuditReading(HOST, USERS)
    return [seen for line in text.encode().splitlines() for seen in reading.read(line, "/var/log/audit/audit.log")] + list(reading.end("x"))


def test_a_watched_file_that_was_written() -> None:
    [seen] = read(event(7))
    assert (seen.what, seen.actor) == ("file-write", "alex")
    assert seen.data["paths"] == ["/etc/nginx/nginx.conf"]
    assert seen.data["executable"] == "/usr/bin/vim"
    assert seen.summary == "alex wrote /etc/nginx/nginx.conf with /usr/bin/vim"


def test_a_name_in_hexadecimal_relative_to_a_folder() -> None:
    text = event(7, name="6120622E636F6E66").replace('cwd="/home/alex"', 'cwd="/etc"')
    assert read(text)[0].data["paths"] == ["/etc/a b.conf"]


def test_what_was_only_read_or_failed_or_is_not_watched_is_left_out() -> None:
    assert read(event(1, flags="0") + event(2, success="no") + event(3, key="(null)") + event(4, syscall=59)) == []
    assert read(event(5, name='"/srv/data"')) == []


def test_a_rename_counts() -> None:
    assert kinds(read(event(1, syscall=82, flags="0"))) == ["file-write"]


def test_events_whose_records_are_mixed() -> None:
    one, other = event(1).splitlines(), event(2).splitlines()
    mixed = [line for pair in zip(one, other, strict=True) for line in pair]
    assert kinds(read("\n".join(mixed))) == ["file-write", "file-write"]


def test_an_enriched_log_names_its_users() -> None:
    text = event(7).replace('key="etc"', 'key="etc"\x1dARCH=x86_64 SYSCALL=openat AUID="ana" UID="root"')
    assert read(text)[0].actor == "ana"


def test_a_login_a_command_and_an_account() -> None:
    stamp = "msg=audit(1748747564.123:"
    text = (
        f'type=USER_LOGIN {stamp}1): pid=9 uid=0 auid=1000 ses=5 msg=\'op=login id=1000 exe="/usr/sbin/sshd" hostname=10.0.0.5 addr=10.0.0.5 '
        "terminal=/dev/pts/0 res=success'\n"
        f"type=USER_LOGIN {stamp}2): pid=9 uid=0 auid=4294967295 ses=4294967295 msg='op=login acct=\"eve\" terminal=ssh res=failed'\n"
        f"type=USER_CMD {stamp}3): pid=9 uid=1000 auid=1000 ses=5 msg='cwd=\"/home/alex\" cmd=6C73202D6C terminal=pts/0 res=success'\n"
        f'type=ADD_USER {stamp}4): pid=9 uid=0 auid=1000 ses=5 msg=\'op=add-user acct="bob" exe="/usr/sbin/useradd" res=success\'\n'
    )
    login, command, account = read(text)
    assert (login.data["user"], login.data["from"], login.data["tty"]) == ("alex", "10.0.0.5", "pts/0")
    assert command.summary == "alex ran ls -l as root"
    assert (account.what, account.data["account"], account.data["paths"]) == ("file-write", "bob", ["/etc/passwd"])


@given(
    st.lists(st.sampled_from([*event(1).splitlines(), "type=EOE msg=audit(1748747564.123:1): "]) | st.text(max_size=30), max_size=20),
    st.integers(0, 200),
)
def test_no_line_raises(lines: list[str], cut: int) -> None:
    read("\n".join(line[:cut] for line in lines).encode("utf-8", "replace").decode())
