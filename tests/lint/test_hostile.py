"""No card, however large and strange, keeps the linter busy."""

import subprocess
import sys

import pytest

HOSTILE = r'''
import datetime
import os
import resource
import sys
from hub.cards.document import LARGEST_CARD, Document
from hub.lint.check import Linter
from hub.lint.configuration import Configuration
from tests.conftest import GOOD_CARD

FULL = "MSHUB_FUZZ_EXAMPLES" in os.environ  # as `make fuzz` sets it
BODY, HEAD = (1_040_000, 60_000) if FULL else (200_000, 30_000)
resource.setrlimit(resource.RLIMIT_CPU, (240, 240))  # a quadratic rule would need hours
LINTER = Linter(Configuration(select=("ALL",)), datetime.date(2025, 6, 1))
HEADER = GOOD_CARD.partition("\n---\n\n## ")[0]
BARE = HEADER.partition("\nasset:")[0]  # without asset, license and summary
TABLE = "| model | top1acc | weight |\n|---|---|---|\n"
WIDE = "\N{FULLWIDTH COLON}"


def fill(unit, size):
    """A text of a size, of one unit again and again, each time with another number in it."""
    if "{}" not in unit:
        return unit * (size // len(unit.encode("utf-8", "surrogateescape")))
    pieces = [unit.replace("{}", str(number)) for number in range(size // len(unit) + 1)]
    text = "".join(pieces)
    return text[:size]


def set_value(key, text):
    lines = [line for line in BARE.split("\n") if not line.startswith(key + ":")]
    return "\n".join([*lines, f"{key}: {text}"]) + "\n---\n\nHello.\n"


def list_cards(part):
    signs = [*"\n\r\t\0 -#:'\"[]{}(),&*!|>%@`?<=.~_/\\a0", "\x0c", "\x85", "\u2028", "\ufeff", "\udcff", WIDE]
    if part == "body":
        for unit in [*signs, "[a](", "[a](b)", "[a](#b)", "[a]()", "](http", "[a](http://b)", "<!--", "<!-- -->",
            "```\n", "~~~", "# a\n", "## a{}\n", "---\n", "--- a\n", "a\n---\n", "|a|\n", "| a | b |\n|---|---|\n",
            "[a](https://github.com/ada/lite0/tree/master/x)", "<a id=x{}>", "'acme/2.5/a' ", "load('a')",
            "```\nload('a')\n```\n", "<!-- mc: ignore[MC722] -->", "<!-- mc: ignore[", "<!-- mc: ignore[MC{}] -->",
            "<!-- todo -->\n", "[a](#b{})", "[a](b{}.md)", "[a](https://b.org/{}.ckpt)", "[a]: b{}\n", "\\", "\r\n"]:
            yield f"{HEADER}\n---\n\n{fill(unit, BODY)}"
        for unit in ["| lite0 | {} | [a](b{}.ckpt) |\n", "|", "| a |\n", "a|", "{}|"]:
            yield f"{HEADER}\n---\n\n{TABLE}{fill(unit, BODY)}"
    if part == "header":
        for unit in [*signs, "a b\n", "? a\n", f"{WIDE}\n", "a{}: b\n", "a{}: b: c\n", "a{}: @\n", "a{}: -\n", "a{}: 'b\n",
            "a{}: [\n", f"a{{}}{WIDE}\n", "a{}-repo-link: x\n", "a: b\n", "a{}: b \n", "# mc: ignore\n", "# mc: ignore[MC304]\n",
            "a{}: b # mc: ignore\n", "# mc:", "mc: ignore[", "---\n", "## assets\n- a: b\n", "```\n", "a{}: &b\n"]:
            yield f"{HEADER}\n{fill(unit, HEAD)}\n---\n\nHello.\n"
            yield f"{HEADER}\njunk: '{fill(unit, HEAD)}\n---\n\nHello.\n"
        comments = "<!-- mc: ignore[MC205] -->[a](b)\n" * (BODY // 60)
        yield f"{HEADER}\n{fill('a{}: b # mc: ignore[MC2]' + chr(10), HEAD)}\n---\n\n{comments}"
    if part == "values":
        for key in ["model-name", "module-type", "model-version", "train-dataset", "evaluation", "update-time",
            "repo-link", "user-id", "used-for", "license", "summary", "accuracy", "fine-tunable"]:
            for unit in ["1", "a", "-", "_", "|", "/", ".", "<", "\t", "a b ", "' ", "acc{}|", "a{}_", "top1acc{}|",
                "top1acc0|top1acc1|", "precisio{}n 1|", "inferenc{}/", "cifa{}|", "/tree/"]:
                yield set_value(key, fill(unit, HEAD))
    if part == "assets":
        for unit in ["- file-format: ckpt\n  asset-link: <https://x.org/a{}.ckpt>\n", "- asset-link: a{}.ckpt\n",
            "- asset-link: http://a/r1.9/{}.ms\n  file-format: ckpt\n", "- asset-sha256: {}\n", "- file-format: ckp{}\n",
            "- a{}: b\n", "- a\n", "-\n", "- a: b\n  a: c\n", "- asset-link: x_top1acc{}.ckpt\n"]:
            items = fill(unit, HEAD).rpartition("\n-")[0]
            for body in ["", "a.ckpt aaaa " * 80_000, "a" * 900_000 + ".ckpt", TABLE + "| lite0 | 1 | [a](b.ckpt) |\n" * 25_000]:
                yield f"{BARE}\nasset:\n{items}\n---\n\n{body}"
        metrics = fill("a{}a1|", 30_000)
        head = set_value("evaluation", metrics).partition("\n---\n\nHello")[0]
        yield f"{head}\nasset:\n" + "- asset-link: x_a2a2_a3a3-a4a4.ckpt\n" * 700 + "---\n\nHello.\n"


count = 0
for text in list_cards(sys.argv[1]):
    document = Document(text, "mindspore/2.5/lite0.md")
    assert len(document.to_bytes()) <= LARGEST_CARD, text[-100:]
    LINTER.check(document)
    count += 1
print("checked", count)
'''


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX resource limits")
@pytest.mark.parametrize("part", ["body", "header", "values", "assets"])
def test_no_card_keeps_the_processor_busy(part: str) -> None:
    command = [sys.executable, "-c", HOSTILE, part]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout[:8], done.returncode) == ("checked ", 0), done.stderr[-2000:]
