"""Applications: XML settings in pairs, Java, Terraform, Asterisk, npm, rsync, clouds."""

from __future__ import annotations

from changelog_ledger.model.secret_rules import VALUE, SecretCatalogue, Spelling, secret_block, secret_pattern

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
            rb"\bvalue=(?P<secret>\"[^\"\n]{1,1024}\"|'[^'\n]{1,1024}')\s{1,64}(?:name|key)=[\"']" + _NAME + rb"[\"']",
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
            "YAML value before its name",
            rb"^(?P<indent>[ \t]{0,200})(?P<dash>-[ ]{1,8})?[\"']?[vV]alue[\"']?:[ \t]{1,64}(?!(?i:true|false|null|yes|no|~)[ \t\r]*$)"
            rb"(?P<secret>\"(?:[^\"\\\n]|\\.)*+\"|'(?:[^'\n]|'')*+'|[^\s\"'#|>&*!{\[](?:[^\r\n#]|(?<=[^ \t])#){0,1023}+)[ \t]{0,64}(?:#[^\n]*)?\r?\n"
            rb"(?P=indent)(?(dash)[ ]{2,9})[\"']?(?:name|key)[\"']?:[ \t]{1,64}[\"']?" + _NAME + rb"[\"']?[ \t\r]*(?:#[^\n]*)?$",
            words="value",
        ),
        secret_pattern(
            "default of a Terraform variable",
            rb"^[ \t]*variable[ \t]+\"" + _NAME + rb"\"[ \t]*\{[^{}]{0,600}?\bdefault[ \t]*=[ \t]*" + VALUE,
            words="variable",
        ),
        secret_pattern(  # https://developer.hashicorp.com/consul/docs/reference/agent/configuration-file/acl#acl_tokens
            "Consul ACL token",
            rb"\b(?:initial_management|agent|agent_master|agent_recovery|default|dns|master|replication|config_file_service_registration)\"?"
            rb"[ \t]*[=:][ \t]*\"(?P<secret>[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})\"",
            (b"tokens",),
            ("/etc/consul*/**", "consul*.hcl", "consul*.json"),
        ),
        secret_pattern(  # https://docs.asterisk.org: register => user[:secret[:authuser]]@host
            "Asterisk registration", rb"^[ \t]*register[ \t]*=>?[ \t]*[^\s:@/]{1,64}:(?P<secret>[^@:\s]+)", words="register"
        ),
        secret_pattern(
            "rsync secrets", rb"^[^:\n#\s][^:\n]*+:(?P<secret>[^\r\n]+)", paths=("rsyncd.secrets*", "rsync*.secrets", "*psk.txt", "stunnel/psk*")
        ),
        secret_pattern("Asterisk mailbox", rb"^[ \t]*\d{1,16}[ \t]*=>?[ \t]*(?P<secret>-?\d{2,}),", paths=("voicemail*.conf*",)),
        secret_pattern(
            "login of Python",
            rb"(?:\bauth[ \t]*=[ \t]*|BasicAuth)\([ \t]*[\"'][^\"'\n]{1,128}[\"'][ \t]*,[ \t]*" + VALUE,
            (b"auth=(", b"auth = (", b"basicauth("),
        ),
        secret_pattern(
            "key of Jwt settings",
            rb"\"[Jj]wt\w{0,16}\"\s{0,16}:\s{0,16}\{[^{}]{0,400}?\"(?:Issuer)?(?:Signing)?[kK]ey\"\s{0,16}:\s{0,16}" + VALUE,
            (b'"jwt',),
        ),
        secret_pattern("gossip key", rb"\bencrypt\"?[ \t]{0,8}[:=][ \t]{0,8}\"(?P<secret>[A-Za-z0-9+/]{22,64}={0,2})\"", words="encrypt"),
        secret_pattern("unseal key", rb"\b[uU]nseal [kK]ey \d{1,2}[^:\n]{0,24}:[ \t]*" + VALUE, words="unseal"),
        secret_pattern(
            "generated password in a state",
            rb"\"random_password\"[^\n]{0,400}?\"result\"\s{0,8}:\s{0,8}" + VALUE,
            (b'"random_password"',),
        ),
        secret_pattern("generated password, on its line", rb"^[ \t]+\"(?:result|bcrypt_hash)\":[ \t]*" + VALUE, (b'"random_password"',)),
        secret_pattern(
            "sensitive output",
            rb"\"value\"\s{0,8}:\s{0,8}" + VALUE + rb"\s{0,8},\s{0,64}(?:\"type\"\s{0,8}:\s{0,8}\"string\"\s{0,8},\s{0,64})?"
            rb"\"sensitive\"\s{0,8}:\s{0,8}true",
            words="sensitive",
        ),
        secret_pattern("JAAS user", rb"\buser_\w{1,64}=" + VALUE, words="plainloginmodule"),
        secret_pattern("Erlang cookie", rb"\berlang_cookie[\"']?[ \t]*[:=]>?[ \t]*" + VALUE, words="erlang"),
        secret_pattern("NATS seed", rb"NKEY SEED-----\s{1,8}(?P<secret>S[A-Z2-9]{40,})", (b"nkey seed-",)),
        secret_pattern("Tomcat shutdown word", rb"<Server\b[^<>]{0,200}?\bshutdown=\"(?P<secret>(?!SHUTDOWN\")[^\"\n]{1,256})\"", words="shutdown"),
        secret_pattern("credential store", rb"\bclear-text=" + VALUE, (b"clear-text=",)),
        secret_pattern(
            "CouchDB administrator",
            rb"^[ \t]*(?![;#\[])[^=\n]{1,128}?[ \t]*=[ \t]*(?P<secret>[^\r\n]+)",
            paths=("/etc/svnserve/passwd*", "svnserve/passwd*", "conf/passwd"),
        ),
        secret_block(
            "administrators of CouchDB",
            rb"^\[admins\][ \t\r]*$",
            rb"^\[",
            rb"^[ \t]*(?![;#])[^=\s]{1,128}[ \t]*=[ \t]*(?P<secret>[^\r\n]+)",
            (b"[admins]",),
        ),
        secret_pattern("TURN user", rb"^[ \t]*user=[^:\s]{1,128}:(?P<secret>\S+)", paths=("turnserver*.conf*",)),
        secret_pattern(
            "basic authentication", rb"basic_auth\w{0,16}[\"']?[ \t]*[:=][ \t]*[\"']?[^\s:\"'{/$]{1,64}:(?P<secret>[^\s\"',]+)", words="basic"
        ),
        secret_pattern("daemon of Deluge", rb"^[^:\n#]+:(?P<secret>[^:\r\n]+):\d+", paths=("deluge/auth*",)),
        secret_pattern("ping of a check", rb"hc-ping\.com/(?P<secret>[\w/-]{16,})", (b"hc-ping.com",)),
        secret_pattern("firewall's private key", rb"<(?:prv|tls|shared_key)>(?P<secret>[A-Za-z0-9+/=\s]{40,65536})</", words="prv tls"),
        secret_pattern(
            "secrets by their file's name",
            rb"^(?![ ]*(?:\w*(?:user|username|host|port|url|ssid|email|enabled|region|bucket|database|adapter|path|file)"
            rb"|apiVersion|kind|name|namespace|type|metadata)[ ]*:)[ ]*[\w.-]{1,128}:[ ]+"
            rb"(?P<secret>\"(?:[^\"\\\n]|\\.)*+\"|'[^'\n]*+'|[^\s\"'#|>&*!{\[<][^\r\n#]*)",
            paths=("secrets.yaml", "secrets.yml"),
        ),
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
        secret_pattern("Slack webhook", rb"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<secret>[\w/]{16,})", words="slack"),
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
