"""Applications: XML settings in pairs, Java, Terraform, Asterisk, npm, rsync, clouds."""

from __future__ import annotations

from changelog_ledger.model.secret_rules import VALUE, SecretCatalogue, Spelling, secret_pattern

_NAME = rb"(?P<name>[\w.-]{1,128})"

CATALOGUE = SecretCatalogue(
    patterns=(
        secret_pattern(  # Hadoop, web.xml, property lists
            "XML name and value",
            rb"<(?:name|key|param-name|env-entry-name)>\s{0,64}" + _NAME + rb"\s{0,64}</[\w-]{1,32}>\s{0,256}"
            rb"<(?:value|param-value|env-entry-value|string)>(?P<secret>[^<]{1,8192})</",
            spelling=Spelling.XML,
            words="value string",
        ),
        secret_pattern(
            "XML value before its name",
            rb"value=\"(?P<secret>[^\"\n]{1,1024})\"[ \t]{1,16}(?:name|key)=\"" + _NAME + rb"\"",
            spelling=Spelling.XML,
            words="value",
        ),
        secret_pattern(
            "JSON value before its name",
            rb"\"[vV]alue\"\s{0,16}:\s{0,16}(?P<secret>\"(?:[^\"\\\n]|\\.)*+\")\s{0,16},\s{0,64}\"(?:[nN]ame|[kK]ey)\"\s{0,16}:\s{0,16}\""
            + _NAME
            + rb"\"",
            words="value",
        ),
        secret_pattern(
            "default of a Terraform variable",
            rb"^[ \t]*variable[ \t]+\"" + _NAME + rb"\"[ \t]*\{[^{}]{0,600}?\bdefault[ \t]*=[ \t]*" + VALUE,
            words="variable",
        ),
        secret_pattern(  # https://docs.asterisk.org: register => user[:secret[:authuser]]@host
            "Asterisk registration", rb"^[ \t]*register[ \t]*=>?[ \t]*[^\s:@/]{1,64}:(?P<secret>[^@:\s]+)", words="register"
        ),
        secret_pattern("rsync secrets", rb"^[^:\n#\s][^:\n]*+:(?P<secret>[^\r\n]+)", paths=("rsyncd.secrets*", "rsync*.secrets")),
        secret_pattern("npm registry", rb"_(?<!\w_)(?:auth|authToken|password)[ \t]*=[ \t]*" + VALUE, (b"_auth", b"_password")),
        secret_pattern("Docker registry", rb"\"auth\"\s{0,16}:\s{0,16}" + VALUE, (b'"auths"',), spelling=Spelling.BASE64),
        secret_pattern(
            "registry in a file of its own",
            rb"\"auth\"\s{0,16}:\s{0,16}" + VALUE,
            (b'"auth"',),
            ("/root/.docker/config.json*", ".docker/config.json*", ".dockercfg", ".dockerconfigjson", "containers/auth.json"),
            Spelling.BASE64,
        ),
        secret_pattern("Azure shared access signature", rb"[?&;]sig=(?P<secret>[^&\s\"'<]{8,})", spelling=Spelling.PERCENT, words="sig"),
        secret_pattern("Slack webhook", rb"hooks\.slack\.com/services/\w{1,32}/\w{1,32}/(?P<secret>\w{8,})", words="slack"),
        secret_pattern("Discord webhook", rb"discord(?:app)?\.com/api/webhooks/\d{1,24}/(?P<secret>[\w-]{16,})", words="webhooks"),
        secret_pattern("Jenkins secret", rb"(?P<secret>\{AQAAABAAAA[A-Za-z0-9+/=]{20,}\})", words="hudson jenkins password secret token"),
        secret_pattern(
            "git credentials", rb"^[a-z+]{2,20}://[^:/@\s]{0,128}:(?P<secret>[^@\s/]+)@", paths=(".git-credentials",), spelling=Spelling.PERCENT
        ),
        secret_pattern("subversion password", rb"^password$\n^V \d+$\n(?P<secret>[^\r\n]+)", paths=(".subversion/**",)),
        secret_pattern(
            "plain list of passwords", rb"^[ \t]*(?P<secret>[^\s#;][^\r\n]*)", paths=("passwords.txt", "passwords.lst", "password.txt", ".passwords")
        ),
    ),
)
