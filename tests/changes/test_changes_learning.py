"""What past changes teach about a new one."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.changes.learning import CONFIDENCE, MOST_PROPOSALS, MOST_TOUCHED, SUPPORT, PastChange, past_change, propose
from changelog_ledger.model.change import Change, Item, Proposal, Status
from changelog_ledger.model.topology import Target

HAPROXY, NFT, NOISE = "/etc/haproxy/haproxy.cfg", "/etc/nftables.conf", "/etc/adjtime"
PLANNED = Change("CHG-000001", "New backend", Status.PLANNED, (Target.host("lb-01"),), paths=(HAPROXY,))


def past(*touched: str, times: int = 1, here: bool = True, category: str = "", name: str = "P") -> list[PastChange]:
    words = frozenset({category} - {""})
    return [PastChange(f"{name}-{'-'.join(touched)}-{number}", frozenset(touched), words, here) for number in range(times)]


def test_in_nine_of_ten_past_changes_the_firewall_changed_too() -> None:
    history = past(HAPROXY, NFT, times=9) + past(HAPROXY)
    assert propose(PLANNED, history) == (Proposal("firewall", 9, 10, (NFT,), HAPROXY),)


def test_a_glob_stands_for_the_paths_that_it_covers() -> None:
    planned = replace(PLANNED, paths=("/etc/haproxy/**",))
    (found,) = propose(planned, past(HAPROXY, "/etc/haproxy/errors/503.http", NFT, times=6))
    assert (found.text, found.support, found.of, found.given) == ("firewall", 6, 6, "/etc/haproxy/**")


def test_a_category_stands_for_the_changes_that_have_it() -> None:
    planned = replace(PLANNED, paths=(), category=("release",))
    history = past("/srv/app.conf", "/etc/app.ini", times=7, category="release") + past("/srv/app.conf", times=9)
    assert [(each.text, each.given) for each in propose(planned, history)] == [("/etc/app.ini", "category release")]


def test_four_are_too_few_and_two_thirds_too_seldom() -> None:
    assert propose(PLANNED, past(HAPROXY, NFT, times=4)) == ()
    assert propose(PLANNED, past(HAPROXY, NFT, times=6) + past(HAPROXY, times=3)) == ()
    assert propose(PLANNED, past(HAPROXY, NFT, times=7) + past(HAPROXY, times=3)) != ()


def test_what_changes_with_everything_is_proposed_for_nothing() -> None:
    history = past(HAPROXY, NOISE, NFT, times=9) + past("/etc/app.ini", NOISE, times=20)
    assert [each.text for each in propose(PLANNED, history)] == ["firewall"]


def test_noise_of_one_host_is_noise_though_other_hosts_have_none() -> None:
    history = past(HAPROXY, NOISE, times=9) + past("/etc/app.ini", NOISE, times=6) + past("/etc/app.ini", times=200, here=False, name="far")
    assert propose(PLANNED, history) == ()


def test_the_same_targets_are_asked_first_and_everything_where_they_know_too_little() -> None:
    elsewhere = past(HAPROXY, "/etc/rsyslog.conf", times=10, here=False, name="far")
    assert [each.text for each in propose(PLANNED, elsewhere + past(HAPROXY, times=4))] == ["/etc/rsyslog.conf"]
    assert propose(PLANNED, elsewhere + past(HAPROXY, times=5)) == ()


def test_what_is_declared_or_listed_already_is_not_proposed() -> None:
    history = past(HAPROXY, NFT, "/etc/nftables.d/web.nft", times=9)
    assert propose(replace(PLANNED, paths=(HAPROXY, NFT)), history) == ()
    assert propose(replace(PLANNED, category=("firewall",)), history) == ()
    assert propose(replace(PLANNED, items=(Item("Firewall rules on both ends"),)), history) == ()
    assert propose(replace(PLANNED, items=(Item("rules are in", paths=("/etc/nftables*",)),)), history) == ()
    assert propose(replace(PLANNED, items=(Item("partner informed"),)), history) != ()


def test_one_who_declares_nothing_gets_no_advice() -> None:
    assert propose(replace(PLANNED, paths=()), past(HAPROXY, NFT, times=20)) == ()


def test_the_upgrade_of_a_system_says_nothing_about_what_belongs_together() -> None:
    everything = [HAPROXY, NFT, *(f"/usr/lib/{number}" for number in range(MOST_TOUCHED))]
    assert propose(PLANNED, past(*everything, times=9)) == ()


def test_past_changes_are_known_by_what_they_touched_and_by_what_they_named() -> None:
    made = replace(PLANNED, paths=(NFT, "/etc/haproxy/**", "relative.conf"), category=("firewall",))
    assert past_change(made, [HAPROXY], here=True) == PastChange(made.id, frozenset({HAPROXY, NFT}), frozenset({"firewall"}), True)


def test_a_category_that_names_an_area_counts_as_touching_it() -> None:
    (found,) = propose(PLANNED, past(HAPROXY, times=6, category="firewall"))
    assert (found.text, found.paths) == ("firewall", ())


PATHS = st.frozensets(st.sampled_from([HAPROXY, NFT, NOISE, "/etc/hosts", "/etc/ssl/a.pem", "/etc/x", "/etc/y"]), max_size=5)
HISTORY = st.lists(st.tuples(PATHS, st.booleans()), max_size=40)


@given(HISTORY)
def test_every_proposal_is_what_the_history_says(history: list[tuple[frozenset[str], bool]]) -> None:
    known = [PastChange(f"P-{number}", touched, here=here) for number, (touched, here) in enumerate(history)]
    found = propose(PLANNED, known)
    assert len(found) <= MOST_PROPOSALS
    assert [each.confidence for each in found] == sorted((each.confidence for each in found), reverse=True)
    for proposal in found:
        assert SUPPORT <= proposal.support <= proposal.of <= sum(HAPROXY in touched for touched, _ in history)
        assert proposal.confidence >= CONFIDENCE
        assert HAPROXY not in proposal.paths
    assert found == propose(PLANNED, list(reversed(known)))
