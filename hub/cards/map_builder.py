"""Maps of a header while they are being read."""

from __future__ import annotations

from hub.cards.keys import english_key
from hub.cards.nodes import MapNode, Node, ScalarNode


class MapBuilder:
    """The keys of a map that is being read; of a repeated key, the first one counts."""

    def __init__(self) -> None:
        self.values: dict[str, Node] = {}
        self.keys: dict[str, ScalarNode] = {}
        self.repeated: list[tuple[ScalarNode, Node]] = []

    def add(self, key: ScalarNode, value: Node) -> None:
        """Take a key with its value."""
        name = key.text if key.text.isascii() else english_key(key.text)
        if name in self.values:
            self.repeated.append((key, value))
        else:
            self.keys[name], self.values[name] = key, value

    def merge(self, other: MapNode) -> None:
        """Take all keys of another map."""
        for name, value in other.values.items():
            self.add(other.keys[name], value)
        self.repeated += other.repeated

    def finish(self, start: int, end: int) -> MapNode:
        """Return the map, with its place."""
        return MapNode(self.values, self.keys, tuple(self.repeated), start, end)

    def finish_item(self) -> MapNode:
        """Return the map, which reaches from its first key to its last value."""
        start = min(key.start for key in self.keys.values())
        values = (*self.values.values(), *(value for _, value in self.repeated))
        return self.finish(start, max(value.end for value in values))
