"""Values that are no secret under any name, and values that look like one under any. In doubt a value is masked."""

from __future__ import annotations

import re

_EXTENSION = (
    rb"(?:pem|key|crt|cer|jks|p12|pfx|keystore|conf|cfg|ini|json|ya?ml|txt|sock|gpg|asc|pub|der|kdbx|xml|properties|env|cnf|passwd|secret|token)"
)

REFERENCE = re.compile(
    rb"(?:"
    rb"\$\{(?!(?!env:|file:|vault:|sys:|secret:|ssm:)[\w.]+(?::(?!\?)|-|=)[^}\n])(?:[^{}\n]|\{(?:[^{}\n]|\{[^{}\n]*+\})*+\})*+\}"  # shell, systemd
    rb"|\$\([^)\n]*\)|\$[A-Z_][A-Z0-9_]*|`[^`\n]*`"
    rb"|%[A-Z_]+%|\$__\w+\{[^}\n]*\}"  # Windows, Grafana
    rb"|\{\{[^\n]*\}\}|\{%[^\n]*%\}|<%(?![^\n]*(?:\|\||,)[ \t]*[\"'])[^\n]*%>|%\([a-zA-Z_]\w*\)s|@[A-Z_]+@|\[\[[^\n]*\]\]"
    rb"|[#@%]\{[^}\n]*\}|%\[[^\]\n]*\]|__[A-Z_]+__"  # templates
    rb"|(?i:file|env|vault|ssm|arn|awskms|gcpkms|op|keyring|secretref|ref):[^\s]*"
    rb"|!vault\b[^\n]*|!(?:Ref|Sub|GetAtt|ImportValue|secret|env_var)\b[^\n]*|ENC\[[^\]\n]*\]"
    rb"|(?:os\.environ|process\.env|(?:os\.|System\.)?getenv|ENV|lookup|env|vault)(?:\.[A-Z_][A-Z0-9_]*|[\[(][^\n]*[\])])"
    rb"|[*!]+|(?:[\w.-]+:)?/(?:etc|run|var|usr|opt|proc|dev|sys|mnt|srv|vault|secrets?|certs?|ssl)/[\w.@%+:,/-]+"
    rb"|(?:~|/root|/home/[\w.-]+)/\.[\w.@%+:,=/-]+"  # what lies in somebody's home
    rb"|(?:~|\.{1,2})?/(?:[\w.@%+-]+/)*[\w.@%+-]+\." + _EXTENSION + rb"|[A-Za-z]:\\[\w .\\-]*"
    rb"|\$\{?[\w.]+\}?(?:/|::)[\w./@%+:-]*"
    rb")"
)
"""Matched against a whole value: it says where the secret comes from."""

NO_VALUE = re.compile(
    rb"(?:"
    rb"(?i:yes|no|true|false|on|off|0|1|none|null|nil|~|never|always|ask|prompt|enabled?|disabled?|required|requisite|sufficient|optional|include|substack"
    rb"|undefined|md5|sha-?(?:1|256|512)|sss|ldap|scram-sha-256|bcrypt|yescrypt|string|required;|optional;|prohibit-password|publickey|keyboard-interactive|write|read)"
    rb"|(?:md5|sha\d{1,3}|SHA256):[0-9A-Za-z+/]+=*|age1[a-z0-9]{58}|pk_(?:live|test)_\w+|(?:ssh|ecdsa|sk)-[\w@.-]+[ ]AAAA[\w+/=]+[^\n]*"  # public
    rb"|LS0tLS1CRUdJTiBDRVJUSUZJQ0FUR[\w+/=]*|\.[*+]\S*"  # a certificate in base64; any text
    rb"|\*+|[xX]{3,}|\.{3,}|<[A-Za-z][A-Za-z _-]{1,40}>|true\|false|\d{1,5}:\d{1,5}|"
    rb")"
)
"""Matched against a whole value: a switch, a mask, nothing."""

SHELL_VARIABLE = re.compile(rb"\"?\$(?:[A-Za-z_]\w*|[0-9@*#?!])\"?|\"?\$\{[\w.@*#%/\[\]]*\}\"?|\"?[$`][(][^\n]*")
"""What a shell reads as a variable or a command: ``$pass``."""

CODE_EXPRESSION = re.compile(
    rb"[A-Za-z_$][\w.$]*(?:\((?:[^\"'\n]*|[\"'][^\"'\n]{0,64}[\"'])\)?)?[ ,;:)}]*"
    rb"|(?:[\w.$]*\.)?(?:config|cfg|settings|conf)(?:\.\w+)*\([^\n]*"
)
"""What a programming language reads as a name, an attribute or a call: ``forms.CharField()``, ``config.get("api", "key")``."""

FILE_NAME = re.compile(rb"[\w-]+\." + _EXTENSION)
"""A file beside the configuration: ``static.key``."""

COLUMN_TYPE = re.compile(rb"(?i:n?(?:var)?char2?|character|text|string|blob|bytea|binary|varbinary|int|integer|bigint|json|uuid|enum)(?:\([^\n]*|,)?")
"""What stands after the name of a column in SQL."""

HCL_EXPRESSION = re.compile(rb"[a-z_]\w*(?:\.[\w*\[\]\"-]+)+|[a-z_]\w*\([^\n]*")
"""What Terraform reads as a reference or a call: ``var.db_password``."""

SENTENCE = re.compile(
    rb"\b(?:the|a|an|of|to|is|are|be|must|should|for|your|this|that|with|in|by|if|not|or|and|used|when|will|can|may|from|we|you|it)\b", re.IGNORECASE
)
"""A value of several words with one of these, in a comment, is prose."""

OPAQUE = re.compile(rb"(?=[^\s]*[0-9])(?=[^\s]*[A-Za-z])[A-Za-z0-9+/=_.:$-]{16,}")
"""A value that looks like nothing a person would write."""

LONGEST = 512
"""A value longer than this is not looked at any further: it is masked."""
