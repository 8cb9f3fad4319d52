"""No bytes whatever make the linter fail, and what it finds lies inside of the card."""

import datetime
import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.cards.document import Document
from hub.lint.check import Linter
from hub.lint.configuration import Configuration
from tests.conftest import GOOD_CARD

EXAMPLES = int(os.environ.get("MSHUB_FUZZ_EXAMPLES", "200"))
LINTER = Linter(Configuration(select=("ALL",)), datetime.date(2025, 6, 1))
FUZZ = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])

PIECES = st.sampled_from(
    [
        *("---", "\n", "\r\n", "\r", ": ", "- ", "*a", "&a", "!!x", "[", "{", "'", '"', "\t", "\0"),
        *(
            "|",
            ">",
            "|\n",
            "#",
            " # mc: ignore[MC304]\n",
            "# mc: ignore",
            "<!-- mc: ignore[MC1] -->",
        ),
        *(
            "```\n",
            "~~~",
            "<!--",
            "-->",
            "| a | b |\n|---|---|\n",
            "](",
            "[x](#y)",
            "\N{FULLWIDTH COLON}",
        ),
        *(
            "\ufeff",
            "\xa0",
            "\u2028",
            "\x85",
            "\x0b",
            "\x0c",
            "\udcff",
            "asset:\n",
            "asset-link: http://[::1/a",
            "1e999",
        ),
        *("update-time: 2025-3-10\n", "evaluation: acc1 | acc2", "9" * 5000, "\u0663", "\u00b2"),
    ]
)


def prove(document: Document) -> None:
    """Check a card with all rules: places are inside of it, and every fix can be applied."""
    text = document.text
    lines = text.split("\n")
    for finding in LINTER.check(document):
        start, end = (finding.line, finding.column), (finding.end_line, finding.end_column)
        assert (1, 1) <= start <= end <= (len(lines), len(lines[-1]) + 1), finding
        assert finding.column <= len(lines[finding.line - 1]) + 2, finding
        assert finding.message
        assert finding.fix is None or document.edit(finding.fix.edits).text != text, finding
    for unsafe in (False, True):
        mended, _ = LINTER.fix(document, unsafe=unsafe)
        again, count = LINTER.fix(mended, unsafe=unsafe)
        assert (again.text, count) == (mended.text, 0)


@FUZZ
@given(st.binary(max_size=2000))
def test_any_bytes_can_be_checked(content: bytes) -> None:
    prove(Document.parse(content, "mindspore/2.5/card.md"))
    prove(Document.parse(b"---\n" + content + b"\n---\n", "card.md"))


@FUZZ
@given(st.data())
def test_any_mutation_of_a_card_can_be_checked(data: st.DataObject) -> None:
    text = GOOD_CARD
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 40)))
        text = text[:start] + data.draw(st.one_of(PIECES, st.text(max_size=10))) + text[end:]
    content = text.encode("utf-8", "surrogatepass")
    prove(Document.parse(content, "mindspore/2.5/lite0.md"))
