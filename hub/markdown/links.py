"""The links of a card's Markdown, also malformed ones, each with the place of its target."""

from __future__ import annotations

import re

from hub.markdown.markup import Link, LinkKind, strip_markup

# A bracket, with the whole link if it is a simple one; a tag; the middle of an address. Each choice
# begins with one plain character: so the search leaps from one to the next.
_TOKEN = re.compile(r"\\[^\n]|\[(?:([^\[\]<\\\n]*)\]\(([^()<>\s\\]*)\))?|\]|</?[A-Za-z][^<>]*>|://")
_BLANK_LINE = re.compile(r"\n[ \t\r]*\n")
_PLAIN_TARGET = re.compile(r"\(([^()<>\s\\]*)\)")
_GAP = re.compile(r"\([ \t]*(?:\r?\n)?[ \t]*")
_ANGLED_TARGET = re.compile(r"<([^<>\n]*)>")
_TARGET_MARK = re.compile(r"\\\S|[()\s]")
_TITLE_AND_BRACKET = re.compile(
    r"""[ \t]*(?:\r?\n[ \t]*)?(?:(?:"[^"\n]*"|'[^'\n]*'|\([^()\n]*\))[ \t]*(?:\r?\n[ \t]*)?)?\)"""
)
_AUTOLINK = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*)>")
_VALUE = r"""\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))"""
_ADDRESS = re.compile(rf"\s(?:href|src){_VALUE}", re.IGNORECASE)
_ALTERNATIVE = re.compile(rf"\salt{_VALUE}", re.IGNORECASE)
_NAME = re.compile(rf"\s(id|name){_VALUE}", re.IGNORECASE)
_TAG = re.compile(r"<[A-Za-z][^<>]*>")
_IN_ADDRESS = re.compile(r"[A-Za-z0-9\-._~:/?#@!$&'()*+,;=%]+", re.ASCII)  # RFC 3986, 2


def read_links(prose: str, markdown: str, shift: int) -> tuple[Link, ...]:
    r"""Find the links, in the order of their targets.

    Read are ``[a](b)`` and pictures (GFM 6.6, 6.7), ``<https://b>`` (6.8), addresses that stand in
    the text (6.9) and ``href`` and ``src`` of HTML tags (6.10). A target without its closing
    bracket is a link too when it looks like an address, so that a rule can name it. Reference
    links and mail addresses are not read.

    Args:
        prose: A line end and the body without code and comments.
        markdown: The same with its code spans; link texts are taken from here.
        shift: What is added to an offset in these texts.

    Example:
        >>> text = "\n[a](b.md) [c]((https://example.com) <https://example.org>"
        >>> [link.target for link in read_links(text, text, -1)]
        ['b.md', '(https://example.com)', 'https://example.org']
    """
    if "](" not in prose and "://" not in prose and "<" not in prose:
        return ()
    return _LinkReader(prose, markdown, shift).read()


def read_names(prose: str) -> frozenset[str]:
    r"""Find the ``id`` of any HTML tag and the ``name`` of ``<a>``: what ``#`` links can mean.

    Example:
        >>> sorted(read_names('\n<a name="top"></a> <p id=results>'))
        ['results', 'top']
    """
    names = set()
    if "<" in prose:
        for tag in _TAG.finditer(prose):
            for name in _NAME.finditer(tag[0]):
                if name[1].lower() == "id" or tag[0][1:3].strip().lower() == "a":
                    names.add(name[name.lastindex or 0])
    return frozenset(names)


