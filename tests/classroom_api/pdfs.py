"""PDFs for the tests, written byte by byte: good ones, and such as somebody might send who means ill."""

from __future__ import annotations

import zlib

Body = bytes | str


def pdf_of(objects: list[Body], trailer: str = "") -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalog."""
    out = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        data = body.encode() if isinstance(body, str) else body
        out += b"%d 0 obj\n" % number + data + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += (
        f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF".encode()
    )
    return bytes(out)


def stream(content: bytes, members: str = "") -> bytes:
    """A stream object, deflated."""
    data = zlib.compress(content, 9)
    head = f"<< /Length {len(data)} /Filter /FlateDecode {members} >>\nstream\n".encode()
    return head + data + b"\nendstream"


def text_pdf(*texts: str, box: str = "0 0 960 540") -> bytes:
    """A page for each text (Latin letters), the text in its middle."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(texts)))
    objects: list[Body] = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(texts)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, text in enumerate(texts):
        resources = "/Resources << /Font << /F 3 0 R >> >>"
        contents = f"/Contents {5 + 2 * number} 0 R"
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] {resources} {contents} >>")
        objects.append(
            stream(f"BT /F 60 Tf 120 260 Td ({text}) Tj ET 0.8 0.2 0.2 rg 700 60 200 120 re f".encode())
        )
    return pdf_of(objects)


def many_pages(count: int) -> bytes:
    """One page, named `count` times."""
    return pdf_of(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            f"<< /Type /Pages /Kids [{'3 0 R ' * count}] /Count {count} >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 96 54] >>",
        ]
    )


def encrypted_pdf() -> bytes:
    """It wants a password that nobody has."""
    objects: list[Body] = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 96 54] >>",
        f"<< /Filter /Standard /V 1 /R 2 /O <{'ab' * 32}> /U <{'cd' * 32}> /P -4 >>",
    ]
    return pdf_of(objects, f"/Encrypt 4 0 R /ID [<{'00' * 16}> <{'00' * 16}>]")


def _one_page(content: bytes, resources: str, *more: Body) -> bytes:
    page = "/Type /Page /Parent 2 0 R /MediaBox [0 0 960 540] /Contents 4 0 R"
    return pdf_of(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            f"<< {page} /Resources << {resources} >> >>",
            stream(content),
            *more,
        ]
    )


def laughing_pdf(levels: int = 12) -> bytes:
    """Each form draws the next one ten times: 10^levels rectangles."""
    forms = [
        stream(
            b"/N Do " * 10 if level + 1 < levels else b"0 0 9 9 re f",
            "/Type /XObject /Subtype /Form /BBox [0 0 960 540] "
            + (f"/Resources << /XObject << /N {6 + level} 0 R >> >>" if level + 1 < levels else ""),
        )
        for level in range(levels)
    ]
    return _one_page(b"/N Do", "/XObject << /N 5 0 R >>", *forms)


def inflating_pdf(size_bytes: int = 3 << 30) -> bytes:
    """A page whose drawing commands are 3 GiB once they are inflated, in three megabytes."""
    piece = zlib.compressobj(9)
    first = piece.compress(b" " * (10 << 20)) + piece.flush(zlib.Z_FULL_FLUSH)
    again = piece.compress(b" " * (10 << 20)) + piece.flush(zlib.Z_FULL_FLUSH)
    data = first + again * (size_bytes // (10 << 20))
    head = f"<< /Length {len(data)} /Filter /FlateDecode >>\nstream\n".encode()
    return pdf_of(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 960 540] /Contents 4 0 R >>",
            head + data + b"\nendstream",
        ]
    )


def chinese_pdf(*texts: str) -> bytes:
    """A page for each text, which a reader finds in it; the font is a name alone."""
    kids = " ".join(f"{5 + 2 * n} 0 R" for n in range(len(texts)))
    name = "/BaseFont /STSong-Light"
    system = "/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >>"
    measures = "/FontBBox [0 -200 1000 900] /ItalicAngle 0 /Ascent 900 /Descent -200 /CapHeight 800 /StemV 80"
    descriptor = f"/FontDescriptor << /Type /FontDescriptor /FontName /STSong-Light /Flags 6 {measures} >>"
    objects: list[Body] = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(texts)} >>",
        f"<< /Type /Font /Subtype /Type0 {name} /Encoding /UniGB-UCS2-H /DescendantFonts [4 0 R] >>",
        f"<< /Type /Font /Subtype /CIDFontType0 {name} {system} {descriptor} >>",
    ]
    for number, text in enumerate(texts):
        resources = "/Resources << /Font << /F 3 0 R >> >>"
        contents = f"/Contents {6 + 2 * number} 0 R"
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 960 540] {resources} {contents} >>")
        objects.append(stream(f"BT /F 60 Tf 60 260 Td <{text.encode('utf-16-be').hex()}> Tj ET".encode()))
    return pdf_of(objects)
