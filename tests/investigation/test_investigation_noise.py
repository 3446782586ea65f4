"""What is noise and what is news: the judge by itself, with rules as somebody would write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.investigation.noise import NoiseJudge, sifted
from changelog_ledger.model.evidence import Delta, Op, RecordedDelta
from changelog_ledger.model.report import Suppressed
from changelog_ledger.model.rules import NoiseRule

PATH = "/etc/app/app.conf"
START = datetime(2026, 11, 17, 13, 0, tzinfo=UTC)


def lines(before: str | None, after: str | None, path: str = PATH) -> Delta:
    op = Op.ADDED if before is None else Op.REMOVED if after is None else Op.CHANGED
    return Delta(path, "lines 3-4", op, before, after, 3)


def key(name: str, before: object = "1", after: object = "2", op: Op = Op.CHANGED) -> Delta:
    return Delta(PATH, name, op, before, after)


def comments(before: str | None, after: str | None, note: str = "comments only") -> Delta:
    return Delta(PATH, None, Op.OPAQUE, before, after, note=note)


def rule(**given: tuple[str, ...]) -> NoiseRule:
    return NoiseRule("mine", **given)


def named(delta: Delta, *rules: NoiseRule) -> str:
    return NoiseJudge(rules).rule_of(delta)


@pytest.mark.parametrize(
    ("glob", "fitting", "others"),
    [
        ("serial", ["serial"], ["zone/serial", "serials", "serial/x", "serial[0]"]),
        (
            "**/serial",
            ["serial", "zone/serial", "a/b/serial", "zones[a.example].serial", "zone.serial"],
            ["zone/serial_2", "xserial", "zone/serial/x"],
        ),
        ("*/at", ["app/at", "app.at", '"a/b".at'], ["at", "a/b/at", "app/that"]),
        ("meta/managed/**", ["meta/managed", "meta.managed", "meta.managed[0].time", "meta/managed/x/y"], ["meta/managedBy", "x/meta/managed"]),
        ("items[*]/at", ["items[web].at", "items[a.example]/at", 'items["2"].at', "items[0]/at"], ["items.at", "items[web].x.at"]),
        ("server[*.example]/listen", ["server[shop.example]/listen"], ["server[shop.other]/listen", "server[a.example]/x/listen"]),
        ("app.*_at", ["app.updated_at"], ["app/updated_at", "app.x.updated_at", "app.updated_at.x"]),
        ("a?b", ["a?b"], ["axb"]),
        ("**", ["a", "a/b[c].d"], []),
    ],
)
def test_globs_over_keys(glob: str, fitting: list[str], others: list[str]) -> None:
    judge = NoiseJudge([rule(keys=(glob,))])
    assert [name for name in fitting if not judge.rule_of(key(name))] == []
    assert [name for name in others if judge.rule_of(key(name))] == []


def test_a_key_may_come_and_go_and_hold_anything() -> None:
    stamp = rule(keys=("**/at",))
    assert named(key("x/at", None, {"by": ["a"]}, Op.ADDED), stamp) == "mine"
    assert named(key("x/at", "1", None, Op.REMOVED), stamp) == "mine"
    assert named(key("x/at", "[1]", "[2]", Op.MOVED), stamp) == "mine"


def test_a_key_of_any_length_is_judged_at_once() -> None:
    assert named(key("a/" * 50_000 + "b"), rule(keys=("**/a/**/a/**/a/**/x",))) == ""


def test_paths_confine_a_rule() -> None:
    elsewhere = rule(paths=("/srv/**",), keys=("**",), lines=(".",))
    assert named(key("a"), elsewhere) == ""
    assert named(lines("a", "b", "/srv/app/x.conf"), elsewhere) == "mine"


def test_every_line_has_to_fit() -> None:
    stamp = rule(lines=(r"^# made at \d+$", r"^serial \d+$"))
    assert named(lines("# made at 1", "# made at 2"), stamp) == "mine"
    assert named(lines("# made at 1\nserial 1", "# made at 2\nserial 2"), stamp) == "mine"
    assert named(lines(None, "# made at 2"), stamp) == "mine"
    assert named(lines("# made at 1\nlisten 80", "# made at 2\nlisten 81"), stamp) == ""
    assert named(lines("# made at 1", "# made at 2\nlisten 81"), stamp) == ""
    assert named(lines("listen 80", "# made at 2"), stamp) == ""
    assert named(lines("listen 80", None), stamp) == ""


def test_lines_are_lines_of_the_file_and_no_values() -> None:
    assert named(key("a", "# made at 1", "# made at 2"), rule(lines=("made at",))) == ""


def test_rules_share_the_lines_of_one_difference_and_the_first_names_it() -> None:
    stamp, count = NoiseRule("stamp", lines=("^# made",)), NoiseRule("count", parts=(r"\[\d+\]",))
    both = lines("# made at 1\nin [5] accept", "# made at 2\nin [6] accept")
    assert named(both, stamp) == ""
    assert named(both, count) == ""
    assert named(both, stamp, count) == "stamp"
    assert named(both, count, stamp) == "count"


def test_parts_leave_the_rest_to_be_compared() -> None:
    count = rule(parts=(r"packets \d+ bytes \d+",))
    assert named(lines("dport 22 counter packets 1 bytes 2 accept", "dport 22 counter packets 3 bytes 4 accept"), count) == "mine"
    assert named(lines("dport 22 counter packets 1 bytes 2 accept", "dport 22 counter packets 3 bytes 4 drop"), count) == ""
    assert named(lines("dport 22 counter packets 1 bytes 2 accept", "dport 22 accept"), count) == "", "a counter that goes is an edit"
    assert named(lines("a packets 1 bytes 2", None), count) == ""
    assert named(lines("on", "off"), rule(parts=("on", "off"))) == "", "one part is not another"
    assert named(lines("a packets 1 bytes 2\nb", "a packets 3 bytes 4\nc"), count) == ""


def test_parts_hold_within_values_too() -> None:
    count = rule(parts=(r"seen \d+",))
    assert named(key("a/b", "x seen 1", "x seen 2"), count) == "mine"
    assert named(key("a/b", "x seen 1", "y seen 2"), count) == ""
    assert named(key("a/b", None, "x seen 2", Op.ADDED), count) == ""
    assert named(key("a/b", ["seen 1"], ["seen 2"]), count) == "", "what is no text is not searched"


def test_comments_count_line_by_line() -> None:
    stamp = rule(lines=(r"^# made at \d+$",))
    assert named(comments("# made at 1", "# made at 2"), stamp) == "mine"
    assert named(comments("# made at 1\n# by alice", "# made at 2\n# by bob"), stamp) == ""


def test_an_order_or_line_ends_are_in_no_line() -> None:
    anything = rule(lines=(".*",), parts=(".+",))
    assert named(comments("a", "a", "order only (of keys)"), anything) == ""
    assert named(comments(None, None, "line ends only (LF → CRLF)"), anything) == ""


def test_what_was_cut_short_is_no_noise() -> None:
    anything = rule(lines=(".*",), parts=(".+",))
    cut = "# made at 1\n… (7 lines more)"
    assert named(comments(cut, cut.replace("1", "2")), anything) == ""
    long = "x" * 2_000 + "… (30,000 characters in all)"
    assert named(lines(long, long.replace("30", "31")), anything) == ""
    assert named(key("a", long, long.replace("30", "31")), anything) == ""


def test_a_rule_of_paths_alone_means_all_content() -> None:
    whole = rule(paths=("/etc/app/**",))
    binary = Delta(PATH, None, Op.OPAQUE, {"bytes": 1}, {"bytes": 2}, note="binary content")
    for delta in (key("a"), lines("a", "b"), lines(None, "b"), comments("a", "b"), binary):
        assert named(delta, whole) == "mine"


EVERYTHING = NoiseRule("everything", paths=("/**",))
ALL_RULES = (
    EVERYTHING,
    NoiseRule("by all means", keys=("**",), lines=(".*",), parts=(".+",)),
)


@pytest.mark.parametrize(
    "delta",
    [
        Delta(PATH, None, Op.ADDED, None, "text"),
        Delta(PATH, None, Op.REMOVED, "text", None),
        Delta(PATH, None, Op.CHANGED, "text", "/etc/passwd", note="file became symlink"),
        Delta(PATH, None, Op.CHANGED, "a", "b", note="symlink retargeted"),
        Delta(PATH, None, Op.METADATA, "0644 root", "0666 root", note="mode"),
        Delta(PATH, "mode", Op.METADATA, "0644", "0666"),
    ],
)
def test_files_that_come_go_or_become_something_else_and_metadata_are_always_news(delta: Delta) -> None:
    assert named(delta, *ALL_RULES) == ""


def test_a_rule_that_says_nothing_takes_nothing() -> None:
    assert named(key("a"), NoiseRule("empty")) == ""
    assert named(lines("a", "b"), NoiseRule("empty")) == ""


TEXT = st.none() | st.text("ab1 \n#[]", max_size=12)
DELTAS = st.builds(
    Delta,
    st.sampled_from([PATH, "/etc/other"]),
    st.none() | st.sampled_from(["line 1", "lines 2-3", "a/b", "x.at"]),
    st.sampled_from([op for op in Op if op is not Op.OBSERVED]),
    TEXT,
    TEXT,
)
RULES = st.builds(
    NoiseRule,
    st.just("rule"),
    paths=st.sampled_from([(), (PATH,)]),
    keys=st.sampled_from([(), ("**/at",), ("**",)]),
    lines=st.sampled_from([(), ("^#",), ("a",)]),
    parts=st.sampled_from([(), (r"\d",), ("a", "b")]),
)


@given(DELTAS)
def test_without_rules_nothing_is_noise(delta: Delta) -> None:
    assert NoiseJudge(()).rule_of(delta) == ""


@given(DELTAS, st.lists(RULES, max_size=3))
def test_news_stays_news_whatever_the_rules(delta: Delta, rules: list[NoiseRule]) -> None:
    if NoiseJudge(rules).rule_of(delta):
        assert delta.op is not Op.METADATA
        assert delta.key is not None or delta.op is Op.OPAQUE


@given(st.lists(DELTAS, max_size=8), st.lists(RULES, max_size=2))
def test_everything_is_either_evidence_or_counted(deltas: list[Delta], rules: list[NoiseRule]) -> None:
    found = [RecordedDelta(f"EV-{number}", "web-01", "S", START, START + timedelta(hours=number), delta) for number, delta in enumerate(deltas)]
    kept, suppressed = sifted(found, NoiseJudge(rules))
    assert len(kept) + sum(each.count for each in suppressed) == len(found)
    assert [each for each in found if each in kept] == list(kept)


def test_noise_is_counted_by_host_path_and_rule() -> None:
    def seen(host: str, hours: int, delta: Delta) -> RecordedDelta:
        return RecordedDelta(f"EV-{host}{hours}", host, "S", START, START + timedelta(hours=hours), delta)

    stamp = NoiseRule("stamp", keys=("at",))
    found = [seen("web-02", 1, key("at")), seen("web-01", 3, key("at")), seen("web-01", 2, key("at")), seen("web-01", 4, key("port"))]
    kept, suppressed = sifted(found, NoiseJudge([stamp]))
    assert [each.delta.key for each in kept] == ["port"]
    assert suppressed == (
        Suppressed("stamp", "web-01", PATH, 2, START + timedelta(hours=3)),
        Suppressed("stamp", "web-02", PATH, 1, START + timedelta(hours=1)),
    )
