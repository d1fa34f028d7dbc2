"""Which characters are these bytes? Editors and operating systems disagree; a template is text in one of three encodings."""

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_LE

_UTF16 = (BOM_UTF16_LE, BOM_UTF16_BE)


def is_utf16(data: bytes) -> bool:
    """Whether the bytes begin with the byte-order mark of UTF-16."""
    return data.startswith(_UTF16) and not data.startswith(BOM_UTF32_LE)


def is_text(data: bytes) -> bool:
    """Whether the bytes can be text: NUL bytes tell binary files."""
    return b"\0" not in data or (is_utf16(data) and len(data) % 2 == 0)


def decode(data: bytes) -> str:
    """The characters of a text without its byte-order mark: UTF-8, UTF-16 if marked so, else Windows-1252."""
    if is_utf16(data):
        return data.decode("utf-16", errors="replace")
    try:
        return data.removeprefix(BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def encode_like(text: str, data: bytes) -> bytes:
    """The bytes of a text in the encoding of others that were decoded here, with their byte-order mark if they have one."""
    if is_utf16(data):
        order = "utf-16-le" if data.startswith(BOM_UTF16_LE) else "utf-16-be"
        return data[:2] + text.encode(order)
    mark = BOM_UTF8 if data.startswith(BOM_UTF8) else b""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return text.encode("cp1252")
    return mark + text.encode("utf-8")
