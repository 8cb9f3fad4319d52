"""The identifiers of the SPDX licence list behind the ``license`` line of a card.

All official cards but one say ``Apache2.0``; tools that read licences want ``Apache-2.0``.

Source: the SPDX licence list (https://spdx.org/licenses) and annex D of the SPDX specification
2.3, which defines expressions. The table has the common licences of code, models and data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from itertools import groupby
from types import MappingProxyType

# Identifiers, separated by commas; behind "=", what else is written for them. Case, punctuation,
# ".0" and the words of _IDLE do not count, so that "Apache License, Version 2.0" needs no entry.
_TABLE = """
Apache-2.0 = ASL 2.0 = AL2 = Apache Software 2.0, Apache-1.1, Apache-1.0,
MIT = Expat = MIT Expat, MIT-0 = MIT No Attribution, ISC, 0BSD = BSD Zero Clause, Unlicense,
WTFPL, Zlib = zlib libpng, X11 = MIT X11, BSL-1.0 = Boost 1.0 = Boost Software 1.0,
BSD-2-Clause = BSD 2 = Simplified BSD = FreeBSD = BSD 2-Clause Simplified = 2-clause BSD,
BSD-3-Clause = BSD 3 = New BSD = Modified BSD = Revised BSD = 3-clause BSD = BSD 3-Clause New =
BSD 3-Clause New or Revised = BSD 3-Clause Revised, BSD-3-Clause-Clear = Clear BSD =
BSD 3-Clause Clear, BSD-3-Clause-LBNL, BSD-4-Clause = Original BSD = 4-clause BSD,
BSD-2-Clause-Patent, BSD-1-Clause,
GPL-2.0-only = GPL 2.0 = GNU GPL 2.0 = GNU General Public 2.0 = GPL 2.0 only,
GPL-2.0-or-later = GPL 2.0+ = GNU GPL 2.0+ = GNU GPL 2.0 or later,
GPL-3.0-only = GPL 3.0 = GNU GPL 3.0 = GNU General Public 3.0,
GPL-3.0-or-later = GPL 3.0+ = GNU GPL 3.0+ = GNU GPL 3.0 or later,
LGPL-2.1-only = LGPL 2.1 = GNU LGPL 2.1 = GNU Lesser General Public 2.1,
LGPL-2.1-or-later = LGPL 2.1+ = GNU LGPL 2.1+ = GNU LGPL 2.1 or later,
LGPL-2.0-only = LGPL 2.0 = GNU Library General Public 2.0, LGPL-2.0-or-later = LGPL 2.0+,
LGPL-3.0-only = LGPL 3.0 = GNU LGPL 3.0 = GNU Lesser General Public 3.0,
LGPL-3.0-or-later = LGPL 3.0+ = GNU LGPL 3.0+ = GNU LGPL 3.0 or later,
AGPL-3.0-only = AGPL 3.0 = GNU AGPL 3.0 = GNU Affero General Public 3.0,
AGPL-3.0-or-later = AGPL 3.0+ = GNU AGPL 3.0+ = GNU AGPL 3.0 or later,
GFDL-1.3-only = GFDL 1.3 = GNU Free Documentation 1.3, GFDL-1.3-or-later,
MPL-2.0 = Mozilla Public 2.0, MPL-1.1 = Mozilla Public 1.1, MPL-1.0,
EPL-2.0 = Eclipse Public 2.0, EPL-1.0 = Eclipse Public 1.0, CDDL-1.0, CDDL-1.1, CPL-1.0,
EUPL-1.1, EUPL-1.2 = European Union Public 1.2, CECILL-2.1, CECILL-B, CECILL-C, OSL-3.0 = Open
Software 3.0, AFL-3.0 = Academic Free 3.0, MS-PL = Microsoft Public, MS-RL, Artistic-1.0,
Artistic-2.0, NCSA = University of Illinois/NCSA Open Source, PostgreSQL, Python-2.0,
PSF-2.0, Ruby, PHP-3.01, OpenSSL, IJG, Libpng, curl, FTL, Unicode-DFS-2016, Unicode-3.0, W3C,
HPND, BlueOak-1.0.0 = Blue Oak Model 1.0.0, UPL-1.0, ECL-2.0, LPPL-1.3c, BUSL-1.1, SSPL-1.0,
Elastic-2.0, Hippocratic-2.1, MulanPSL-1.0 = Mulan PSL 1, MulanPSL-2.0 = Mulan PSL 2 = Mulan
Permissive Software 2, MulanPubL-2.0 = Mulan PubL 2, OFL-1.1 = SIL OFL 1.1 = SIL Open Font 1.1,
CC0-1.0 = CC0 = CC 0 = CC0 1.0 Universal = Creative Commons Zero 1.0, CC-PDDC = Public Domain
Dedication, CC-BY-1.0, CC-BY-2.0, CC-BY-2.5, CC-BY-3.0, CC-BY-4.0 = Creative Commons Attribution
4.0 = Creative Commons Attribution 4.0 International = CC BY 4.0 International,
CC-BY-SA-2.0, CC-BY-SA-2.5, CC-BY-SA-3.0, CC-BY-SA-4.0 = CC BY-SA 4.0 International = Creative
Commons Attribution-ShareAlike 4.0 International, CC-BY-NC-2.0, CC-BY-NC-3.0, CC-BY-NC-4.0 = CC
BY-NC 4.0 International = Creative Commons Attribution-NonCommercial 4.0 International,
CC-BY-NC-SA-2.0, CC-BY-NC-SA-3.0, CC-BY-NC-SA-4.0 = CC BY-NC-SA 4.0 International = Creative
Commons Attribution-NonCommercial-ShareAlike 4.0 International, CC-BY-ND-3.0, CC-BY-ND-4.0,
CC-BY-NC-ND-3.0, CC-BY-NC-ND-4.0 = CC BY-NC-ND 4.0 International = Creative Commons
Attribution-NonCommercial-NoDerivatives 4.0 International,
ODbL-1.0 = Open Database 1.0, ODC-By-1.0 = Open Data Commons Attribution 1.0, PDDL-1.0,
CDLA-Permissive-1.0, CDLA-Permissive-2.0, CDLA-Sharing-1.0, C-UDA-1.0, O-UDA-1.0, OGL-UK-3.0,
etalab-2.0, OpenMDW-1.0
"""
_EXCEPTIONS = """
Autoconf-exception-3.0, Bison-exception-2.2, Classpath-exception-2.0, CLISP-exception-2.0,
Font-exception-2.0, GCC-exception-2.0, GCC-exception-3.1, GPL-3.0-linking-exception,
Libtool-exception, Linux-syscall-note, LLVM-exception, LZMA-exception, OCaml-LGPL-linking-exception,
openvpn-openssl-exception, Qt-GPL-exception-1.0, Qt-LGPL-exception-1.1, Swift-exception,
u-boot-exception-2.0, Universal-FOSS-exception-1.0, WxWindows-exception-3.1
"""
_IDLE = frozenset({"the", "license", "licence", "licenses", "version", "ver", "v"})
_TOKEN = re.compile(r"[^\W\d_]+|[0-9]+(?:\.[0-9]+)*|\+")
_VERSION_MARK = re.compile(r"\bv(?=[0-9])|(?<=[a-z])v(?=[0-9])")
_ZEROS = re.compile(r"(?:\.0){1,9}\Z")
_OWN = re.compile(r"(?:DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+")
_PARENTHESIS = re.compile(r"([()])")
_OPERATORS = frozenset({"OR", "AND", "WITH"})
_LONGEST = 400  # characters; whatever is longer is a licence text, not a licence name


@lru_cache(maxsize=256)
def spdx_license(text: str) -> str | None:
    """Find the SPDX identifier or expression that a licence line means.

    Args:
        text: The value of the card: a licence's identifier in any case, its usual name, a
            ``LicenseRef-…``, or such parts joined by ``OR``, ``AND``, ``WITH`` and parentheses.

    Returns:
        The identifier or expression as SPDX writes it; the withdrawn ``GPL-3.0`` and its like
        become ``GPL-3.0-only``. None if any part of the text is not known: nothing is guessed.

    Example:
        >>> spdx_license("Apache2.0"), spdx_license("apache license, version 2.0")
        ('Apache-2.0', 'Apache-2.0')
        >>> spdx_license("mit OR (apache-2.0 WITH llvm-exception)")
        'MIT OR (Apache-2.0 WITH LLVM-exception)'
        >>> spdx_license("LicenseRef-Tongyi-Qianwen")
        'LicenseRef-Tongyi-Qianwen'
        >>> print(spdx_license("Tongyi Qianwen License"))
        None
    """
    if len(text) > _LONGEST:
        return None
    name = " ".join(text.split())
    known = None if _PARENTHESIS.search(name) else _find_license(name)
    return known or _read_expression(name)


def _find_license(name: str) -> str | None:
    if _OWN.fullmatch(name):
        return name
    known = _identifiers().get(_fold(name))
    if known is None and name.endswith("+"):
        base = _identifiers().get(_fold(name[:-1]))
        return f"{base}+" if base else None
    return known


def _read_expression(text: str) -> str | None:
    """Read an SPDX expression; None if its grammar or one of its names is wrong."""
    written: list[str] = []
    depth = 0
    wanted, last = "license", ""
    for word in _split_expression(text):
        if wanted == "license" and word == "(":
            depth += 1
            written.append(word)
        elif wanted == "operator" and word == ")" and depth:
            depth -= 1
            written.append(word)
            last = ")"
        elif wanted == "operator" and word in {"OR", "AND"}:
            written.append(f" {word} ")
            wanted = "license"
        elif wanted == "operator" and word == "WITH" and last == "license":
            written.append(" WITH ")
            wanted = "exception"
        elif wanted != "operator" and (found := _find_operand(word, wanted)):
            written.append(found)
            wanted, last = "operator", wanted
        else:
            return None
    return "".join(written) if wanted == "operator" and depth == 0 else None


def _split_expression(text: str) -> list[str]:
    """Split a text into parentheses, operators (in upper case) and the names between them.

    Operators are all in upper or all in lower case: where one is in upper case, ``or`` is a word
    of a name, as in ``GPL v3 or later OR MIT``.
    """
    words = _PARENTHESIS.sub(r" \1 ", text).split()
    if _OPERATORS.isdisjoint(words):
        words = [word.upper() if word.upper() in _OPERATORS else word for word in words]
    marks = _OPERATORS | {"(", ")"}
    runs = groupby(words, key=lambda word: word in marks)
    return [part for mark, run in runs for part in (run if mark else (" ".join(run),))]


def _find_operand(word: str, kind: str) -> str | None:
    return _find_license(word) if kind == "license" else _exceptions().get(word.lower())


def _fold(name: str) -> str:
    """Reduce a licence name to what tells it from others: ``apache 2`` for ``Apache-2.0``."""
    tokens = _TOKEN.findall(_VERSION_MARK.sub(" ", name.lower()))
    return " ".join(_ZEROS.sub("", token) for token in tokens if token not in _IDLE)


@cache
def _identifiers() -> Mapping[str, str]:
    """Folded spelling -> identifier."""
    found: dict[str, str] = {}
    for entry in _TABLE.split(","):
        identifier, *others = " ".join(entry.split()).split(" = ")
        found |= {_fold(spelling): identifier for spelling in (identifier, *others)}
    return MappingProxyType(found)


@cache
def _exceptions() -> Mapping[str, str]:
    """Lower-case spelling -> exception."""
    return MappingProxyType({name.strip().lower(): name.strip() for name in _EXCEPTIONS.split(",")})
