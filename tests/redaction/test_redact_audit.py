"""What an audit brought to light: marks of UTF-16, nameless files with secrets in arguments, values over lines, tables."""

import pytest

from tests.redaction.rules import redact

S = b"Zq7hunter2x"
HIDDEN = [
    ("/etc/pam.d/a", b"auth required pam_mysql.so user=a passwd=%s db=x\n", b"auth required pam_mysql.so user=a passwd=%s db=x\n"),
    ("/etc/pam.d/a", b"auth required pam_ldap.so bindpw=%s\n", b"auth required pam_ldap.so bindpw=%s\n"),
    ("/etc/pam.conf", b"login auth required pam_yubico.so key=%s id=1\n", b"login auth required pam_yubico.so key=%s id=1\n"),
    ("/etc/pam.d/a", b"auth required x.so [secret=%s] a=b\n", b"auth required x.so [secret=%s] a=b\n"),
    ("/etc/sudoers", b"bob ALL=(ALL) /bin/a --password %s, /bin/b\n", b"bob ALL=(ALL) /bin/a --password %s, /bin/b\n"),
    ("/etc/sudoers.d/x", b"bob ALL=(ALL) /bin/a --db-password\\=%s\n", b"bob ALL=(ALL) /bin/a --db-password\\=%s\n"),
    ("/etc/sudoers.d/x", b"bob ALL=(ALL) /bin/a -token=%s\n", b"bob ALL=(ALL) /bin/a -token=%s\n"),
    ("/etc/chrony/chrony.keys", b"1 MD5 %s\n", b"1 MD5 %s\n"),
    ("/etc/chrony.keys", b"1 %s # x\n", b"1 %s # x\n"),
    ("/etc/ntp.keys", b"1 M %s\n", b"1 M %s\n"),
    ("/etc/ntp/keys", b"2 SHA1 HEX:%s # x\n", b"2 SHA1 HEX:%s # x\n"),
    ("/etc/ipsec.secrets", b'1.2.3.4 : PSK "%s\n: EAP "b"\n', b'1.2.3.4 : PSK "%s\n: EAP "!b"\n'),
    ("/srv/a.yaml", b"a:\n  password: abcd\n    %s\n\n    efgh\n  user: x\n", b"a:\n  password: !1\n    !1\n\n    !1\n  user: x\n"),
    ("/srv/a.yaml", b"- password: %s\n  user: x\n", b"- password: %s\n  user: x\n"),
    ("/srv/a.yaml", b"password: %s\n# b\n  # c\nuser: x\n", b"password: %s\n# b\n  # c\nuser: x\n"),
    ("/srv/a.yaml", b"env:\n- value: %s\n  name: DB_PASSWORD\n", b"env:\n- value: %s\n  name: DB_PASSWORD\n"),
    ("/srv/a.yaml", b"env:\n  - x: 1\n    value: \"%s\"  # c\n    name: 'DB_PASSWORD'\n",
     b"env:\n  - x: 1\n    value: \"%s\"  # c\n    name: 'DB_PASSWORD'\n"),
    ("/srv/a.xml", b"<p value='%s' name='db.password'/>", b"<p value='%s' name='db.password'/>"),
    ("/srv/a.xml", b"<p name='db.password' value='%s'/>", b"<p name='db.password' value='%s'/>"),
    ("/etc/cron.d/x", b"PASSWORD=ab&c;d e\n* * * * * root a\n", b"PASSWORD=!2\n* * * * * root a\n"),
    ("/etc/crontab", b"PASSWORD=%s\nUSER=x\n", b"PASSWORD=%s\nUSER=x\n"),
    ("/srv/a.yaml", b'command: [mysqldump, "-uroot", "-pab&c;d e", "db"]\n', b'command: [mysqldump, "-uroot", "-p!2", "db"]\n'),
    ("/srv/a.yaml", b'command: ["redis-cli", "-a", "ab&c;d e", "ping"]\n', b'command: ["redis-cli", "-a", "!2", "ping"]\n'),
    ("/srv/a.yaml", b'command:\n  - mysqldump\n  - "-pab&c;d e"\n  - db\n', b'command:\n  - mysqldump\n  - "-p!2"\n  - db\n'),
    ("/srv/a.sh", b"mysql -p%s&\nredis-cli -a %s&& b\n", b"mysql -p%s&\nredis-cli -a %s&& b\n"),
    ("/srv/a.csv", b'user,password,n\nbob,%s,1\neve,"ab&c;d e",\n"a,b", %s ,2\nx\n', b'user,password,n\nbob,%s,1\neve,"!2",\n"a,b",%s,2\nx\n'),
    ("/srv/a.tsv", b"user\tapi_token\r\nbob\t%s\r\n", b"user\tapi_token\r\nbob\t%s\r\n"),
    ("/srv/a.csv", b'\xef\xbb\xbf"password";"x"\n"%s";"y"', b'\xef\xbb\xbf"password";"x"\n"%s";"y"'),
    ("/srv/a.csv", b"password\n%s\n", b"password\n%s\n"),
]  # fmt: skip
SHOWN = [
    ("/etc/pam.d/a", b"auth required pam_google_authenticator.so secret=/var/lib/${USER}/x secret=${HOME}/.g\n"),
    ("/etc/pam.d/a", b"password sufficient pam_unix.so use_authtok sha512 passwdcolumn=pw\n"),
    ("/etc/sudoers", b"bob ALL=(ALL) NOPASSWD: /bin/a --password *, PASSWD: /bin/b --password-file /etc/x\n"),
    ("/srv/a.yaml", b"env:\n- name: DB_PASSWORD\n- value: x\n- name: TOKEN\n"),
    ("/srv/a.yaml", b"env:\n- value: x\n  name: USER\n- name: DB_PASSWORD\n  valueFrom: x\n"),
    ("/srv/a.yaml", b"password: !vault |\n  $ANSIBLE_VAULT;1.1\n  3132\n"),
    ("/srv/a.csv", b"user,password_file,n\nbob,x,1\n"),
    ("/srv/a.csv", b"user,password\nbob,\neve,none\n"),
    ("/etc/chrony.keys", b"# 1 MD5 key\n"),
]


