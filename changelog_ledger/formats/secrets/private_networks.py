"""Private networks and dial-in: wireless, IPsec, PPP, OpenVPN, RADIUS, SNMP agents."""

from __future__ import annotations

from changelog_ledger.model.secret_rules import VALUE, SecretCatalogue, secret_pattern

_IPSEC = ("ipsec.secrets*", "/etc/ipsec.d/*.secrets", "/etc/ipsec.d/**/*.secrets", "strongswan*.secrets", "*.ipsec.secrets")
_SNMP = ("snmp*.conf*",)

CATALOGUE = SecretCatalogue(
    patterns=(
        secret_pattern(  # pppd(8)
            "PPP secret",
            rb"^[ \t]*+(?!#)(?:\"[^\"\n]*+\"|[^\s#\"]+)[ \t]+(?:\"[^\"\n]*+\"|[^\s#\"]+)[ \t]+" + VALUE,
            paths=("chap-secrets*", "pap-secrets*", "srp-secrets*", "l2tp-secrets*", "davfs2/secrets*", ".davfs2/secrets*"),
        ),
        secret_pattern("IPsec secret", rb":[ \t]*(?:PSK|XAUTH|EAP|NTLM|PIN|ppk)[ \t]+(?:%\w+[ \t]+)?" + VALUE, paths=_IPSEC),  # ipsec.secrets(5)
        secret_pattern("passphrase of an IPsec key", rb":[ \t]*(?:RSA|ECDSA|BLISS|P12|PKCS8|P8)[ \t]+[^\s{%]\S*[ \t]+(?!%)" + VALUE, paths=_IPSEC),
        secret_pattern(  # a quote that is not closed
            "unclosed IPsec secret",
            rb":[ \t]*(?:(?:PSK|XAUTH|EAP|NTLM|PIN|ppk)[ \t]+(?:%\w+[ \t]+)?|(?:RSA|ECDSA|BLISS|P12|PKCS8|P8)[ \t]+[^\s{%]\S*[ \t]+)"
            rb"(?:\"(?=[^\"\n]+$)|'(?=[^'\n]+$))(?P<secret>[^\r\n]+)",
            paths=_IPSEC,
        ),
        secret_pattern(  # chrony.keys(5), ntp.keys(5)
            "key of a clock",
            rb"^[ \t]*\d{1,10}[ \t]+(?:[A-Za-z][\w-]{0,31}[ \t]+(?=[^\s#]))?(?:(?:HEX|ASCII):)?(?P<secret>[^\s#]\S*)",
            paths=("chrony.keys*", "ntp.keys*", "/etc/ntp/keys*", "/etc/ntp/crypto/keys*"),
        ),
        secret_pattern("RADIUS server", rb"^[ \t]*(?!#)\S+[ \t]+" + VALUE, paths=("pam_radius*.conf*", "/etc/raddb/server*")),
        secret_pattern(
            "key of an SNMP user", rb"\.1\.3\.6\.1\.6\.3\.10\.1\.[12]\.\d{1,2}[ \t]+(?P<secret>0x[0-9A-Fa-f]{8,}|\"[^\"\n]+\")", words="usmuser"
        ),
        secret_pattern("SNMP community of a switch", rb"\bsnmpv3 add community[ \t]+\S+[ \t]+name[ \t]+" + VALUE, words="snmpv3"),
        secret_pattern("IPsec RSA key", rb"^[ \t]*(?:PrivateExponent|Prime[12]|Exponent[12]|Coefficient):[ \t]*" + VALUE, paths=_IPSEC),
        secret_pattern("OpenVPN password", rb"<auth-user-pass>[ \t]*\r?\n[^\n]*\n(?P<secret>[^\r\n]+)", (b"<auth-user-pass>",)),
        secret_pattern("OpenVPN PKCS #12", rb"<pkcs12>\s{0,16}(?P<secret>[^<]{1,65536})", words="pkcs12"),
        secret_pattern(
            "OpenVPN password file", rb"\A[^\n]*\n(?P<secret>[^\r\n]+)", paths=("auth-user-pass*", "/etc/openvpn/**/*auth*.txt", "*.auth-user-pass")
        ),
        secret_pattern("hostapd keys", rb"^(?:keyid=\S+[ \t]+)?[0-9A-Fa-f:]{17}[ \t]+(?P<secret>[^\r\n]+)", paths=("*wpa_psk*",)),
        secret_pattern("hostapd EAP user", rb"^\"[^\"\n]*\"[ \t]+[\w,-]+[ \t]+" + VALUE, paths=("*eap_user*",)),
        secret_pattern(
            "SNMP community", rb"^[ \t]*#?[ \t]*com2sec6?(?:[ \t]+-Cn[ \t]+\S+)?[ \t]+\S+[ \t]+\S+[ \t]+" + VALUE, paths=_SNMP
        ),  # snmpd.conf(5)
        secret_pattern("SNMP trap community", rb"^[ \t]*(?:trap2?sink|informsink)[ \t]+\S+[ \t]+" + VALUE, paths=_SNMP),
        secret_pattern("SNMP trap access", rb"^[ \t]*authCommunity[ \t]+\S+[ \t]+" + VALUE, paths=_SNMP),
        secret_pattern("SNMP user", rb"^[ \t]*createUser[ \t]+(?:-e[ \t]+\S+[ \t]+)?\S+[ \t]+[\w-]+[ \t]+" + VALUE, words="createuser"),
        secret_pattern(
            "SNMP user, privacy",
            rb"^[ \t]*createUser[ \t]+(?:-e[ \t]+\S+[ \t]+)?\S+[ \t]+[\w-]+[ \t]+(?:\"[^\"\n]*+\"|\S+)[ \t]+[\w-]+[ \t]+" + VALUE,
            words="createuser",
        ),
        secret_pattern("SNMP defaults", rb"^[ \t]*def(?:Auth|Priv)?(?:Passphrase|Community)[ \t]+" + VALUE, paths=_SNMP),
    ),
)
