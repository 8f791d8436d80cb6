extension AttackCase {
    /// Where the content ends: lengths that lie, and codings that hide.
    static let framing: [AttackCase] = [
        AttackCase("length of zero", "6.3", length("0"), .read(1)),
        AttackCase("length as promised", "6.3", length("5", "hello"), .read(1)),
        AttackCase("length that promises more", "6.3", length("6", "hello"), .waiting()),
        AttackCase("length that promises less", "6.3", length("4", "hello"), .waiting(after: 1)),
        AttackCase("length that hides a request", "6.3", length("2", "ab" + get), .read(2)),
        AttackCase("minus zero", "6.3", length("-0"), .refused(400)),
        AttackCase("negative length", "6.3", length("-1"), .refused(400)),
        AttackCase("hexadecimal length", "6.3", length("0x5", "hello"), .refused(400)),
        AttackCase("length with a fraction", "6.3", length("5.0", "hello"), .refused(400)),
        AttackCase("length with an exponent", "6.3", length("1e1", "hello"), .refused(400)),
        AttackCase("length with a separator", "6.3", length("1_0"), .refused(400)),
        AttackCase("length with a space inside", "6.3", length("1 0"), .refused(400)),
        AttackCase("length in quotes", "6.3", length("\"5\"", "hello"), .refused(400)),
        AttackCase("length with a trailing comma", "6.3", length("5,", "hello"), .refused(400)),
        AttackCase("length of full-width digits", "6.3", length("５", "hello"), .refused(400)),
        AttackCase("length of Arabic digits", "6.3", length("٥", "hello"), .refused(400)),
        AttackCase("length with a parameter", "6.3", length("5;x", "hello"), .refused(400)),
        AttackCase("length that wraps 32 bits", "6.3", length("4294967301"), .refused(413)),
        AttackCase("length that wraps 64 bits", "6.3", length("18446744073709551621"), .refused(400)),
        AttackCase("length of a thousand digits", "6.3", length(String(repeating: "9", count: 1000)), .refused(400)),
        AttackCase("length over the limit", "9110 §15.5.14", length("1048577"), .refused(413)),
        AttackCase(
            "lengths that differ",
            "6.3",
            post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
            .refused(400)
        ),
        AttackCase("lengths in one field that differ", "6.3", length("5, 6"), .refused(400)),
        AttackCase(
            "a second length in other letters",
            "6.3",
            post + "Content-Length: 0\r\ncontent-length: 44\r\n\r\n",
            .refused(400)
        ),
        AttackCase("a length under a similar name", "5.1", post + "Content_Length: 44\r\n\r\n", .read(1)),
        AttackCase("a length with GET", "9110 §9.3.1", field("Content-Length: 2") + "ab", .read(1)),
        AttackCase(
            "coding before length",
            "6.1",
            post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
            .refused(400)
        ),
        AttackCase(
            "length before coding",
            "6.1",
            post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            .refused(400)
        ),
        AttackCase(
            "a length of zero and a coding",
            "6.1",
            post + "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            .refused(400)
        ),
        AttackCase(
            "a bad length and a coding",
            "6.1",
            post + "Content-Length: x\r\nTransfer-Encoding: chunked\r\n\r\n",
            .refused(400)
        ),
        AttackCase("identity", "6.1", coding("identity"), .refused(501)),
        AttackCase("identity, chunked", "6.1", coding("identity, chunked"), .refused(501)),
        AttackCase("chunked, identity", "6.1", coding("chunked, identity"), .refused(400)),
        AttackCase("chunked with a parameter", "7", coding("chunked;q=1"), .refused(501)),
        AttackCase("chunked in quotes", "6.1", coding("\"chunked\""), .refused(501)),
        AttackCase("chunked with a comma before", "6.1", coding(",chunked"), .refused(400)),
        AttackCase("chunked with a comma after", "6.1", coding("chunked,"), .refused(400)),
        AttackCase("chunked with white space around", "5.1", coding(" \t chunked \t "), .read(1)),
        AttackCase("chunked with a vertical tab", "9110 §5.5", coding("\u{B}chunked"), .refused(400)),
        AttackCase("chunked with a form feed", "9110 §5.5", coding("chunked\u{C}"), .refused(400)),
        AttackCase("chunked with a no-break space", "6.1", coding("\u{A0}chunked"), .refused(501)),
        AttackCase("chunked with a NUL", "9110 §5.5", coding("chunked\0"), .refused(400)),
        AttackCase("a longer name", "6.1", coding("xchunked"), .refused(501)),
        AttackCase("a name cut short", "6.1", coding("chunke"), .refused(501)),
        AttackCase("folded coding", "5.2", coding("\r\n chunked"), .refused(400)),
        AttackCase(
            "space before the colon of a coding",
            "5.1",
            post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
            .refused(400)
        ),
        AttackCase("a coding under a similar name", "5.1", post + "Transfer_Encoding: chunked\r\n\r\n", .read(1)),
        AttackCase("a coding with GET", "9110 §9.3.1", field("Transfer-Encoding: chunked") + "0\r\n\r\n", .read(1)),
        AttackCase(
            "a coding with HTTP/1.0 that keeps alive",
            "6.1",
            "POST / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            .refused(400)
        ),
    ]

    /// What the chunked coding says of itself.
    static let chunks: [AttackCase] = [
        AttackCase("no chunks", "7.1", chunked + "0\r\n\r\n", .read(1)),
        AttackCase("zeros before the size", "7.1", chunked + "0000000000000001\r\nx\r\n0\r\n\r\n", .read(1)),
        AttackCase("size in capitals", "7.1", chunked + "A\r\n0123456789\r\n0\r\n\r\n", .read(1)),
        AttackCase("last chunk of many zeros", "7.1", chunked + "00000\r\n\r\n", .read(1)),
        AttackCase("size with plus", "7.1", chunked + "+1\r\nx\r\n0\r\n\r\n", .refused(400)),
        AttackCase("size with space before", "7.1", chunked + " 1\r\nx\r\n0\r\n\r\n", .refused(400)),
        AttackCase("size with tab after", "7.1.1", chunked + "1\t\r\nx\r\n0\r\n\r\n", .refused(400)),
        AttackCase("size with underscore", "7.1", chunked + "1_0\r\n", .refused(400)),
        AttackCase("size with a suffix", "7.1", chunked + "1h\r\nx\r\n0\r\n\r\n", .refused(400)),
        AttackCase("size with a comma", "7.1", chunked + "1,1\r\nx\r\n0\r\n\r\n", .refused(400)),
        AttackCase("size of full-width digits", "7.1", chunked + "１\r\nx\r\n0\r\n\r\n", .refused(400)),
        AttackCase("size that wraps 64 bits", "7.1", chunked + "10000000000000001\r\nx\r\n", .refused(400)),
        AttackCase("size of all ones", "7.1", chunked + "ffffffffffffffff\r\n", .refused(400)),
        AttackCase("size over the limit", "9110 §15.5.14", chunked + "100001\r\n", .refused(413)),
        AttackCase(
            "sizes over the limit together",
            "9110 §15.5.14",
            chunked + "1\r\nx\r\n7ffffffffffffffe\r\n",
            .refused(413)
        ),
        AttackCase("CR without LF after the size", "7.1", chunked + "1\rx\r\n0\r\n\r\n", .refused(400)),
        AttackCase("LF in the size line", "2.2", chunked + "1;a\nx\r\n0\r\n\r\n", .refused(400)),
        AttackCase("CR, CR, LF after the size", "7.1", chunked + "1\r\r\nx\r\n0\r\n\r\n", .refused(400)),
        AttackCase("NUL after the size", "7.1", chunked + "1\0\r\nx\r\n0\r\n\r\n", .refused(400)),
        AttackCase("data without its line end", "7.1", chunked + "1\r\nx0\r\n\r\n", .refused(400)),
        AttackCase("data shorter than its size", "7.1", chunked + "5\r\nabc\r\n0\r\n\r\n", .refused(400)),
        AttackCase("last chunk with data", "7.1", chunked + "0\r\nx\r\n\r\n", .refused(400)),
        AttackCase("last chunk without the empty line", "7.1", chunked + "1\r\nx\r\n0\r\n", .waiting()),
        AttackCase("empty line that is a bare LF", "2.2", chunked + "0\r\n\n", .refused(400)),
        AttackCase("empty line that is a bare CR", "2.2", chunked + "0\r\n\rGET", .waiting()),
        AttackCase("extension with a quoted line end", "7.1.1", chunked + "1;a=\"\r\n\"\r\nx\r\n", .refused(400)),
        AttackCase("extension with an escaped quote", "7.1.1", chunked + "1;a=\"\\\"\"\r\nx\r\n0\r\n\r\n", .read(1)),
        AttackCase("extension after the quotes", "7.1.1", chunked + "1;a=\"b\"c\r\nx\r\n", .refused(400)),
        AttackCase("extension with two equals signs", "7.1.1", chunked + "1;a==b\r\nx\r\n", .refused(400)),
        AttackCase(
            "extensions without end",
            "7.1.1",
            chunked + String(repeating: "1;\(String(repeating: "a", count: 100))\r\nx\r\n", count: 11),
            .refused(400)
        ),
        AttackCase(
            "trailer that is a length",
            "9110 §6.5.1",
            chunked + "0\r\nContent-Length: 4\r\n\r\n",
            .refused(400)
        ),
        AttackCase(
            "trailer that is a coding",
            "9110 §6.5.1",
            chunked + "0\r\nTransfer-Encoding: chunked\r\n\r\n",
            .refused(400)
        ),
        AttackCase("trailer that is folded", "5.2", chunked + "0\r\nA: b\r\n c\r\n\r\n", .refused(400)),
        AttackCase("trailer with a bare LF", "2.2", chunked + "0\r\nA: b\nB: c\r\n\r\n", .refused(400)),
        AttackCase(
            "trailers over the limit",
            "9110 §5.4",
            chunked + "0\r\nA: \(String(repeating: "a", count: 9000))\r\n\r\n",
            .refused(431)
        ),
    ]
}
