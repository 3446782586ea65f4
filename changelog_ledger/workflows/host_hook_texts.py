"""What the hooks into a host look like: one script that calls the ledger, and for each package manager the few lines that call it.

Only the script knows paths, limits and what may go wrong: the syntax of other programs' files never has to hold a path with a blank or a quote.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from changelog_ledger.errors import InvalidInput
from changelog_ledger.model.host_hooks import REFUSED, TIME_LIMITS, Occasion, Part

FOLDER = "/etc/changelog-ledger"
SCRIPT = f"{FOLDER}/host-hook"
STATE_FOLDER = "host-hooks"
"""Where, in the home, the script keeps its log and its notes on how it went."""

MARK = "changelog-ledger host hook, sha256 "

SEARCHED = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""The path of the script, and of all that it starts."""

_HEAD = re.compile(rb"(?:#!/bin/sh\n)?(?:#|//) " + MARK.encode() + rb"([0-9a-f]{64})\n")
_MADE = re.compile(rb"^# made: (.*)$", re.MULTILINE)
_CALLED = re.compile(rb"^ledger=(.*)\nhome=(.*)$", re.MULTILINE)
_OPENING = "`ledger host-hooks install` wrote this, `ledger host-hooks uninstall` takes it out. Please do not edit it."


@dataclass(frozen=True, slots=True)
class HostText:
    """A file, or a symlink, that hooks the ledger in.

    :ivar path: absolute, as the host has it.
    :ivar part: whose; None for the script.
    :ivar target: what a symlink leads to; empty for a file.
    """

    part: Part | None
    path: str
    content: bytes
    mode: int = 0o644
    target: str = ""


def checked_path(path: str, what: str) -> str:
    """A path that the script can hold, and systemd, cron and people can show.

    :raises InvalidInput: if it is relative or has control characters.
    """
    if not path.startswith("/") or any(ord(character) < 32 or ord(character) == 127 for character in path):
        raise InvalidInput(f"{what} {path!r} cannot be written into hooks", "name it with its whole path, without control characters")
    return path


# ---- the script

# Of `timeout`: -k ends what does not mind being asked. `:` would end the shell where its file cannot be opened (POSIX, 2.8.1), hence the ( ).
# Of `find`: -H follows links that it is given. Nothing is written to a home that is not root's alone: a link in it would lead root's hand elsewhere.
# Here the sticky bit does for a folder above: what is there, and is root's, nobody else removes or renames. 77 is EX_NOPERM of sysexits(3).
_SCRIPT = """\
# It is called as `host-hook before` and `after` around a run of the package manager, by itself as `packages`, and as `timer` by the clock.
# made: {made}
ledger={ledger}
home={home}
PATH={searched}
export PATH
unset PYTHONPATH PYTHONHOME
cd / || exit 0

# A ledger that is not there, or cannot be kept from hanging, is no affair of the package manager's; the clock may say so.
if ! [ -x "$ledger" ] || ! [ -f "$home/ledger.toml" ] || ! command -v timeout >/dev/null 2>&1; then
    [ "$1" = timer ] || exit 0
    printf 'changelog-ledger: there is no %s, no ledger at %s, or no timeout(1)\\n' "$ledger" "$home" >&2
    exit 4
fi

state=$home/{state}
log=/dev/null

# What of these paths, or of the folders above them, somebody else may write to.
doubtful() {{
    me=$(id -u)
    find -H "$@" -prune \\( ! -user 0 ! -user "$me" -o -perm -020 -o -perm -002 \\)
    for path; do
        while path=${{path%/*}}; [ -n "$path" ]; do set -- "$@" "$path"; done
    done
    find -H / "$@" -prune \\( ! -user 0 ! -user "$me" -o \\( -perm -020 -o -perm -002 \\) ! -perm -1000 \\)
}}

doubtful_home() {{
    set -- "$home" "$(readlink -f "$home")" "$home/ledger.toml"
    if [ -e "$state" ]; then set -- "$@" "$state"; fi
    doubtful "$@"
}}

doubtful_command() {{
    interpreter=$(sed -n -e '1s/^#![[:blank:]]*\\([^[:blank:]]*\\).*/\\1/p' -e 1q "$ledger")
    set -- "$ledger" "$(readlink -f "$ledger")"
    if [ -e "$interpreter" ]; then set -- "$@" "$interpreter" "$(readlink -f "$interpreter")"; fi
    doubtful "$@"
}}

refuse() {{
    said="$1: refused, somebody else than root could alter this: $2"
    ( printf '%s %s\\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$said" >>"$log" ) 2>/dev/null
    [ "$1" = timer ] || exit 0
    printf 'changelog-ledger: %s\\n' "$said" >&2
    exit {refused}
}}

bad=$(doubtful_home 2>&1 | head -n 1)
[ -z "$bad" ] || refuse "$1" "$bad"

log=$state/log
mkdir -p -m 700 "$state" 2>/dev/null
if [ -f "$log" ] && [ "$(wc -c <"$log")" -gt 1000000 ]; then mv -f "$log" "$log.1" 2>/dev/null; fi
( : >>"$log" ) 2>/dev/null || log=/dev/null

note() {{
    printf '%s %s\\n' "$2" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$state/$1.$3"
}} 2>/dev/null

bad=$(doubtful_command 2>&1 | head -n 1)
if [ -n "$bad" ]; then
    note "$1" {refused} last
    refuse "$1" "$bad"
fi

call() {{
    note "$1" began last
    timeout -k 5 "$2" "$ledger" --home "$home" host-hooks run "$1" </dev/null >>"$log" 2>&1
    code=$?
    note "$1" "$code" last
    if [ "$code" = 0 ]; then note "$1" "$code" worked; fi
    return "$code"
}}

case $1 in
    before) call before {before} ;;
    after)
        call after {after}
        # To read logs and processes may take a while, and the package manager may have its log still open: it need not wait for that.
        if command -v setsid >/dev/null 2>&1; then setsid "$0" packages </dev/null >/dev/null 2>&1 &
        else "$0" packages </dev/null >/dev/null 2>&1 &
        fi ;;
    packages) call packages {packages} ;;
    timer) call timer {timer}; exit ;;
esac
exit 0
"""


