"""The words of one line of a case."""


class Words:
    """The words of a line, taken one by one; what is left over at the end is a mistake."""

    def __init__(self, line: str) -> None:
        self._line = line
        words = line.split()
        self._names = [word for word in words if "=" not in word]
        self._values = dict(word.split("=", 1) for word in words if "=" in word)

    def name(self) -> str:
        if not self._names:
            raise ValueError(f"a name is missing in {self._line!r}")
        return self._names.pop(0)

    def flag(self, word: str) -> bool:
        if word not in self._names:
            return False
        self._names.remove(word)
        return True

    def text(self, key: str, default: str = "") -> str:
        return self._values.pop(key, default)

    def number(self, key: str, default: int = 0) -> int:
        return int(self._values.pop(key, default))

    def names(self, key: str) -> list[str]:
        return [word for word in self.text(key).split(",") if word]

    def rest(self) -> dict[str, str]:
        values, self._values = self._values, {}
        return values

    def end(self) -> None:
        if self._names or self._values:
            raise ValueError(f"not understood in {self._line!r}: {self._names} {self._values}")
