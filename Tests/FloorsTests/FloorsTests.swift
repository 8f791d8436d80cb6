import Testing

struct FloorsTests {
    private static let reading = Result { try House.read() }

    let house: House

    init() throws { house = try Self.reading.get() }

    @Test func everyTargetHasAFolderAndAFloor() {
        #expect(!house.manifest.dependencies.isEmpty)
        #expect(Set(house.manifest.dependencies.keys) == Set(house.sources.keys), "Package.swift and Sources disagree")
        for target in house.manifest.dependencies.keys {
            #expect(Floors.floor(of: target) != nil, "\(target) is not in the table of floors")
        }
    }

    @Test func noArrowPointsUp() throws {
        for target in house.manifest.dependencies.keys.sorted() {
            let floor = try #require(Floors.floor(of: target))
            for used in house.uses(of: target).sorted() {
                let below = try #require(Floors.floor(of: used), "\(target) uses \(used), which has no floor")
                let isNeighbour = below == floor && Floors.neighbours[target]?.contains(used) == true
                #expect(below < floor || isNeighbour, "\(target) (floor \(floor)) uses \(used) (floor \(below))")
            }
        }
    }

    @Test func everyImportIsDeclared() {
        for (target, declared) in house.manifest.dependencies {
            for file in house.sources[target] ?? [] {
                for module in file.imports where house.manifest.dependencies[module] != nil && module != target {
                    let isDeclared = declared.contains(module) || Floors.everywhere.contains(module)
                    #expect(
                        isDeclared,
                        "\(file.path) imports \(module), which Package.swift does not give to \(target)"
                    )
                }
            }
        }
    }

    @Test func foundationStaysUpstairs() {
        for target in Floors.targets[Floors.withoutFoundation].joined() {
            for file in house.sources[target] ?? [] {
                #expect(!file.imports.contains { $0.hasPrefix("Foundation") }, "\(file.path) imports Foundation")
            }
        }
    }

    @Test func tasksAreStartedThroughAWorker() {
        for (target, files) in house.sources where !Floors.mayStartTasks.contains(target) {
            for file in files {
                #expect(file.taskStarts.isEmpty, "\(file.path) starts a task by itself: use worker.spawn")
            }
        }
    }
}
