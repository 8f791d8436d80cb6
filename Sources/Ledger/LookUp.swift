/// How it is found out what became of a commit whose answer was lost.
enum LookUp {
    /// How long it is tried.
    static let patience = Duration.seconds(30)
    /// The pause before the database is asked again.
    static let pause = Duration.milliseconds(100)
}
