"""Routers, switches, firewalls: Cisco, Arista, Junos, FortiOS, RouterOS. What says ``password`` or ``community`` itself needs no rule."""

from __future__ import annotations

from changelog_ledger.model.secret_rules import VALUE, SecretCatalogue, Spelling, secret_pattern

_TYPE = rb"(?:(?:[0-9]|encrypted|ciphertext|plaintext|cipher|simple)[ \t]+)?+"  # how a device says that a value is encrypted
_KEY = rb"(?P<secret>\"(?:[^\"\\\n]|\\.){1,512}\"|[^\s<;{\"]{2,512})"

CATALOGUE = SecretCatalogue(
    patterns=(
        secret_pattern(  # the two reversible types first, wherever they stand; the digits decide
            "Cisco type 7",
            rb"7[ \t](?:(?<=password 7.)|(?<=secret 7.)|(?<=key 7.)|(?<=string 7.)|(?<=md5 7.)|(?<=text 7.)|(?<=phrase 7.))[ \t]*"
            rb"(?P<secret>(?:0[0-9]|1[0-5])(?:[0-9A-Fa-f]{2}){1,64})(?![^\s;])",
            (b" 7 ", b" 7\t"),
            spelling=Spelling.CISCO_7,
        ),
        secret_pattern("Junos obfuscated", rb"(?P<secret>\$9\$[A-Za-z0-9./-]{4,512})(?![\w$./-])", (b"$",)),
        secret_pattern(
            "key of a server or protocol",
            rb"[ \t](?:key|key-string|server-key|text)[ \t]+" + _TYPE + rb"(?!\d{1,5}[ \t]*$|chain\b|string\b|id\b)" + _KEY + rb"[ \t]*;?[ \t\r]*$",
            (b" key ", b" key-string ", b" server-key "),
            words="text",
            lead=rb"\b(?i:radius|tacacs|ntp|md5|sha1?|sha-?256|authentication|ospf|eigrp|isis|hsrp|vrrp|glbp|server-private|ldap|dynamic-author)\b",
        ),
        secret_pattern(
            "key with its type",
            rb"^[ \t]*(?:key|pac key|server-key|(?:radius|tacacs)-server key)[ \t]+[0-9][ \t]+" + _KEY + rb"[ \t\r]*$",
            (b"key ",),
        ),
        secret_pattern(
            "key in a server's block",
            rb"^[ \t]*(?:radius|tacacs|aaa group server|aaa-server|ldap)\b[^\n]{0,80}\n(?:[ \t]+[^\n]{0,160}\n){0,8}?[ \t]+key[ \t]+" + _TYPE + _KEY,
            (b" key ",),
        ),
        secret_pattern("key string", rb"^[ \t]*key-string[ \t]+" + _TYPE + rb"(?P<secret>[^\s<;{\"]{2,})[ \t\r]*$", (b"key-string",)),
        secret_pattern("ISAKMP key", rb"\bcrypto[ \t]+(?:isakmp|ikev?[12]?)[ \t]+key[ \t]+" + _TYPE + _KEY, words="crypto"),
        secret_pattern("message digest key", rb"\bmessage-digest-key[ \t]+\d{1,3}[ \t]+\w{2,8}[ \t]+" + _TYPE + _KEY, (b"message-digest-key",)),
        secret_pattern(
            "authentication key with its number",
            rb"\bauthentication-key[ \t]+\d{1,6}[ \t]+(?:type[ \t]+)?[\w-]{2,10}[ \t]+(?:value[ \t]+)?" + _TYPE + _KEY,
            (b"authentication-key",),
        ),
        secret_pattern("wireless key", rb"\b(?:wpa-)?psk[ \t]+(?:set-key[ \t]+)?(?:ascii|hex)[ \t]+" + _TYPE + _KEY, (b"psk ",)),
        secret_pattern(
            "SNMP trap community",
            rb"\bsnmp-server[ \t]+host[ \t]+\S+[ \t]+(?:(?:vrf[ \t]+\S+|traps|informs)[ \t]+){0,2}(?:version[ \t]+(?:1|2c)[ \t]+)?"
            rb"(?!version|vrf|traps|informs|use-vrf|\d{1,3}\.\d{1,3}\.)" + _KEY,
            words="snmp",
        ),
        secret_pattern(
            "SNMP user's authentication", rb"\bsnmp-server[ \t]+user[ \t][^\n]{0,120}?[ \t]auth[ \t]+[\w-]{2,10}[ \t]+" + _KEY, words="snmp"
        ),
        secret_pattern(
            "SNMP user's privacy",
            rb"\bsnmp-server[ \t]+user[ \t][^\n]{0,250}?[ \t]priv[ \t]+(?:(?:3?des|aes(?:-?\d{3})?)[ \t]+)?+(?:(?:128|192|256)[ \t]+)?+" + _KEY,
            words="snmp",
        ),
        secret_pattern(
            "HSRP and VRRP",
            rb"\b(?:standby|vrrp)[ \t][^\n]{0,40}?\bauthentication[ \t]+(?:text[ \t]+)?(?!md5|text)" + _KEY + rb"[ \t\r]*$",
            words="standby vrrp",
        ),
        secret_pattern("Junos community", rb"\bsnmp[ \t]+community[ \t]+(?!set\b|add\b|print\b|export\b)" + _KEY, (b"snmp community",)),
        secret_pattern(
            "FortiOS community",
            rb"\bconfig[ \t]+system[ \t]+snmp[ \t]+community[ \t\r]*\n(?:[ \t]*(?:edit|set[ \t]+(?!name))[^\n]{0,200}\n){0,12}?"
            rb"[ \t]*set[ \t]+name[ \t]+" + VALUE,
            (b"snmp community",),
        ),
        secret_pattern("failover key", rb"\bfailover[ \t]+(?:ipsec[ \t]+pre-shared-)?key[ \t]+" + _TYPE + _KEY, words="failover"),
        secret_pattern(
            "password of a manager",
            rb"^[ \t]*password[ \t]+(?:manager|operator|all)[ \t]+(?:user-name[ \t]+\S+[ \t]+)?(?:plaintext|sha1|sha-?256|bcrypt)[ \t]+" + _KEY,
            (b"password ",),
        ),
        secret_pattern("management user", rb"^[ \t]*mgmt-user[ \t]+\S+[ \t]+(?P<secret>[0-9A-Fa-f]{16,})", words="mgmt"),
        secret_pattern("community by its name", rb"\bcommunity-name[ \t]+" + _KEY, (b"community-name",)),
        secret_pattern("OpenWrt key", rb"^[ \t]*option[ \t]+[\"']?key\d?[\"']?[ \t]+(?![\"']?\d[\"']?\s)" + VALUE, (b"option key",)),
        secret_pattern("IPMI user", rb"^[ \t]*user[ \t]+\d+[ \t]+\w+[ \t]+\"[^\"\n]*\"[ \t]+" + VALUE, paths=("ipmi*.conf*", "/etc/ipmi/**")),
        secret_pattern("RouterOS community", rb"^/?snmp[ /]community[^\n]{0,200}?\bname=" + VALUE, (b"snmp community", b"snmp/community")),
    ),
)
