"""Passwords that are given to a command's standard input: ``echo SECRET | kinit bob``, ``passwd bob <<< SECRET``."""

from __future__ import annotations

from changelog_ledger.model.secret_rules import SecretCatalogue, SecretPattern, Spelling, secret_pattern

_READERS = (  # programs that read a password there
    rb"(?:(?:passwd|smbpasswd|kpasswd|vncpasswd|mkpasswd|saslpasswd2|slappasswd|argon2|kinit|htpasswd)(?![\w.-])|openssl[ \t]+passwd"
    rb"|cryptsetup[ \t]|(?:docker|podman)[ \t]+secret[ \t]+create|(?:elasticsearch|kibana|logstash)-keystore[ \t]+add|sudo[ \t]+(?:-S|--stdin)(?!\S))"
)
_STARTED = rb"(?:sudo[ \t]+(?:-[nEH][ \t]+)?)?(?:/[\w/.-]{0,100}/)?"
_WORDS = (
    "passwd smbpasswd kpasswd vncpasswd mkpasswd saslpasswd2 slappasswd argon2 kinit htpasswd cryptsetup docker podman elasticsearch kibana logstash"
)


def _written(writer: str) -> SecretPattern:
    """What ``echo`` or ``printf`` writes into a program that reads a password. A rule each: a search for a plain word is quick."""
    return secret_pattern(
        f"{writer} to a reader of passwords",
        writer.encode() + rb"[ \t]+(?:-\w+[ \t]+)?(?:'?%s(?:\\n)?'?[ \t]+)?(?P<secret>\"[^\"\n]+\"|'[^'\n]+'|[^\s|;)\"'$-][^\s|;)\"'$]*)"
        rb"(?=[ \t]*(?:;[^|\n]{0,120})?\)?[ \t]*\|[ \t]*" + _STARTED + _READERS + rb")",
        words=_WORDS,
    )


def _written_to_standard_input(writer: str) -> SecretPattern:
    """The same where an option says so."""
    return secret_pattern(
        f"{writer} to standard input",
        writer.encode() + rb"[ \t]+(?:-\w+[ \t]+)?(?:'?%s(?:\\n)?'?[ \t]+)?(?P<secret>\"[^\"\n]+\"|'[^'\n]+'|[^\s|\"'$]+)[ \t]*\|[^|\n]{0,120}?"
        rb"(?:--password-stdin|--passwd-on-stdin|--stdin|--passphrase-fd|\bsudo[ \t]+-S|-S[ \t]|\bkinit\b|\bcryptsetup\b)",
        words="stdin fd sudo kinit cryptsetup",
    )


CATALOGUE = SecretCatalogue(
    patterns=(
        _written("echo"),
        _written("printf"),
        secret_pattern(
            "here-string to a reader of passwords",
            rb"<<<[ \t]*(?P<secret>\"[^\"\n]+\"|'[^'\n]+'|[^\s|;&)\"'$]+)",
            words=f"{_WORDS} sudo",
            lead=rb"(?<![\w-])" + _READERS,
        ),
        secret_pattern(
            "echo to debconf-set-selections",
            rb"password(?<=[ \t]password)[ \t]+(?P<secret>[^\s\"'|]{1,256})(?=[\"']?[ \t]*\|[^|\n]{0,60}debconf-set-selections)",
            words="debconf",
        ),
        secret_pattern(
            "here-string to debconf-set-selections",
            rb"password(?<=[ \t]password)[ \t]+(?P<secret>[^\s\"'|]{1,256})",
            words="debconf",
            lead=rb"debconf-set-selections[ \t]*<<<",
        ),
        secret_pattern(
            "echo to chpasswd",
            rb"\b(?:echo|printf)[ \t]+(?:-\w+[ \t]+)?[\"']?[^\s:\"'|]{1,64}:(?P<secret>[^\"'\n|]+?)[\"']?[ \t]*\|[^|\n]{0,40}?\bchpasswd\b",
            (b"chpasswd",),
            spelling=Spelling.BARE,
        ),
        secret_pattern("here-string to chpasswd", rb"chpasswd\b[^\n<]{0,40}<<<[ \t]*[\"']?[^\s:\"']{1,64}:(?P<secret>[^\s\"']+)", (b"chpasswd",)),
        _written_to_standard_input("echo"),
        _written_to_standard_input("printf"),
    ),
)
