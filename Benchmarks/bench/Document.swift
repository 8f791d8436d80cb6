import JSON

/// A state as a discovery flow has it.
enum Document {
    static func make(hosts: Int) -> JSON {
        let rows = (0..<hosts).map { number -> JSON in
            [
                "id": JSON("host-\(number)"), "hostname": JSON("srv\(number).example.com"),
                "ip_address": JSON("10.0.\(number / 256).\(number % 256)"), "environment": "production",
                "memory_gb": JSON(number % 64), "load": 0.25, "tags": ["linux", "web", "ü"],
                "note": "Rack 7 \"north\", see ticket", "active": true,
            ]
        }
        return ["progress": ["done": 10, "total": 100], "hosts": .array(rows)]
    }

    static func withFiveChanges(_ document: JSON) throws -> JSON {
        var changed = document
        try changed.set(11, at: JSONPointer("/progress/done"))
        try changed.set("staging", at: JSONPointer("/hosts/3/environment"))
        try changed.set(false, at: JSONPointer("/hosts/17/active"))
        try changed.set("new", at: JSONPointer("/hosts/20/comment"))
        try changed.set(99, at: JSONPointer("/hosts/30/memory_gb"))
        return changed
    }
}
