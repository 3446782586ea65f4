"""Which field a text speaks of, by the words that were learnt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.investigation.subjects import SUBJECTS
from changelog_ledger.investigation.telling_words import Table, chances
from changelog_ledger.investigation.vocabulary import words_of


def likeliest(text, table):
    found = chances(dict.fromkeys(words_of(text), 1.0), table)
    return max(found, key=found.get)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("NXDOMAIN for half of the names", "name resolution"),
        ("browser warns that the certificate is not valid", "certificates"),
        ("nobody at the branch can print", "printing"),
        ("replica is hours behind its primary", "replication"),
    ],
)
def test_people_complain_in_their_own_words(text, field):
    assert likeliest(text, Table.COMPLAINTS) == field


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("zone file: new serial, CNAME for the shop", "name resolution"),
        ("renew the wildcard chain by certbot", "certificates"),
        ("/etc/nftables.conf chain input policy drop", "packet filtering"),
        ("unattended kernel and glibc update", "base system"),
    ],
)
def test_work_is_told_in_the_words_of_its_trade(text, field):
    assert likeliest(text, Table.WORK) == field


def test_nothing_is_learnt_from_words_that_nobody_said():
    assert chances({"zzq": 1.0}, Table.WORK) == chances({}, Table.COMPLAINTS) == {}


@given(st.dictionaries(st.sampled_from(["cert", "dns", "queue", "disk", "zzq", "502", "login"]), st.floats(0, 1)), st.sampled_from(Table))
def test_chances_are_shares_of_fields_that_exist(bag, table):
    found = chances(bag, table)
    assert found.keys() <= {subject.name for subject in SUBJECTS}
    assert all(chance > 0 for chance in found.values())
    assert sum(found.values()) <= 1.0 + 1e-9
