"""What a repository can hold: links, modes, names that nobody would choose, formats that need no change."""

from __future__ import annotations

import os

import pytest

from .workshop import APP, FSTAB, POLICY, SHOP, Workshop

HERE = "hosts/w1/etc"


def test_a_symlink_is_configuration(workshop: Workshop) -> None:
    link = workshop.folder / HERE / "current"
    for target in ("app.ini", "fstab"):
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        workshop.git("add", ".")
        said = workshop.refused()
        assert f"{HERE}/current" in said
        assert target in said
        workshop.bypass("commit", "-qm", target)
    link.unlink()
    link.write_text("a file\n")
    workshop.git("add", ".")
    assert "retyped" in workshop.refused()
    workshop.change(paths=["/etc/current"])
    workshop.commit()


def test_a_mode_is_configuration(workshop: Workshop) -> None:
    (workshop.folder / APP).chmod(0o755)
    workshop.git("add", ".")
    assert "mode" in workshop.refused()
    change = workshop.change()
    workshop.commit()
    workshop.over(change)
    (workshop.folder / APP).chmod(0o644)
    workshop.bypass("commit", "-qam", "And back")
    assert workshop.found() == ["And back"], "that these bytes were let in once says nothing of the mode"


def test_a_submodule_is_configuration(workshop: Workshop) -> None:
    other = workshop.top / "module"
    workshop.git("init", "-q", str(other), at=workshop.top)
    workshop.git("commit", "-q", "--allow-empty", "-m", "One", at=other)
    workshop.git("submodule", "add", "-q", str(other), f"{HERE}/module")
    said = workshop.refused()
    assert f"{HERE}/module" in said
    assert ".gitmodules" not in said
    workshop.change()
    workshop.commit()
    workshop.git("commit", "-q", "--allow-empty", "-m", "Two", at=workshop.folder / HERE / "module", code=0)
    workshop.git("add", f"{HERE}/module")
    workshop.commit()
    workshop.accepted()


def test_a_file_is_renamed_within_a_host(workshop: Workshop) -> None:
    workshop.git("mv", APP, f"{HERE}/application.ini")
    assert "renamed" in workshop.refused()
    narrow = workshop.change(paths=["/etc/application.ini"])
    assert f"ledger change extend {narrow} --path /etc/app.ini" in workshop.refused()
    workshop.ledger.extend(narrow, paths=["/etc/app.ini"])
    workshop.commit()
    workshop.accepted()


def test_a_file_moves_from_host_to_host(workshop: Workshop) -> None:
    """It is taken from one and given to the other: each has to be covered, be it by two changes."""
    workshop.base(**{f"{HERE}/big": "x\n" * 100})
    (workshop.folder / "hosts/w2/etc").mkdir(parents=True)
    workshop.git("mv", f"{HERE}/big", "hosts/w2/etc/big")
    here = workshop.change("Take", on=["host:w1"])
    said = workshop.refused()
    assert "hosts/w2/etc/big  added, host:w2" in said
    assert f"{HERE}/big" not in said
    there = workshop.change("Give", on=["host:w2"])
    workshop.commit()
    assert sorted(workshop.trailers()) == sorted([here, there])
    workshop.accepted()


def test_a_file_moves_out_of_configuration_and_into_it(workshop: Workshop) -> None:
    workshop.git("mv", APP, "notes.ini")
    assert f"{APP}  deleted, host:w1" in workshop.refused()
    workshop.bypass("commit", "-qm", "Out")
    workshop.git("mv", "notes.ini", APP)
    assert f"{APP}  added, host:w1" in workshop.refused()
    workshop.change()
    workshop.commit()
    workshop.accepted()


def test_a_file_is_deleted(workshop: Workshop) -> None:
    workshop.git("rm", "-q", APP)
    assert f"{APP}  deleted" in workshop.refused()
    workshop.change()
    workshop.commit()
    workshop.accepted()


NAMES = [
    "a b",
    "line\nbreak",
    "tab\there",
    'quo"te',
    "apo'strophe",
    "--output=x",
    ":(glob)**",
    "star*[a]?",
    "back\\slash",
    "\x1b[31mred",
    "‮gnp.exe",
    "ü",
    "$(reboot)",
]
ODD = [*(name.encode() for name in NAMES), b"not\xffutf8"]


def test_names_that_nobody_would_choose(either_workshop: Workshop) -> None:
    """They are judged, shown so that they can do no harm, recorded, and let in by the very change that is proposed for them."""
    workshop = either_workshop
    for number, name in enumerate(ODD):
        workshop.write(f"{HERE}/".encode() + name, f"a = {number}\n")
    workshop.bypass("add", "-A")
    said = workshop.refused()
    assert f"No change covers {len(ODD)} edits" in said
    assert "\x1b" not in said
    assert "‮" not in said
    workshop.bypass("commit", "-qm", "Past the gate")
    (verdict,) = workshop.check()
    assert len(verdict.refused) == len(ODD)
    workshop.bypass("reset", "-q", "--soft", "HEAD~1")
    workshop.change()
    workshop.commit("-m", "Through it")
    workshop.accepted()
    assert not workshop.ledger.verify()


