import Wire

enum Thing {}
typealias ThingID = ID<Thing>

enum Sample {
    static let id = ThingID("0198a1f0-5c00-7abc-8def-0123456789ab")!
    static let now = Timestamp(milliseconds: 1_780_000_000_000)
}