def script_text(command: str, home: str, made: Sequence[str] = ()) -> HostText:
    """The script that all others call (POSIX shell).

    :param command: the absolute path of the ledger's command.
    :param home: the absolute path of the home.
    :param made: the folders that were made for hooks, and go when they go.
    """
    limits = {occasion.value: TIME_LIMITS[occasion] for occasion in Occasion}
    fixed = {"state": STATE_FOLDER, "searched": SEARCHED, "refused": REFUSED}
    body = _SCRIPT.format(made=" ".join(made), ledger=shlex.quote(command), home=shlex.quote(home), **fixed, **limits)
    return HostText(None, SCRIPT, marked(body, shell=True), 0o755)


def made_in(script: bytes) -> tuple[str, ...]:
    """The folders that a script notes as made for hooks."""
    found = _MADE.search(script)
    return tuple(os.fsdecode(found[1]).split()) if found else ()


def called_in(script: bytes) -> tuple[str, str] | None:
    """The command and the home that a script names; None if somebody has altered these lines beyond recognition."""
    found = _CALLED.search(script)
    try:
        words = [shlex.split(os.fsdecode(word)) for word in found.groups()] if found else []
    except ValueError:  # a quote without its end
        return None
    return (words[0][0], words[1][0]) if [len(each) for each in words] == [1, 1] else None


# ---- who calls it


def apt_texts() -> tuple[HostText, ...]:
    """apt.conf(5): ``DPkg::Pre-Invoke`` and ``Post-Invoke`` are handed to the shell; a failure of theirs would fail the run."""
    lines = [f'DPkg::{when}-Invoke {{ "if [ -x {SCRIPT} ]; then {SCRIPT} {what} || true; fi"; }};' for when, what in _AROUND]
    return (HostText(Part.APT, "/etc/apt/apt.conf.d/80changelog-ledger", marked("\n".join(lines) + "\n", comment="//")),)


def dnf_texts() -> tuple[HostText, ...]:
    """dnf-post-transaction-actions(8): ``package_filter:transaction_state:command``; the same command runs once a transaction, and none before it."""
    path = "/etc/dnf/plugins/post-transaction-actions.d/changelog-ledger.action"
    return (HostText(Part.DNF, path, marked(f"*:any:{SCRIPT} after\n")),)


def dnf5_texts() -> tuple[HostText, ...]:
    """libdnf5-actions(8): ``callback_name:package_filter:direction:options:command``; an empty filter runs the command once."""
    path = "/etc/dnf/libdnf5-plugins/actions.d/changelog-ledger.actions"
    return (HostText(Part.DNF, path, marked(f"pre_transaction::::{SCRIPT} before\npost_transaction::::{SCRIPT} after\n")),)


def pacman_texts() -> tuple[HostText, ...]:
    """alpm-hooks(5). Without ``AbortOnFail`` a hook that fails stops nothing; they run in the order of their names."""
    named = [(f"/etc/pacman.d/hooks/{order}-changelog-ledger-{what}.hook", when, what) for order, when, what in _TWICE]
    return tuple(HostText(Part.PACMAN, path, marked(_PACMAN.format(when=when, what=what, script=SCRIPT))) for path, when, what in named)


def apk_texts() -> tuple[HostText, ...]:
    """apk(8): what is in ``commit_hooks.d`` is run with ``pre-commit`` and ``post-commit``; a failure of the first stops the run."""
    return (HostText(Part.APK, "/etc/apk/commit_hooks.d/changelog-ledger", marked(_APK.format(script=SCRIPT), shell=True), 0o755),)


_AROUND = (("Pre", "before"), ("Post", "after"))
_TWICE = (("00", "Pre", "before"), ("zz", "Post", "after"))

_PACMAN = """\
[Trigger]
Operation = Install
Operation = Upgrade
Operation = Remove
Type = Package
Target = *

[Action]
Description = Recording what this changes ({what}) ...
When = {when}Transaction
Exec = {script} {what}
"""

_APK = """\
[ -x {script} ] || exit 0
case $1 in
    pre-commit) {script} before ;;
    post-commit) {script} after ;;
esac
exit 0
"""

# ---- known again


def marked(text: str, *, comment: str = "#", shell: bool = False) -> bytes:
    """A text behind the lines by which it is known again."""
    body = os.fsencode(f"{comment} {_OPENING}\n{text}")
    head = f"{comment} {MARK}{hashlib.sha256(body).hexdigest()}\n".encode()
    return (b"#!/bin/sh\n" if shell else b"") + head + body


def is_ours(content: bytes) -> bool:
    """Whether ``host-hooks install`` has written it."""
    return MARK.encode() in content[:200]


def is_untouched(content: bytes) -> bool:
    """Whether nobody has edited it since."""
    head = _HEAD.match(content)
    return head is not None and hashlib.sha256(content[head.end() :]).hexdigest().encode() == head[1]
