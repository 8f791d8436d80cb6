import PropertySupport
import Testing

@testable import JSON

/// Long arrays and objects are kept in chunks that their versions share.
struct JSONArrayTests {
    /// How many elements of the two lie at different addresses.
    private func differences(_ left: JSONArray, _ right: JSONArray) -> [Int] {
        var positions: [Int] = []
        left.elements.forEachDifference(from: right.elements) { position, _, _ in
            positions.append(position)
            return true
        }
        return positions
    }

    /// The addresses of the chunks, which are the same for those that are shared.
    private func chunks<Element>(_ array: ChunkedArray<Element>) -> [UnsafePointer<Element>?] {
        var addresses: [UnsafePointer<Element>?] = []
        array.forEachBuffer {
            addresses.append($0.baseAddress)
            return true
        }
        return addresses
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func itBehavesLikeAnArray(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var model = (0..<Int.random(in: 0...300, using: &random)).map { JSON($0) }
        var array = JSONArray(model)
        var versions: [(JSONArray, [JSON])] = []
        for step in 0..<400 {
            let value = JSON(1000 + step)
            let grows = step / 100 % 2 == Int(seed % 2)
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<(grows ? 6 : 2):
                let place = Int.random(in: 0...model.count, using: &random)
                model.insert(value, at: place)
                array.insert(value, at: place)
            case 6...7 where !model.isEmpty:
                let place = model.indices.randomElement(using: &random) ?? 0
                model[place] = value
                array[place] = value
            case 8:
                model.append(value)
                array.append(value)
            case 9:
                versions.append((array, model))
            default:
                guard let place = model.indices.randomElement(using: &random) else { continue }
                #expect(model.remove(at: place) == array.remove(at: place))
            }
            #expect(array.count == model.count && Array(array) == model)
        }
        #expect(model.indices.allSatisfy { array[$0] == model[$0] })
        // What happened to one version happened to no other.
        for (version, model) in versions { #expect(version.flattened == model && version == JSONArray(model)) }
    }

    @Test func aRangeCanBeReplaced() {
        var array = JSONArray((0..<200).map { JSON($0) })
        array.replaceSubrange(10..<190, with: [JSON("x")])
        #expect(Array(array) == (0..<10).map { JSON($0) } + ["x"] + (190..<200).map { JSON($0) })
        array.removeAll { $0 == "x" }
        #expect(array.count == 20)
    }

    @Test func changingAnElementLeavesAllOtherChunksShared() {
        let array = JSONArray((0..<10_000).map { ["n": JSON($0)] })
        var changed = array
        changed[5_000] = "changed"
        let (before, after) = (chunks(array.elements), chunks(changed.elements))
        #expect(before.count > 100 && zip(before, after).count { $0 != $1 } == 1)
        #expect(differences(array, changed) == [5_000])
        #expect(array[5_000] == ["n": 5_000] && changed != array)
    }

    @Test func insertingAndRemovingToo() {
        let array = JSONArray((0..<10_000).map { JSON($0) })
        var changed = array
        changed.insert("new", at: 3_000)
        changed.remove(at: 7_000)
        let (before, after) = (Set(chunks(array.elements)), Set(chunks(changed.elements)))
        #expect(before.subtracting(after).count == 2)
    }

    @Test func aPatchCopiesTheWayToWhatItChanges() throws {
        let items = (0..<1_000).map { ["id": JSON($0), "tags": ["a", "b"]] as JSON }
        let document: JSON = ["items": .array(items)]
        let patch = JSONPatch(operations: [.add(try JSONPointer("/items/500/tags/-"), "c")])
        let changed = try patch.apply(to: document)
        guard case .array(let old)? = document["items"], case .array(let new)? = changed["items"] else {
            Issue.record("there are no items")
            return
        }
        #expect(differences(old, new) == [500])
        #expect(
            JSONPatch.diff(from: document, to: changed)
                == JSONPatch(operations: [.add(try JSONPointer("/items/500/tags/2"), "c")])
        )
    }

    @Test func membersOfLargeObjectsAreSharedToo() throws {
        let object = JSONObject((0..<5_000).map { ("k\($0)", JSON($0)) })
        var changed = object
        changed["k2500"] = "changed"
        changed["new"] = 1
        #expect(zip(chunks(object.members), chunks(changed.members)).count { $0 != $1 } == 2)
        #expect(changed.removeValue(forKey: "k0") == 0 && changed.count == 5_000)
        #expect(changed["k1"] == 1 && changed["k4999"] == 4_999 && changed["k0"] == nil && object["k0"] == 0)
        #expect(object["k2500"] == 2_500 && object["new"] == nil)
    }
}
