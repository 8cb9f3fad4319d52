"""The SPDX identifiers of licences."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.terms.licenses import _TABLE, _fold, spdx_license


@pytest.mark.parametrize(
    "text",
    [
        "Apache2.0",
        "Apache 2.0",
        "Apache-2.0",
        "apache-2.0",
        "APACHE 2",
        "Apache v2",
        "Apache License 2.0",
        "Apache License, Version 2.0",
        "The Apache License v2.0",
        "  Apache \t 2.0 ",
    ],
)
def test_every_usual_way_to_write_apache_leads_to_its_identifier(text: str) -> None:
    assert spdx_license(text) == "Apache-2.0"


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        ("mit", "MIT"),
        ("The MIT License", "MIT"),
        ("bsd-3-clause", "BSD-3-Clause"),
        ('BSD 3-Clause "New" or "Revised" License', "BSD-3-Clause"),
        ("GPLv3", "GPL-3.0-only"),
        ("GPL-3.0", "GPL-3.0-only"),
        ("GPL-3.0+", "GPL-3.0-or-later"),
        ("GNU GPL v3 or later", "GPL-3.0-or-later"),
        ("GNU General Public License v2.0", "GPL-2.0-only"),
        ("LGPL-2.1-or-later", "LGPL-2.1-or-later"),
        ("agpl-3.0", "AGPL-3.0-only"),
        ("MPL 2.0", "MPL-2.0"),
        ("cc0", "CC0-1.0"),
        ("cc-by-nc-sa-4.0", "CC-BY-NC-SA-4.0"),
        ("CC BY-NC 4.0", "CC-BY-NC-4.0"),
        ("Mulan PSL v2", "MulanPSL-2.0"),
        ("MulanPSL-2.0", "MulanPSL-2.0"),
        ("0BSD", "0BSD"),
        ("Apache-2.0+", "Apache-2.0+"),
    ],
)
def test_names_of_other_licences_lead_to_their_identifiers(text: str, identifier: str) -> None:
    assert spdx_license(text) == identifier


@pytest.mark.parametrize(
    "text", ["LicenseRef-Tongyi-Qianwen", "DocumentRef-a.1:LicenseRef-My.License-2"]
)
def test_a_reference_to_a_licence_of_ones_own_is_kept(text: str) -> None:
    assert spdx_license(text) == text


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("MIT OR Apache-2.0", "MIT OR Apache-2.0"),
        ("mit or apache2.0", "MIT OR Apache-2.0"),
        ("MIT AND BSD-3-Clause AND ISC", "MIT AND BSD-3-Clause AND ISC"),
        ("(MIT)", "(MIT)"),
        ("((mit AND isc) OR cc0-1.0)", "((MIT AND ISC) OR CC0-1.0)"),
        (
            "GPL-2.0-only with classpath-exception-2.0",
            "GPL-2.0-only WITH Classpath-exception-2.0",
        ),
        ("LicenseRef-A OR MIT", "LicenseRef-A OR MIT"),
        ("GPL v3 or later OR MIT", "GPL-3.0-or-later OR MIT"),
        ("GPL-3.0-or-later OR MIT", "GPL-3.0-or-later OR MIT"),
    ],
)
def test_expressions_of_known_licences_are_written_the_spdx_way(text: str, expression: str) -> None:
    assert spdx_license(text) == expression


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-",
        "Apache",
        "MIT 许可证",
        "BSD",
        "Tongyi Qianwen License",
        "NOASSERTION",
        "2.0",
        "License",
        "LicenseRef-",
        "LicenseRef-a b",
        "MIT OR",
        "OR MIT",
        "MIT OR Mystery",
        "MIT AND OR ISC",
        "MIT (ISC)",
        "(MIT",
        "MIT)",
        "()",
        "MIT WITH ISC",
        "(MIT) WITH LLVM-exception",
        "MIT WITH LLVM-exception WITH LLVM-exception",
        500 * "MIT OR " + "MIT",
    ],
)
def test_what_is_not_wholly_known_is_none(text: str) -> None:
    assert spdx_license(text) is None


def test_each_identifier_is_found_in_any_case() -> None:
    for entry in _TABLE.split(","):
        identifier = entry.split("=")[0].strip()
        assert spdx_license(identifier) == identifier
        assert spdx_license(identifier.lower()) == identifier
        assert spdx_license(identifier.upper()) == identifier


def test_no_spelling_stands_for_two_identifiers() -> None:
    meanings: dict[str, set[str]] = {}
    for entry in _TABLE.split(","):
        identifier, *others = " ".join(entry.split()).split(" = ")
        for spelling in (identifier, *others):
            meanings.setdefault(_fold(spelling), set()).add(identifier)
    assert {name: ids for name, ids in meanings.items() if len(ids) > 1} == {}


@given(st.text() | st.text("MITORANDWITH()+ -20.v") | st.from_regex(r"(MIT|\(|\)| OR |\+){0,60}"))
def test_any_text_reads_without_an_error_and_an_answer_answers_itself(text: str) -> None:
    answer = spdx_license(text)
    if answer is not None:
        assert spdx_license(answer) == answer


@pytest.mark.parametrize("unit", [" ", "(", "v", "1.", ".0", "LicenseRef:", " OR ", "MIT OR "])
def test_a_long_text_is_refused_at_once(unit: str) -> None:
    assert spdx_license(200_000 * unit) is None
    assert spdx_license(200 // len(unit) * unit) is None


def test_identifiers_have_the_letters_that_spdx_allows() -> None:
    for entry in _TABLE.split(","):
        assert re.fullmatch(r"[A-Za-z0-9.-]+", entry.split("=")[0].strip())