class _LinkReader:
    """Reads one text from the left to the right; nothing is read twice."""

    def __init__(self, prose: str, markdown: str, shift: int) -> None:
        self._prose = prose
        self._markdown = markdown
        self._shift = shift
        self._links: list[Link] = []
        self._brackets: list[int] = []  # where "[" stands that may yet begin a link
        self._anchor: tuple[int, int] | None = None  # an open <a>: its link, the end of its tag
        self._done = 0

    def read(self) -> tuple[Link, ...]:
        for token in _TOKEN.finditer(self._prose):
            start, end = token.span()
            if start < self._done:
                continue
            mark = token[0]
            if token.lastindex:
                self._add_inline(start, token.end(1), *token.span(2))
                self._done = end
            elif mark == "[":
                self._brackets.append(start)
            elif mark == "]":
                self._close_bracket(start)
            elif mark == "://":
                self._read_bare(start)
            elif mark[0] == "<":
                self._read_tag(mark, start, end)
        return tuple(self._links)

    def _add(self, text: str, start: int, end: int, *, image: bool, kind: LinkKind) -> None:
        target, shift = self._prose[start:end], self._shift
        self._links.append(Link(text, target, start + shift, end + shift, image, kind))

    def _add_inline(self, opening: int, closing: int, start: int, end: int) -> None:
        image = self._prose[opening - 1] == "!" and self._prose[opening - 2 : opening - 1] != "\\"
        text = strip_markup(self._markdown[opening + 1 : closing])
        if "\n" in text:
            text = " ".join(text.split())
        self._add(text, start, end, image=image, kind="inline")
        # A link holds no other link, but it may hold a picture.
        del self._brackets[: -1 if image else None]

    def _close_bracket(self, closing: int) -> None:
        if not self._brackets:
            return
        opening = self._brackets.pop()
        if not self._prose.startswith("(", closing + 1):
            return
        start, end, behind = _read_target(self._prose, closing + 1)
        self._done = behind or end
        if not behind and not _looks_like_address(self._prose[start:end]):
            return
        if _BLANK_LINE.search(self._prose, opening, closing):
            self._brackets.clear()
            return
        self._drop_bare(opening)
        self._add_inline(opening, closing, start, end)

    def _drop_bare(self, opening: int) -> None:
        """Forget the addresses that turn out to stand in the text of a link."""
        while self._links and self._links[-1].kind == "bare":
            if self._links[-1].start - self._shift < opening:
                break
            self._links.pop()

    def _read_tag(self, tag: str, start: int, end: int) -> None:
        self._done = end
        if tag[1] == "/":
            if tag in {"</a>", "</A>"}:
                self._close_anchor(start)
        elif autolink := _AUTOLINK.fullmatch(tag):
            self._add("", start + 1, start + autolink.end(1), image=False, kind="autolink")
        elif address := _ADDRESS.search(tag):
            if tag[1] in "aA" and tag[2].isspace():
                self._anchor = (len(self._links), end)
            image = tag[1:4].lower() == "img"
            alternative = _ALTERNATIVE.search(tag) if image else None
            text = alternative[alternative.lastindex or 0] if alternative else ""
            begin, behind = address.span(address.lastindex or 0)
            self._add(text, start + begin, start + behind, image=image, kind="html")

    def _close_anchor(self, start: int) -> None:
        if self._anchor is None:
            return
        index, inside = self._anchor
        self._anchor = None
        text = " ".join(strip_markup(self._markdown[inside:start]).split())
        within = [link for link in self._links[index + 1 :] if link.kind != "bare"]
        self._links[index:] = [self._links[index]._replace(text=text), *within]

    def _read_bare(self, colon: int) -> None:
        scheme = self._prose[max(colon - 5, 0) : colon].lower()
        if not scheme.endswith(("http", "https")):
            return
        start = colon - (5 if scheme == "https" else 4)
        address = _IN_ADDRESS.match(self._prose, start)
        if start < self._done or address is None or self._prose[start - 1].isalnum():
            return
        end = start + _measure_address(address[0])
        self._add("", start, end, image=False, kind="bare")
        self._done = end


def _read_target(text: str, opening: int) -> tuple[int, int, int | None]:
    """Where a target begins and ends, and the place behind ``)``, or None if that is missing."""
    if plain := _PLAIN_TARGET.match(text, opening):
        return plain.start(1), plain.end(1), plain.end()
    gap = _GAP.match(text, opening)
    start = gap.end() if gap else opening
    if angled := _ANGLED_TARGET.match(text, start):
        (start, end), behind = angled.span(1), angled.end()
    else:
        end = behind = _end_target(text, start)
    closing = _TITLE_AND_BRACKET.match(text, behind)
    return start, end, closing.end() if closing else None


def _end_target(text: str, start: int) -> int:
    """Find the first blank, or the first ``)`` that no ``(`` of the target belongs to."""
    depth = 0
    for mark in _TARGET_MARK.finditer(text, start):
        if mark[0] == "(":
            depth += 1
        elif mark[0] == ")":
            depth -= 1
        if depth < 0 or mark[0].isspace():
            return mark.start()
    return len(text)


def _looks_like_address(target: str) -> bool:
    return "://" in target or target.lstrip("(").startswith(("http", "www."))


def _measure_address(address: str) -> int:
    """How long an address is without the punctuation that belongs to the sentence around it."""
    surplus = address.count(")") - address.count("(")
    end = len(address)
    while address[end - 1] in "?!.,:;*_~'" or (address[end - 1] == ")" and surplus > 0):
        surplus -= address[end - 1] == ")"
        end -= 1
    return end
