"""What is secret by its look, wherever it stands, as data. What belongs to a product stands in ``formats/secrets``; what names say, in ``words``.

All patterns run over bytes, have no nested repetition, and bound whatever comes before the part that they search for, so time is linear.
"""

from __future__ import annotations

import re

from changelog_ledger.model.secret_rules import Spelling, secret_pattern

PLACEHOLDER = re.compile(rb"<secret:[0-9a-f]{2,64}>")
"""What a masked value reads."""

PATTERNS = (
    secret_pattern(
        "password in a URL",
        rb"://[^\s/:@\"'<>]{0,128}:(?P<secret>[^\s/\"'<>@][^\s/\"'<>]{0,255})@",
        (b"://",),
        spelling=Spelling.PERCENT,
    ),
    secret_pattern(
        "token in a URL",
        rb"https?://(?P<secret>(?=[^\s/@]{0,255}[0-9])[A-Za-z0-9_.~%-]{16,255})@",
        (b"://",),
        spelling=Spelling.PERCENT,
    ),
    secret_pattern(  # RFC 9110
        "authorization header",
        rb"(?i:authorization)(?:[\"']?[ \t]{0,8}(?:[:=,]|=>)[ \t]{0,8}[\"']?|[\"']?[ \t]{1,8}[\"'])"
        rb"(?i:bearer|basic|token|digest|negotiate|apikey|api-key|key|splunk)[ \t]+(?P<secret>[^\s\"',;<>\\]+)",
        (b"authorization",),
    ),
    secret_pattern("bearer token", rb"(?i:\bbearer)[ \t]+(?P<secret>(?=[^\s]{0,80}[0-9])[A-Za-z0-9+/._~-]{16,}=*)", words="bearer"),
    secret_pattern("AWS key id", rb"(?P<secret>A(?:KIA|SIA)[0-9A-Z]{16})(?![0-9A-Za-z])", (b"akia", b"asia")),
    secret_pattern("GitHub token", rb"(?P<secret>gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{22,})", words="ghp gho ghu ghs ghr github"),
    secret_pattern("GitLab token", rb"(?P<secret>gl(?:pat|rt|dt|soat|cbt|ptt)-[\w-]{20,})", words="glpat glrt gldt glsoat glcbt glptt"),
    secret_pattern("npm token", rb"(?P<secret>npm_[A-Za-z0-9]{36})", words="npm"),
    secret_pattern("PyPI token", rb"(?P<secret>pypi-[A-Za-z0-9_-]{32,})", words="pypi"),
    secret_pattern("Docker Hub token", rb"(?P<secret>dckr_[ps]at_[\w-]{20,})", words="dckr"),
    secret_pattern("Hugging Face token", rb"(?P<secret>hf_(?<![A-Za-z0-9]hf_)[A-Za-z0-9]{30,})", words="hf"),
    secret_pattern("Google API key", rb"(?P<secret>AIza[\w-]{35})", (b"aiza",)),
    secret_pattern("SendGrid key", rb"(?P<secret>SG\.(?<![A-Za-z0-9]SG\.)[\w-]{16,}\.[\w-]{16,})", words="sg"),
    secret_pattern("Vault token", rb"(?P<secret>hv[sb]\.[\w-]{20,})", words="hvs hvb"),
    secret_pattern("DigitalOcean token", rb"(?P<secret>do[opr]_v1_[0-9a-f]{40,})", words="dop doo dor"),
    secret_pattern("Slack token", rb"(?P<secret>xox[abeprs]-[\w-]{10,}|xapp-[\w-]{10,})", words="xoxa xoxb xoxe xoxp xoxr xoxs xapp"),
    secret_pattern("payment key", rb"(?P<secret>sk_(?:live|test)_\w{16,})", words="sk"),
    secret_pattern("restricted payment key", rb"(?P<secret>rk_(?:live|test)_\w{16,})", words="rk"),
    secret_pattern("webhook signing key", rb"(?P<secret>whsec_[\w+/=]{20,})", words="whsec"),
    secret_pattern("key of a model provider", rb"(?P<secret>sk-(?<![A-Za-z0-9]sk-)(?=[\w-]{0,80}[0-9])[\w-]{20,})", words="sk"),
    secret_pattern("shop token", rb"(?P<secret>shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32})", words="shpat shpca shppa shpss"),
    secret_pattern("age identity", rb"(?P<secret>AGE-SECRET-KEY-1[0-9A-Z]{20,})", (b"age-secret-key-",)),
    secret_pattern("JSON web token", rb"(?P<secret>eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]+)", (b"eyj",)),
)
"""Tried on every file: so each has needles, and they are rare."""

LONE_SECRET = re.compile(rb"^[ \t]*(?P<secret>[^\s#;][^\r\n]{5,})$", re.MULTILINE)
"""A line that is nothing but a secret, in a file whose name says that it holds one."""

PEM_BEGIN = re.compile(rb"-----BEGIN (?:[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?|OpenVPN Static key V1|OpenVPN tls-crypt-v2 (?:client|server) key)-----")
PEM_END = re.compile(rb"-----END [A-Za-z0-9 -]{0,60}-----")
PEM_HEADER = re.compile(rb"[ \t]*(?:Proc-Type|DEK-Info|Version|Comment|Hash):[^\n]*")
