/// Random numbers that are the same for the same seed (Steele, Lea and Flood, *SplitMix*, OOPSLA 2014).
package struct Dice {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// 0 to below `count`.
    package mutating func roll(_ count: Int) -> Int { Int(next() % UInt64(count)) }

    package mutating func happens(oneIn count: Int) -> Bool { roll(count) == 0 }

    package mutating func pick<Value>(_ values: [Value]) -> Value { values[roll(values.count)] }
}
