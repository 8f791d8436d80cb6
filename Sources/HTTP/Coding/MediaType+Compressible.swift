extension MediaType {
    /// Whether contents of this type shrink when they are compressed: text in one notation or another. Images, fonts and
    /// archives are compressed already. An event stream is not counted: each event would have to be flushed by itself.
    public var isCompressible: Bool {
        if type == "text" { return subtype != "event-stream" }
        if ["json", "xml", "yaml"].contains(where: { subtype.hasSuffix("+" + $0) }) { return true }
        return type == "application" && ["json", "xml", "yaml", "wasm", "javascript"].contains(subtype)
    }
}