def masked(text, fingerprint):
    """The template with fingerprints: ``!b`` is one of ``b``."""
    mark = b"<secret:%s>"
    text = text.replace(b"!1", mark % fingerprint(b"abcd Zq7hunter2x  efgh").encode()).replace(b"!2", mark % fingerprint(b"ab&c;d e").encode())
    return text.replace(b"!b", mark % fingerprint(b"b").encode()).replace(b"%s", mark % fingerprint(S).encode())


@pytest.mark.parametrize(("path", "text", "expected"), HIDDEN)
def test_the_value_alone_is_masked(path, text, expected, fingerprint):
    got = redact(path, text.replace(b"%s", S), fingerprint)
    assert got.content == masked(expected, fingerprint)
    assert redact(path, got.content, fingerprint).secrets == 0


@pytest.mark.parametrize(("path", "text"), SHOWN)
def test_it_stays(path, text, fingerprint):
    assert redact(path, text, fingerprint).content == text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("path", ["/srv/a.conf", "/srv/a.key", "/etc/shadow", "/etc/ssh/ssh_host_x_key"])
def test_a_mark_of_utf_16_hides_nothing(encoding, path, fingerprint):
    ascii_text, wide = b"password=Zq7hunter2x\n", "\ufeffa=1\r\npassword=Zq7hunter2x\r\n".encode(encoding)
    lone = "\ufeffa=1\r\n".encode(encoding)
    for content in (wide, wide + b"\n", wide + ascii_text, wide + b"\n" + ascii_text, wide[:2] + ascii_text, wide[:2] + b" " + ascii_text,
                    lone + ascii_text + b"\n", lone + b"x" + ascii_text + wide[2:]):  # fmt: skip
        once = redact(path, content, fingerprint)
        assert b"hunter2" not in once.content
        assert "hunter2".encode("utf-16-le")[:-1] not in once.content
        assert redact(path, once.content, fingerprint).secrets == 0
        assert redact(path, once.content, fingerprint).content == once.content


def test_half_a_letter_stays_behind_utf_16(fingerprint):
    wide = "\ufeffpassword=Zq7hunter2x\r\n".encode("utf-16-le")
    expected = f"\ufeffpassword=<secret:{fingerprint(S)}>\r\n".encode("utf-16-le")
    assert redact("/srv/a.conf", wide, fingerprint).content == expected
    assert redact("/srv/a.conf", wide + b"x", fingerprint).content == expected + b"x"
    harmless = "\ufeffa=1\r\n".encode("utf-16-le")
    assert redact("/srv/a.conf", harmless + b"x", fingerprint).content == harmless + b"x"


@pytest.mark.parametrize("content", [b"\xff\xfe", b"\xff\xfe\0", b"\xfe\xff\0\0\0", b"\xff\xfe\0\xd8", b"\xff\xfe" + bytes(range(256)) * 3])
def test_a_private_file_with_a_mark_is_hidden(content, fingerprint):
    once = redact("/etc/ssl/store.p12", content, fingerprint)
    assert once.secrets
    assert redact("/etc/ssl/store.p12", once.content, fingerprint).secrets == 0
