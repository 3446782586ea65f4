"""The home's own rules: names, patterns, paths, and what is no secret whatever others say."""

import pytest

from changelog_ledger.errors import SettingsError
from changelog_ledger.formats.secrets import CATALOGUE
from changelog_ledger.model.rules import SecretRule
from changelog_ledger.redaction import RuleSet
from changelog_ledger.settings import parse_settings
from tests.redaction.rules import redact


def masked(content, *rules, path="/etc/till/a.conf"):
    return redact(path, content, lambda _secret: "abcdef", RuleSet(CATALOGUE, rules)).content


@pytest.mark.parametrize("name", [b"operator_pin", b"operator-pin", b"OPERATOR_PIN", b"operatorPin"])
def test_case_and_separators_of_a_name_do_not_matter(name):
    rule = SecretRule("pin", keys=("operator_pin",))
    assert masked(name + b" = 4711\n", rule) == name + b" = <secret:abcdef>\n"


def test_a_star_is_any_part_of_a_name():
    rule = SecretRule("codes", keys=("*_code",))
    assert masked(b"door_code: 1\nzip_code: 2\ncodes: 3\n", rule) == b"door_code: <secret:abcdef>\nzip_code: <secret:abcdef>\ncodes: 3\n"


def test_a_pattern_masks_its_group():
    rule = SecretRule("pin", pattern=r"PIN (?P<secret>\d{4})")
    assert masked(b"PIN 4711 of the till, PIN 0815\n", rule) == b"PIN <secret:abcdef> of the till, PIN <secret:abcdef>\n"


def test_a_rule_holds_for_its_paths_only():
    rule = SecretRule("pin", keys=("pin",), paths=("/etc/till/**",))
    assert masked(b"pin = 4711\n", rule, path="/etc/other.conf") == b"pin = 4711\n"


def test_what_is_said_to_be_no_secret_wins():
    rule = SecretRule("mirror", keys=("mirror_key", "mirror_password"), secret=False)
    content = b"mirror_password = shown\npassword = hunter2\n"
    assert masked(content, rule) == b"mirror_password = shown\npassword = <secret:abcdef>\n"
    by_pattern = SecretRule("example", pattern=r"password = (?P<secret>example)", secret=False)
    assert masked(b"password = example\n", by_pattern) == b"password = example\n"


SETTINGS = 'host = "a"\nstream = "b"\n[[redaction]]\nname = "x"\npattern = \'%s\'\n'


@pytest.mark.parametrize("pattern", ["(?P<secret>a+)+", "(?P<secret>(a|b)*)", "no group", "(?P<secret>"])
def test_a_pattern_that_could_hang_or_means_nothing_is_refused(pattern):
    with pytest.raises(SettingsError, match="redaction"):
        parse_settings(SETTINGS % pattern, "ledger.toml")


def test_a_good_pattern_is_taken():
    (rule,) = parse_settings(SETTINGS % r"^PIN[ ]+(?P<secret>\d{4})$", "ledger.toml").secret_rules
    assert rule.pattern.startswith("^PIN")
