"""Bodies, decompressed within a limit."""

import zlib

_GZIP_OR_ZLIB = 47
_RAW_DEFLATE = -15

_NONE_YET = zlib.decompressobj(_GZIP_OR_ZLIB)
"""What stands there before there is anything to decompress: to make one takes as long as to read a body."""


class TooLarge(Exception):  # noqa: N818 - says what the body is
    """The body is larger than allowed; never leaves `syncd.adapters.http`."""


class Undecodable(Exception):  # noqa: N818 - says what the body is
    """The body is not what its encoding says; never leaves `syncd.adapters.http`."""


class BodyDecoder:
    """Collects a body chunk by chunk and decompresses it; holds at most `max_bytes` and never fewer than all.

    A small compressed body can hold gigabytes, so the limit counts what comes out, while it comes out.
    """

    def __init__(self, encoding: str, *, max_bytes: int) -> None:
        names = [name for name in map(str.strip, encoding.lower().split(",")) if name not in {"", "identity"}]
        if len(names) > 1 or (names and names[0] not in {"gzip", "x-gzip", "deflate"}):
            raise Undecodable("its encoding is neither gzip nor deflate")
        self._deflate = names == ["deflate"]
        self._compressed = bool(names)
        self._inflater = _NONE_YET
        self._max_bytes = max_bytes
        self._body = bytearray()
        self._started = False

    def feed(self, chunk: bytes) -> None:
        """Take the next chunk.

        Raises:
            TooLarge: there is more than `max_bytes`.
            Undecodable: the chunk cannot be decompressed.
        """
        if not self._compressed:
            self._keep(chunk)
            return
        try:
            self._inflate(chunk)
        except zlib.error:
            raise Undecodable("it is damaged") from None

    def finish(self) -> bytes:
        """Return the whole body.

        Raises:
            Undecodable: the compressed data ends early.
        """
        if self._started and not self._inflater.eof:
            raise Undecodable("it is cut short")
        return bytes(self._body)

    def _inflate(self, chunk: bytes) -> None:
        if chunk and not self._started:
            self._started = True
            # Some servers leave out the zlib header that "deflate" should have.
            is_raw = self._deflate and chunk[0] & 0x0F != zlib.DEFLATED
            self._inflater = zlib.decompressobj(_RAW_DEFLATE if is_raw else _GZIP_OR_ZLIB)
        while chunk:
            if self._inflater.eof:
                self._inflater = zlib.decompressobj(_GZIP_OR_ZLIB)
            room = self._max_bytes - len(self._body) + 1
            self._keep(self._inflater.decompress(chunk, room))
            chunk = self._inflater.unconsumed_tail or self._inflater.unused_data

    def _keep(self, chunk: bytes) -> None:
        if len(self._body) + len(chunk) > self._max_bytes:
            raise TooLarge
        self._body += chunk