@pytest.mark.parametrize("name", [os.fsdecode(name) for name in ODD])
@pytest.mark.slow
def test_each_of_them_alone_is_covered_by_its_own_glob(workshop: Workshop, name: str) -> None:
    from changelog_ledger.model import globs

    workshop.write(f"{HERE}/{name}", "a = 1\n")
    workshop.bypass("add", "-A")
    workshop.refused()
    if name.isprintable():
        workshop.change(paths=[globs.literal(f"/etc/{name}")])
        workshop.commit()
        workshop.accepted()


def test_a_name_that_differs_in_case_only(workshop: Workshop) -> None:
    workshop.git("mv", APP, f"{HERE}/App.ini")
    workshop.change(paths=["/etc/app.ini"])
    assert f"{HERE}/App.ini" in workshop.refused()


@pytest.mark.parametrize("content", [b"", b"\0\1\2\xff" * 50, b"a = 1\r\nb = 2\r\n", b"no end"])
def test_any_content(workshop: Workshop, content: bytes) -> None:
    workshop.write(f"{HERE}/new.ini", content)
    workshop.git("add", ".")
    workshop.refused()
    workshop.change()
    workshop.commit()
    workshop.accepted()
    workshop.git("rm", "-q", f"{HERE}/new.ini")
    workshop.commit()


def test_comments_and_form_need_no_change_unless_the_policy_wants_one(workshop: Workshop) -> None:
    workshop.stage(APP, "# why\n[db]\npool = 20\nhost = db-01\n")
    workshop.commit("-m", "A comment")
    assert workshop.trailers() == []
    workshop.stage(APP, "# why\n[db]\n\npool   =   20\nhost = db-01\n")
    workshop.commit("-m", "White space")
    workshop.accepted("HEAD~2..")
    workshop.policy(POLICY, 'comments_only = "refuse"', 'format_only = "refuse"')
    workshop.stage(APP, "# why not\n[db]\n\npool   =   20\nhost = db-01\n")
    workshop.refused()
    workshop.stage(APP, "# why\n[db]\npool = 20\nhost = db-01\n")
    workshop.refused()


def test_another_order_may_mean_something(workshop: Workshop) -> None:
    workshop.stage(APP, "[db]\nhost = db-01\npool = 20\n")
    workshop.refused()


def test_a_comment_and_a_value_are_a_value(workshop: Workshop) -> None:
    workshop.stage(APP, "# why\n[db]\npool = 21\nhost = db-01\n")
    workshop.refused()


@pytest.mark.slow
def test_a_secret_alone_is_an_edit_and_shown_nowhere(workshop: Workshop) -> None:
    old, new = "correct-horse-battery-staple", "tr0ub4dor-and-three"
    workshop.base(**{APP: f"[db]\npassword = {old}\n"})
    workshop.stage(APP, f"[db]\npassword = {new}\n")
    said = workshop.refused()
    said += workshop.ask("hook", "check", "--json", code=1).said
    workshop.bypass("commit", "-qm", f"password = {new}")
    said += workshop.ask("hook", "check-range", "HEAD^!", "--json", code=1).said
    said += workshop.ask("hook", "check-range", "HEAD^!", code=1).said
    workshop.bypass("reset", "-q", "--soft", "HEAD~1")
    workshop.change()
    workshop.commit("-m", "Another password")
    assert "password" in said
    held = b"".join(path.read_bytes() for path in workshop.home.rglob("*") if path.is_file())
    for secret in (old, new):
        assert secret not in said.replace(f"password = {new}", "")
        assert secret.encode() not in held


def test_what_is_generated_needs_none(workshop: Workshop) -> None:
    workshop.policy(POLICY, 'generated = ["hosts/*/etc/generated/**"]')
    workshop.stage(f"{HERE}/generated/a", "a\n")
    workshop.commit()
    workshop.accepted()


def test_a_service_speaks_for_its_hosts_and_a_host_for_no_service(workshop: Workshop) -> None:
    workshop.stage(APP, "[db]\npool = 1\n")
    workshop.change(on=["service:shop"])
    workshop.commit()
    workshop.accepted()
    workshop.stage("hosts/w2/etc/a", "a\n")
    workshop.refused()
    workshop.bypass("reset", "-q", "--hard")
    workshop.change("On the host", on=["host:w1"])
    over = [change.id for change in workshop.ledger.changes(open_only=True) if change.title != "On the host"]
    workshop.over(over[0])
    workshop.stage(SHOP, "replicas: 3\n")
    workshop.refused()


@pytest.mark.slow
def test_a_change_on_all_and_a_host_that_nobody_knows(workshop: Workshop) -> None:
    workshop.stage("hosts/unknown/etc/a", "a\n")
    assert "host:unknown" in workshop.refused()
    workshop.bypass("commit", "-qm", "Past it")
    assert workshop.found() == ["Past it"]
    workshop.bypass("reset", "-q", "--soft", "HEAD~1")
    change = workshop.change(on=["all"])
    workshop.commit()
    assert workshop.trailers() == [change]
    workshop.accepted()
    workshop.stage(FSTAB, "a\n")
    workshop.commit()
