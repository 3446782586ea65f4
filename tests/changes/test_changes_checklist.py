"""Which checklist a change gets, which item somebody means, and what ticks it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.changes import Details, planned_change
from changelog_ledger.changes.checklist import find_item, new_item, proven_by, seen_words, tickable, ticked, waived, with_checklist
from changelog_ledger.changes.default_checklist import CATEGORY_ITEMS, DEFAULT_ITEMS
from changelog_ledger.errors import Ambiguous, InvalidInput, NotFound, TransitionRefused
from changelog_ledger.model.change import Item, ItemState, Level, Status
from changelog_ledger.model.evidence import Delta, Op, RecordedDelta
from changelog_ledger.model.policy import Policy
from changelog_ledger.model.topology import Target

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def plan(**details):
    return planned_change(
        id="CHG-7K3M9Q", title="Move", on=[Target.host("web-01")], actor="ada", recorded_at=NOON, details=Details(**({"impact": "medium"} | details))
    )


def names(change):
    return [item.name for item in change.items]


def found(path, op=Op.CHANGED, key=None):
    return RecordedDelta("EV-3F7K2M", "web-01", "01J", NOON, NOON + timedelta(minutes=5), Delta(path, key, op))


def test_what_does_enough_gets_the_list_that_people_forget_from():
    assert names(with_checklist(plan(), Policy(), {})) == [
        "servers", "configurations", "user profiles", "firewalls", "IP addresses", "DNS", "certificates", "monitoring",
        "backups", "partners", "users",
    ]  # fmt: skip


@pytest.mark.parametrize("details", [{"impact": None}, {"impact": "low"}, {"impact": "high", "items": ["my own"]}])
def test_what_does_little_or_brings_its_own_gets_none(details):
    change = plan(**details)
    assert with_checklist(change, Policy(), {}) == change


def test_the_policy_says_from_when_on():
    assert with_checklist(plan(impact="low"), Policy(checklist_from=Level.LOW), {}).items == DEFAULT_ITEMS
    assert with_checklist(plan(impact="medium"), Policy(checklist_from=Level.HIGH), {}).items == ()


@pytest.mark.parametrize("word", ["certificate", "tls", "TLS", "certificates"])
def test_a_category_adds_its_own_by_any_of_its_names(word):
    assert with_checklist(plan(category=[word]), Policy(), {}).items == (*DEFAULT_ITEMS, *CATEGORY_ITEMS["certificate"])


def test_the_home_replaces_default_and_category_and_no_text_comes_twice():
    own = {"default": (Item("a"), Item("b")), "firewall": (Item("b"), Item("c")), "payment": (Item("bank told"),)}
    change = with_checklist(plan(category=["firewall", "payment", "unheard-of"]), Policy(), own)
    assert names(change) == ["a", "b", "c", "bank told"]


def test_every_built_in_item_is_short_and_known_by_its_first_word():
    for extra in ((), *CATEGORY_ITEMS.values()):
        items = (*DEFAULT_ITEMS, *extra)
        assert all(len(item.text) <= 95 and item.name != item.text for item in items)
        change = replace(plan(), items=items)
        assert [find_item(change, item.name) for item in items] == list(items)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("4", "firewalls"), ("fire", "firewalls"), ("FIREWALLS", "firewalls"), ("users", "users"), ("user prof", "user profiles"),
        ("ip", "IP addresses"),
        ("expiry", "certificates"), (" dns ", "DNS"), ("11", "users"), ("standby", "servers"),
    ],
)  # fmt: skip
def test_an_item_is_known_by_number_beginning_or_word(text, name):
    assert find_item(with_checklist(plan(), Policy(), {}), text).name == name


def test_an_item_that_cannot_be_told_is_refused_with_what_there_is():
    change = with_checklist(plan(), Policy(), {})
    with pytest.raises(Ambiguous, match="'servers', 'configurations'"):
        find_item(change, "machine")
    for text in ("nothing like it", "", "12", "0", "²"):
        with pytest.raises(NotFound, match="'servers', 'configurations'"):
            find_item(change, text)
    with pytest.raises(NotFound, match="has no checklist"):
        find_item(plan(impact="low"), "firewalls")


@given(
    st.lists(
        st.text(min_size=1, max_size=30).map(lambda text: " ".join(text.split())).filter(bool).filter(lambda text: not text.isdecimal()),
        min_size=1,
        max_size=8,
        unique=True,
    )
)
def test_every_item_can_be_named_by_its_number(texts):
    change = replace(plan(), items=tuple(map(Item, texts)))
    assert [find_item(change, str(number)) for number in range(1, len(texts) + 1)] == list(change.items)


def test_a_text_that_was_typed_exactly_wins_over_the_number():
    change = replace(plan(), items=tuple(map(Item, ["2", "b", "7"])))
    assert [find_item(change, text).text for text in ("2", "1", "3", "7")] == ["2", "2", "7", "7"]


def test_what_proved_an_item_is_kept():
    done = ticked(Item("servers"), "both moved")
    assert ticked(done, "") == done
    assert ticked(done, "seen again").because == "seen again"
    assert ticked(waived(Item("servers"), "none here"), "").because == ""


def test_a_difference_at_its_paths_proves_an_open_item():
    change = with_checklist(plan(), Policy(), {})
    change = replace(change, items=tuple(ticked(item, "by hand") if item.name == "DNS" else item for item in change.items))
    seen = [
        found("/etc/nginx/nginx.conf"),
        found("/etc/nftables.conf", key="table[inet]"),
        found("/etc/bind/named.conf"),
        found("/etc/ssl/x.pem", Op.ADDED),
    ]
    proven = {item.name: seen_words(delta) for item, delta in proven_by(change, seen)}
    assert proven == {"firewalls": "seen: /etc/nftables.conf changed (EV-3F7K2M)", "certificates": "seen: /etc/ssl/x.pem added (EV-3F7K2M)"}
    assert list(proven_by(replace(change, items=(Item("no paths"),)), seen)) == []


def test_a_waiver_needs_its_reason_and_a_cancelled_change_is_left_alone():
    with pytest.raises(InvalidInput, match="nothing says why 'DNS'"):
        waived(Item("DNS: change the names"), "  ")
    assert waived(Item("DNS"), " no names ") == Item("DNS", ItemState.WAIVED, "no names")
    with pytest.raises(TransitionRefused, match="cancelled"):
        tickable(replace(plan(), status=Status.CANCELLED))


def test_a_new_item_says_something_new():
    change = replace(plan(), items=(Item("standby"),))
    assert new_item(change, " shop \n answers ", " true ", ["/etc/x"]) == Item("shop answers", command="true", paths=("/etc/x",))
    for text in ("", " \n", "standby", "x" * 501):
        with pytest.raises(InvalidInput):
            new_item(change, text)


def test_an_item_given_twice_is_one_with_all_that_proves_it():
    items = [Item("rule is in", command="true"), "rule is in", Item("rule  is in", paths=("/etc/a",)), Item("rule is in", paths=("/etc/b",))]
    assert plan(items=items).items == (Item("rule is in", command="true", paths=("/etc/a", "/etc/b")),)
