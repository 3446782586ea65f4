"""Verdicts of the gate to render, built by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from changelog_ledger.model import globs
from changelog_ledger.model.change import Remark
from changelog_ledger.model.evidence import Delta, Op
from changelog_ledger.model.gate import Edit, Judged, Miss, Person, Place, Side, Verdict
from changelog_ledger.model.topology import Target

from .built import HOSTILE

WEB, DB, SHOP = Target.host("web-01"), Target.host("db-01"), Target.service("shop")
NGINX = "/etc/nginx/nginx.conf"
MADE = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
ANNA = Person("Anna Meier", "anna@example.org")
WORKERS = Delta(NGINX, "events/worker_connections", Op.CHANGED, "4096", "512", line=14)
PATH = f"--path {NGINX}"


def side(letter: str = "b", mode: int = 0o100644) -> Side:
    return Side(mode, letter * 40)


def edit(host_path: str = NGINX, target: Target = WEB, **more: object) -> Judged:
    """A modified file of a host."""
    name = f"hosts/{target.name}{host_path}"
    return Judged(Edit(name, side("a"), side()), (Place((target,), host_path[1:], host_path),), **more)  # type: ignore[arg-type]


def miss(code: str, text: str, *commands: str, change: str = "CHG-7K3M9Q", title: str = "Raise the worker limit") -> Miss:
    return Miss(change, title, code, text, tuple(tuple(f"ledger change {command}".split()) for command in commands))


def one() -> Verdict:
    return Verdict((edit(deltas=(WORKERS,)),))


def near() -> Verdict:
    """Each reason why a change that comes near does not cover an edit."""
    window = "is approved, for 2026-11-22T22:00:00Z to 2026-11-22T23:00:00Z"
    return Verdict(
        (
            edit(misses=(miss("not-started", "is planned, not started or approved", "start CHG-7K3M9Q"),), deltas=(WORKERS,)),
            edit("/etc/hosts", misses=(miss("outside-window", window, "start CHG-2C8V4T", change="CHG-2C8V4T", title="New addresses"),)),
            edit("/etc/fstab", misses=(miss("over", "is over: succeeded since 2026-11-21T13:00:00Z"),)),
            edit("/etc/motd", misses=(miss("path", "is for /etc/nginx/**", "extend CHG-7K3M9Q --path /etc/motd", "start CHG-7K3M9Q"),)),
            edit(target=DB, misses=(miss("target", "is on host:web-01", "extend CHG-7K3M9Q --on host:db-01", "start CHG-7K3M9Q"),)),
            edit("/etc/issue", misses=(miss("actor", "is that of bob"),)),
            edit("/etc/issue.net", misses=(miss("not-approved", "is planned, not approved", "approve CHG-9XW1PA", change="CHG-9XW1PA"),)),
            edit("/etc/hostname", misses=(miss("time", "is started only since 2026-11-22T09:00:00Z"),)),
        )
    )


def helped() -> Verdict:
    """One change lacks something for each of the edits, another for one of them only; and a host and a service are new to the ledger."""
    lacks = miss("path", "is for /etc/nginx/**", "extend CHG-7K3M9Q --path /etc/motd", "start CHG-7K3M9Q")
    elsewhere = miss("target", "is on host:web-01", "extend CHG-7K3M9Q --on host:db-01 --path /etc/issue", "start CHG-7K3M9Q")
    other = miss("path", "is for /etc/hosts", "extend CHG-9XW1PA --path /etc/motd", change="CHG-9XW1PA", title="Greet them")
    refused = (edit("/etc/motd", misses=(lacks, other)), edit("/etc/issue", DB, misses=(elsewhere,)))
    return Verdict(refused, unknown=(DB, SHOP))


def away() -> Verdict:
    words = "the ledger does not answer (the database is locked); edits: 1 refused: no grant covers them"
    return Verdict((edit("/etc/motd", misses=(miss("path", "is for /etc/nginx/**"),)),), remarks=(Remark("away", words),))


def wider() -> Verdict:
    """More files than a command names one by one."""
    return Verdict(tuple(edit(f"/etc/app/{number}.conf") for number in range(21)))


def many() -> Verdict:
    """More than anybody reads; some pass."""
    covered = tuple(edit(f"/etc/ok/{number}", changes=("CHG-7K3M9Q",)) for number in range(3))
    deltas = tuple(Delta("/etc/app/0.conf", f"key{number}", Op.ADDED, None, "1", line=number + 1) for number in range(9))
    refused = tuple(edit(f"/etc/app/{number}.conf", deltas=deltas if number == 0 else ()) for number in range(14))
    return Verdict((*covered, *refused))


def kinds() -> Verdict:
    """Every kind of edit, and every kind of place."""
    path = "hosts/web-01/etc/a"
    place = (Place((WEB,), "etc/a", "/etc/a"),)
    moved = Edit("services/shop/new.yaml", side(), side(), "services/shop/old.yaml")
    return Verdict(
        (
            Judged(Edit(path, None, side()), place, deltas=(Delta("/etc/a", None, Op.ADDED, after="x\n", note="text"),)),
            Judged(Edit(path, side(), None), place),
            Judged(Edit(path, side(), side("b", 0o100755)), place),
            Judged(Edit(path, side(), side("b", 0o120000)), place),
            Judged(moved, (Place((SHOP,), "old.yaml"), Place((SHOP,), "new.yaml"))),
            Judged(Edit("main.tf", side("a"), side()), (Place((), "main.tf"),)),
        )
    )


def hostile() -> Verdict:
    """Names that would obey a terminal, a shell or a reader who trusts them."""
    name = "/etc/" + HOSTILE.replace("/", "-").replace("\ud800", "")
    other = "/-rf $(reboot) `id` ';\"*?[x]"
    extend = ("ledger", "change", "extend", "CHG-7K3M9Q", "--path")
    lacks_name, lacks_other = (Miss("CHG-7K3M9Q", HOSTILE, "path", f"is for {HOSTILE}", ((*extend, globs.literal(path)),)) for path in (name, other))
    misses = (lacks_name, miss("target", "is on host:db-01", title="--help"))
    return Verdict(
        (
            edit(name, misses=misses, deltas=(Delta(name, HOSTILE, Op.CHANGED, HOSTILE, "b", line=1),)),
            edit(other, misses=(lacks_other,)),
        ),
        problems=(Remark("unknown-change", f"Ledger-Change: {HOSTILE}: there is no such change"),),
    )


def trailers() -> Verdict:
    problems = (
        Remark("unknown-change", "Ledger-Change: CHG-000000: there is no such change"),
        Remark("other-change", "hosts/web-01/etc/motd is covered by CHG-7K3M9Q, and the message names CHG-2C8V4T"),
    )
    return Verdict((edit("/etc/motd", changes=("CHG-7K3M9Q",)),), trailers=("CHG-000000", "CHG-2C8V4T"), problems=problems)


def no_trailer() -> Verdict:
    words = "the message names no change: add a line such as Ledger-Change: CHG-7K3M9Q"
    return Verdict((edit(changes=("CHG-7K3M9Q",)),), problems=(Remark("no-trailer", words),))


def emergency() -> Verdict:
    return Verdict((edit(changes=("CHG-9XW1PA",)),), emergency="CHG-9XW1PA", remarks=(Remark("freeze", "a freeze is in force until Monday"),))


def passes() -> Verdict:
    return Verdict((edit(changes=("CHG-7K3M9Q",)), edit("/etc/motd", exempt="comments only")))


CHECKS: dict[str, Callable[[], Verdict]] = {
    "one": one,
    "near": near,
    "helped": helped,
    "away": away,
    "wider": wider,
    "many": many,
    "kinds": kinds,
    "hostile": hostile,
    "trailers": trailers,
    "no-trailer": no_trailer,
    "emergency": emergency,
    "passes": passes,
}


def commit(letter: str, subject: str, *edits: Judged, **more: object) -> Verdict:
    return Verdict(edits, letter * 40, subject, ANNA, MADE, **more)  # type: ignore[arg-type]


def bypassed() -> tuple[Verdict, ...]:
    return (
        commit("a", "Explain the pool", edit(exempt="comments only")),
        commit("b", "Raise the pool limit, which was far too low for the evening and for the night as well", one().edits[0]),
        commit("c", "--help", edit("/etc/motd"), edit("/etc/motd", DB)),
        commit("d", "Read me"),
        commit("e", "New addresses", edit("/etc/hosts", changes=("CHG-7K3M9Q",)), trailers=("CHG-7K3M9Q",)),
        commit("f", "Wrong change", *trailers().edits, trailers=trailers().trailers, problems=trailers().problems),
    )


RANGES: dict[str, Callable[[], tuple[Verdict, ...]]] = {
    "bypassed": bypassed,
    "fine": lambda: (bypassed()[0], bypassed()[3], bypassed()[4]),
    "empty": lambda: (),
    "shallow": lambda: (commit("a", "Begun", problems=(Remark("shallow", "this clone ends here: git fetch --unshallow"),)),),
    "hostile": lambda: (commit("a", HOSTILE.replace("\ud800", ""), *hostile().edits),),
    "unknown": lambda: (commit("a", "A new host", edit("/etc/hosts", DB), unknown=(DB,)), commit("b", "More of it", wider().edits[0], unknown=(DB,))),
    "many": lambda: tuple(commit(letter, f"Step {letter}", edit(f"/etc/{letter}")) for letter in "abcdef"),
}
