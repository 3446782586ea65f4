from __future__ import annotations

import os
import random
import time

import pytest

from changelog_ledger.snapshots.stat_cache import UNTRUSTED, StatCache, load, remembered, save

COMMIT = "a" * 40
NOW = 1_800_000_000_123_456_789


def signature(changed=10**18 + 1, size=5):
    return (changed, changed, size, 77, 0o100644, 0, 0)


def test_round_trip(tmp_path):
    cache = StatCache(COMMIT, "k", {"/etc": {"hosts": signature(), "\udcff\n": signature(size=9)}, "/empty": {}, "/": {"etc": signature()}})
    save(tmp_path / "sub/c", cache)
    assert load(tmp_path / "sub/c", commit=COMMIT, key="k") == cache
    assert (tmp_path / "sub/c").stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path / "sub") == ["c"]
    save(tmp_path / "none", StatCache(COMMIT, "k"))
    assert load(tmp_path / "none", commit=COMMIT, key="k").signatures == {}


def test_what_does_not_fit_is_not_used(tmp_path):
    path = tmp_path / "c"
    save(path, StatCache(COMMIT, "k", {"/etc": {"hosts": signature()}}))
    for commit, key in (("b" * 40, "k"), (COMMIT, "other rules"), (None, "k")):
        assert load(path, commit=commit, key=key).signatures == {}
    assert load(tmp_path / "absent", commit=COMMIT, key="k").signatures == {}


def test_damage_is_noticed(tmp_path):
    path = tmp_path / "c"
    save(path, StatCache(COMMIT, "k", {"/etc": {"hosts": signature()}}))
    good, dice = path.read_bytes(), random.Random(1)
    for _ in range(300):
        bad = bytearray(good)
        place = dice.randrange(len(bad))
        bad[place] ^= 1 << dice.randrange(8)
        path.write_bytes(bad[: dice.randrange(len(bad))] if dice.random() < 0.3 else bad)
        assert load(path, commit=COMMIT, key="k").signatures in ({}, {"/etc": {"hosts": signature()}})


def test_young_files_are_remembered_and_not_trusted():
    def kept(changed):
        return remembered({"/e": {"x": signature(changed)}}, {}, [("/e/x", signature(changed))], as_of_ns=NOW)["/e"]["x"] != UNTRUSTED

    assert kept(NOW - 30_000_000)
    assert not kept(NOW - 1_000_000)
    assert not kept(NOW + 1)
    assert not kept((NOW // 10**9 - 1) * 10**9)  # whole seconds: a coarse clock
    assert kept((NOW // 10**9 - 3) * 10**9)


def test_what_was_not_captured_is_not_trusted():
    known = {"/e": {"same": signature()}}
    found = {"/e": {"same": signature(), "gone": signature(), "unreadable": signature(), "new": signature(size=1)}}
    after = remembered(found, known, [("/e/new", signature(size=2)), ("/e/unreadable", None)], unknown=["/e/d"], as_of_ns=NOW)
    untrusted = {"gone": UNTRUSTED, "unreadable": UNTRUSTED}
    assert after == {"/e": {"same": signature(), "new": signature(size=2), **untrusted}, "/e/d": {}}
    assert remembered(known, known, [], as_of_ns=NOW) is known
    assert remembered({"/e": {}}, {"/f": {"x": signature()}}, [], as_of_ns=NOW, partly=True) == {"/f": {"x": signature()}, "/e": {}}


def test_numbers_that_do_not_fit_are_not_trusted(tmp_path):
    vast = (2**64, 1, 1, 2**64 - 1, 1, 1, 1)
    kept = remembered({"/e": {"x": vast}}, {}, [("/e/x", vast)], as_of_ns=2**65)
    assert kept == {"/e": {"x": UNTRUSTED}}
    save(tmp_path / "c", StatCache(COMMIT, "k", kept))
    before_1677 = (-(2**63) - 1, 1, 1, 1, 1, 1, 1)  # touch -d 1500-01-01
    assert remembered({"/e": {"x": before_1677}}, {}, [("/e/x", before_1677)], as_of_ns=2**61) == {"/e": {"x": UNTRUSTED}}


@pytest.mark.slow
def test_twenty_thousand_load_quickly(tmp_path):
    save(tmp_path / "c", StatCache(COMMIT, "k", {f"/e/{d}": {f"file{n}": signature(10**18 + n) for n in range(100)} for d in range(200)}))
    started = time.process_time()
    assert len(load(tmp_path / "c", commit=COMMIT, key="k").signatures) == 200
    assert time.process_time() - started < 0.1  # 0.01 on an idle machine
