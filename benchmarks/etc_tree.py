"""A tree that looks like ``/etc``: many small text files of the usual formats in about two hundred folders, the same for the same seed."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

FOLDERS = 200
SECRETS = 0.01
"""Share of the files that hold a password, so that redaction and sealing have their usual work."""

_WORDS = (
    "server listen timeout cache worker backend pool limit buffer retry socket proxy upstream log level format rotate size queue "
    "thread process memory disk network route gateway domain resolver mirror archive spool mail relay filter rule chain zone "
    "policy session cookie header body path prefix suffix region cluster node replica shard index table schema"
).split()
_NUMBER = re.compile(rb"\d+")

Writer = Callable[[random.Random, int], str]


def _pairs(dice: random.Random, count: int) -> Iterator[tuple[str, str]]:
    for place in range(count):
        value = str(dice.randrange(10_000)) if dice.random() < 0.6 else f"/var/lib/{dice.choice(_WORDS)}/{dice.choice(_WORDS)}"
        yield f"{dice.choice(_WORDS)}_{dice.choice(_WORDS)}_{place}", value


def _comment(dice: random.Random) -> str:
    return "# " + " ".join(dice.choices(_WORDS, k=9)) + "\n"


def _ini(dice: random.Random, size: int) -> str:
    sections = (f"[{dice.choice(_WORDS)}{place}]\n" + "".join(f"{key} = {value}\n" for key, value in _pairs(dice, 8)) for place in range(size))
    return _comment(dice) + "\n".join(sections)


def _key_value(dice: random.Random, size: int) -> str:
    return "".join((_comment(dice) if dice.random() < 0.3 else "") + f"{key}={value}\n" for key, value in _pairs(dice, size * 8))


def _yaml(dice: random.Random, size: int) -> str:
    return "".join(f"{dice.choice(_WORDS)}{place}:\n" + "".join(f"  {key}: {value}\n" for key, value in _pairs(dice, 8)) for place in range(size))


def _json(dice: random.Random, size: int) -> str:
    return json.dumps({f"{dice.choice(_WORDS)}{place}": dict(_pairs(dice, 8)) for place in range(size)}, indent=2) + "\n"


def _unit(dice: random.Random, size: int) -> str:
    lines = "".join(f"Environment={key.upper()}={value}\n" for key, value in _pairs(dice, size * 4))
    head = f"[Unit]\nDescription={' '.join(dice.choices(_WORDS, k=4))}\n\n[Service]\nRestartSec={dice.randrange(60)}\n"
    return f"{head}{lines}\n[Install]\nWantedBy=multi-user.target\n"


def _nginx(dice: random.Random, size: int) -> str:
    servers = (
        f"server {{\n    listen {dice.randrange(1024, 9000)};\n    server_name {dice.choice(_WORDS)}{place}.example;\n"
        + "".join(f"    location /{key} {{ proxy_read_timeout {dice.randrange(100)}s; }}\n" for key, _ in _pairs(dice, 5))
        + "}\n"
        for place in range(size)
    )
    return "".join(servers)


def _hosts(dice: random.Random, size: int) -> str:
    return "".join(f"10.{dice.randrange(256)}.{dice.randrange(256)}.{dice.randrange(256)}\t{key}\n" for key, _ in _pairs(dice, size * 8))


def _script(dice: random.Random, size: int) -> str:
    return "#!/bin/sh\nset -e\n" + "".join(
        f'{key.upper()}="{value}"\nif [ -e "{value}" ]; then echo {key}; fi\n' for key, value in _pairs(dice, size * 4)
    )


_KINDS: tuple[tuple[str, Writer], ...] = (
    (".conf", _key_value),
    (".ini", _ini),
    (".yaml", _yaml),
    (".json", _json),
    (".service", _unit),
    (".cfg", _key_value),
    ("", _script),
    (".hosts", _hosts),
    (".nginx", _nginx),
    (".conf", _ini),
)


def contents(files: int, seed: int = 1, secrets: float = SECRETS) -> Iterator[tuple[str, bytes]]:
    """Path below the root, and content, of every file."""
    dice = random.Random(seed)
    folders = [_folder(dice, place) for place in range(min(FOLDERS, files))]
    for place in range(files):
        suffix, write = _KINDS[place % len(_KINDS)]
        text = write(dice, max(1, int(dice.lognormvariate(1.4, 0.8))))
        if dice.random() < secrets and write in (_key_value, _ini):
            text += f"password = {dice.randbytes(9).hex()}\n"
        yield f"{folders[place % len(folders)]}/{dice.choice(_WORDS)}-{place}{suffix}", text.encode()


def _folder(dice: random.Random, place: int) -> str:
    below = "/".join(dice.choices(_WORDS, k=dice.choice((0, 1, 1, 2))))
    return f"etc/{dice.choice(_WORDS)}{place}.d" + (f"/{below}" if below else "")


def make(root: Path, files: int, seed: int = 1) -> list[Path]:
    """Write the tree below ``root``; its files."""
    written = []
    for path, content in contents(files, seed):
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        written.append(file)
    return written


def edited(content: bytes, number: int) -> bytes:
    """The content with one value changed, another one for every ``number``."""
    return _NUMBER.sub(b"%d" % (10_000 + number), content, count=1)


def edit(files: list[Path], number: int, count: int = 5) -> list[Path]:
    """Change one value in each of ``count`` files; which ones depends on the round only."""
    chosen = random.Random(number).sample(files, count)
    for file in chosen:
        file.write_bytes(edited(file.read_bytes(), number))
    return chosen
