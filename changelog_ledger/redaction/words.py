"""What names say, as lists of words: :mod:`changelog_ledger.redaction.names` reads them."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    """A set, written as people write lists of words."""
    return frozenset(text.split())


NEEDLES = (b"pass", b"secret", b"token", b"key", b"psk", b"pw", b"communit", b"cred", b"auth", b"salt", b"pepper")
"""Where a name that may say secret can be found. The fewer and rarer the better: every file is searched for each."""

STRONG_WORDS = _words(
    "password passwords passwd passwds passphrase passphrases passwort passcode pass pwd "
    "pw secret secrets token tokens psk psks credential credentials "
    "apikey apikeys authtok secretkey privatekey accesskey authtoken authkey accesstoken requirepass masterauth authpass bindpw rootpw userpw "
    "userpassword dbpass dbpassword keypass storepass keystorepass truststorepass presharedkey sharedkey community rocommunity rwcommunity "
    "rocommunity6 rwcommunity6 trapcommunity pskey mypass userpass bindpass pepper passwordsaltmain icesecretread icesecretwrite"
)
"""A name whose last telling word is one of these, or ends in one of :data:`STRONG_ENDINGS`, says secret."""

STRONG_ENDINGS = (
    *("password", "passwd", "passphrase", "passcode", "secret", "apikey", "secretkey", "privatekey", "authkey", "rootpw", "bindpw", "token"),
    *("presharedkey", "pskey", "accesskey", "sharedkey", "pass", "passwordsalt", "ticketsalt"),
)

KEY_OWNERS = _words(
    "api private secret access encryption encrypt signing sign shared master account auth authentication hmac session crypt cookie license app "
    "storage preshared wep wpa webhook jwt service sas rndc tsig wireguard deploy aes des client server0 cipher fernet rails "
    "django flask nacl push integration stream network unseal"
)
"""``KEY`` is secret after one of these (``api_key``); alone it may be a name, a path or a column."""

PUBLIC = _words("public pub publishable")
"""A name with one of these holds what everybody may know (``PublicKey``, ``publicKeyToken``)."""

SALTS_BEFORE = _words("hash password passwd nonce auth in ticket token session cookie cache")
"""``SALT`` is secret after one of these (``hash_salt``, ``LOGGED_IN_SALT``)."""

WEAK_WORDS = _words("auth authorization key hash salt signature cookie bearer sig passhash pwhash")
"""Names that say secret only where the value looks like one (:data:`changelog_ledger.redaction.harmless.OPAQUE`)."""

TELLS_OTHERWISE = _words(
    "file files filename path paths dir directory ttl expiry expires expire expiration expired timeout lifetime age days day min "
    "max minimum maximum length len policy enabled enable disabled disable required require authentication authenticator type name "
    "names id ids url uri endpoint method methods algorithm algorithms algo alg format prompt command cmd program store provider "
    "manager change changes reset warn rotation rotate count size limit limits header headers field param parameter column label "
    "ref reference version class agent issuer audience scope scopes check strength complexity history retry retries validate "
    "validation validity callback cache encryption encoding module backend driver plugin index usage mode bits exchange exchanges "
    "types list prefix suffix pattern regex location group role user username owner host port interval period quality server "
    "servers service services through always lookup binding bindings request requests delay attempts level script hashing email "
    "enc space set map mapping selector revision sync flags aging ageing quotation hint stdin fd env from source "
    "hasher hashers validator validators link lifespan allowed color colour variable var"
)
"""A name whose last word is one of these is about a secret and holds none (``password_file``, ``token_ttl``)."""

LEAF_TELLS_OTHERWISE = _words(
    "description comment title note dbname engine region bucket domain zone hostname address source target external "
    "kind apiversion namespace created updated login account realm read write minlength maxlength example required properties in"
)
"""Further words that a name *below* ``credentials:`` may be, and then holds none."""

NOT_A_PASSWORD_BEFORE = _words("proxy fastcgi uwsgi scgi grpc memcached by no without reverse low high band single multi one two first second")
"""``pass`` after one of these means something else (``proxy_pass``)."""

COUNTED_TOKENS_BEFORE = _words("max min num total input output prompt server completion new context n")
"""``tokens`` after one of these are counted or shown (``max_tokens``, ``server_tokens``)."""

NAMED_CREDENTIALS_BEFORE = _words("load import condition")
"""``credential`` after one of these is a name (systemd's ``LoadCredential=``)."""

NAMES_A_SECRET_BEFORE = _words("existing update reset lost forgot forgotten")
"""``secret`` or ``password`` after one of these is a name or an action (``existingSecret``, ``update_password``)."""

NO_SECRETS = _words(
    "nopasswd nopassword nopass nosecret notoken nokey bypass compass encompass surpass trespass overpass underpass monkey turkey hotkey "
    "proxypass fastcgipass uwsgipass scgipass grpcpass minpassword maxpassword"
)
"""Words that only end like one."""

NEUTRAL_WORDS = _words(
    "value data text string plain plaintext cleartext crypted encrypted base b64 old new current previous prev default hash primary secondary raw"
)
"""Words after the telling one that change nothing (``password_hash``, ``secret_value``)."""

SPACE_WORDS = _words(
    "password passwd passphrase secret token psk requirepass masterauth authpass bindpw rootpw community rocommunity "
    "rwcommunity rocommunity6 rwcommunity6 trapcommunity keypass storepass pass authtoken presharedkey pwd pw passwort"
)
"""Names whose value may follow after white space only (``requirepass hunter2``, ``enable secret 5 $1$…``)."""

DIRECTIVES = (
    *(
        "proxy_set_header",
        "grpc_set_header",
        "fastcgi_param",
        "uwsgi_param",
        "scgi_param",
        "add_header",
        "more_set_headers",
        "set",
        "setenv",
        "env",
        "header",
    ),
    *(
        "requestheader set",
        "requestheader add",
        "requestheader append",
        "header set",
        "header add",
        "header always set",
        "header append",
        "header_up",
    ),
    *("http-request set-header", "http-request add-header", "http-response set-header", "request_header", "let", "define", "arg"),
)
"""What takes a name and a value with a blank between them: any name that says secret may follow (``proxy_set_header X-Api-Key …``)."""

PROSE = _words(
    "a an the of to is are be been was were must should shall may can could "
    "will would for from your you this that these those with without in on at by "
    "if not no or and as it its has have had when where which who how used using use uses only be both all any each per via based protected "
    "authentication authorization authentications prompt prompts field fields file files database manager policy policies hash hashes hashing store "
    "hashed change changes changed expired expires expiration entry entries string strings value values key keys name names user users for "
    "than then so but also against between into over after before during does do did needs need allows allow contains "
    "being out off set sent given required optional here below above members internet additive "
    "no-export no-advertise standard extended large send receive set-key add print remove export enable disable "
    "minimum-length maximum-length minimum-changes minimum-reuse format change-type operator"
)
"""A word after ``password`` and a blank that is one of these makes it a sentence."""
