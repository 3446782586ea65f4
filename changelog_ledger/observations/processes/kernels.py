"""Reboots that are pending: a newer kernel is installed than runs, or a package asked for a reboot."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from changelog_ledger.model.ingestion import Seen
from changelog_ledger.model.processes import InstalledKernels
from changelog_ledger.model.times import format_instant
from changelog_ledger.observations.processes.endings import REBOOT_SUBJECT
from changelog_ledger.observations.processes.pending import Look, closing_reference, reference
from changelog_ledger.observations.processes.replaced import transaction_of
from changelog_ledger.observations.processes.standing import Standing

SOURCE = "/boot"
_WORDS = re.compile(r"[A-Za-z]+")
_DISTRIBUTION = frozenset(("deb", "bpo", "el", "fc", "rc", "git", "lp", "bp", "ubuntu", "uek", "amzn", "mga", "rpt", "arch"))
"""Words of a release that name who built it or how far it is, and no flavour."""
_TOKENS = re.compile(r"[0-9]+|[A-Za-z]+|~")
_END = (0, 0, "")


def newest_of_flavour(kernels: InstalledKernels) -> str:
    """The newest installed kernel of the flavour that runs, if it is newer than that; else empty."""
    running = kernels.running
    newest = max((release for release in kernels.installed if flavour(release) == flavour(running)), key=_order, default="")
    return newest if running and _order(newest) > _order(running) else ""


def flavour(release: str) -> tuple[str, ...]:
    """``("amd",)`` of ``6.1.0-28-amd64``, ``("rt", "amd")``, ``("generic",)``, ``("x",)`` of ``5.14.0-362.el9_3.x86_64``."""
    return tuple(word for word in _WORDS.findall(release) if word.lower() not in _DISTRIBUTION)


def _order(release: str) -> list[tuple[int, int, str]]:
    """Newer ones sort later: numbers and words in turn, a number after a word as rpm has it, and what comes before a release first (``6.7.0-rc1``).

    A release is no package's version, so no package manager's order fits all: what follows the number of the build is the flavour, or who built
    it.
    """
    return [*(_token(token) for token in _TOKENS.findall(release)), _END]


def _token(token: str) -> tuple[int, int, str]:
    if token[0].isdigit():
        bare = token.lstrip("0")  # not int(): a number may have any length
        return 2, len(bare), bare
    return (-1, 0, token) if token in ("~", "rc") else (1, 0, token)


def image_paths(release: str) -> tuple[str, ...]:
    """Where its image may lie."""
    return (f"/boot/vmlinuz-{release}", f"/usr/lib/modules/{release}/vmlinuz", f"/lib/modules/{release}/vmlinuz") if release else ()


def pending_reboots(look: Look, kernels: InstalledKernels) -> Iterator[Seen]:
    """The reboot that is pending, and the end of one that was pending in this boot and is not any more."""
    own = [each for each in look.standing if each.subject == REBOOT_SUBJECT and each.boot_id == look.table.boot_id]
    if not look.table.boot_id or look.table.booted_at is None:
        return
    newer = newest_of_flavour(kernels)
    if newer or kernels.reboot_required is not None:
        yield _pending(look, kernels, newer, look.table.booted_at, own)
    else:
        yield from (_withdrawn(look, each) for each in own)


def _pending(look: Look, kernels: InstalledKernels, newer: str, booted: datetime, before: Sequence[Standing]) -> Seen:
    images = {look.packages[path] for path in image_paths(newer) if path in look.packages}
    packages = sorted(images.union(kernels.required_by))
    installed = newer or kernels.running
    same = [each.ref for each in before if each.installed == installed and each.packages.issuperset(packages)]
    told = transaction_of(packages, look.transactions, booted)
    known = kernels.installed.get(newer) or kernels.reboot_required
    at = _within(told.at if told else known, booted, look.now)
    new = reference("reboot-pending", look.host, look.table.boot_id, installed, format_instant(known) if known else "", *packages)
    ref = same[-1] if same else new
    data: dict[str, object] = {"ref": ref, "subject": REBOOT_SUBJECT, "boot_id": look.table.boot_id}
    data |= {"running": kernels.running, "installed": installed, "packages": packages}
    data |= {"supersedes": before[-1].ref} if before and not same else {}
    return Seen(ref, "reboot-pending", at, _summary(kernels, newer, packages), data=data, source=SOURCE)


def _summary(kernels: InstalledKernels, newer: str, packages: Iterable[str]) -> str:
    if newer:
        return f"kernel {newer} is installed, {kernels.running} still runs: a reboot is pending"
    named = ", ".join(list(packages)[:3])
    return f"a reboot is pending{f', asked for by {named}' if named else ''}"


def _within(known: datetime | None, booted: datetime, now: datetime) -> datetime:
    """Not before this boot: a reboot is pending from then on, whenever the kernel was installed."""
    return min(max(known or now, booted), max(now, booted))


def _withdrawn(look: Look, standing: Standing) -> Seen:
    return Seen(
        ref=closing_reference(standing.ref),
        what="reboot-not-pending",
        at=look.now,
        not_before=standing.at,
        summary="no reboot is pending any more, without one",
        data={"subject": REBOOT_SUBJECT, "closes": standing.ref},
        source=SOURCE,
    )
