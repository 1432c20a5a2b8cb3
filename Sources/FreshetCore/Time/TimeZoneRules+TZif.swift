extension TimeZoneRules {
    /// Reads a compiled time zone, as in `/usr/share/zoneinfo`.
    ///
    /// - Parameter tzif: the whole file, in version 1, 2, 3 or 4.
    /// - Throws: ``TimeZoneError``; no bytes make it trap.
    /// - SeeAlso: RFC 9636 (and RFC 8536, which it replaces), sections 3 and 3.3.
    public init(tzif: [UInt8]) throws(TimeZoneError) {
        var reader = TZifReader(tzif)
        var header = try reader.header()
        guard header.version > 0 else {
            self = try reader.block(header, timeSize: 4).rules(continuing: nil)
            return
        }
        // The first block is for readers of 32-bit times.
        try reader.skip(header.size(timeSize: 4))
        header = try reader.header()
        let block = try reader.block(header, timeSize: 8)
        self = try block.rules(continuing: try reader.footer())
    }
}

private struct TZifHeader {
    /// 0 for version 1, else the digit.
    var version: Int
    var utcIndicators, standardIndicators, leapSeconds, times, types, characters: Int

    /// The length of the data block, in bytes.
    func size(timeSize: Int) -> Int {
        times * (timeSize + 1) + types * 6 + characters + leapSeconds * (timeSize + 4) + standardIndicators
            + utcIndicators
    }
}

private struct TZifBlock {
    var times: [Int] = []
    /// For each time, the index of what holds from then on.
    var indices: [Int] = []
    var offsets: [Int] = []

    func rules(continuing rule: PosixTimeZone?) throws(TimeZoneError) -> TimeZoneRules {
        var transitions: [TimeZoneRules.Transition] = []
        for (time, index) in zip(times, indices) {
            guard offsets.indices.contains(index) else { throw .inconsistent }
            if let last = transitions.last, last.time > time { throw .inconsistent }
            if transitions.last?.time == time { transitions.removeLast() }
            transitions.append(TimeZoneRules.Transition(time: time, offset: offsets[index]))
        }
        // Local time before the first transition is of type 0 (section 3.2).
        return TimeZoneRules(initialOffset: offsets[0], transitions: transitions, rule: rule)
    }
}

private struct TZifReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func header() throws(TimeZoneError) -> TZifHeader {
        guard "TZif".utf8.starts(with: bytes[position...].prefix(4)) else { throw .notTZif }
        try skip(4)
        let version = Int(try integer(size: 1))
        try skip(15)
        var counts: [Int] = []
        for _ in 0..<6 { counts.append(try integer(size: 4) & 0xFFFF_FFFF) }
        return TZifHeader(
            version: version,
            utcIndicators: counts[0],
            standardIndicators: counts[1],
            leapSeconds: counts[2],
            times: counts[3],
            types: counts[4],
            characters: counts[5]
        )
    }

    mutating func block(_ header: TZifHeader, timeSize: Int) throws(TimeZoneError) -> TZifBlock {
        guard header.leapSeconds == 0 else { throw .leapSeconds }
        guard header.types > 0 else { throw .inconsistent }
        guard header.size(timeSize: timeSize) <= bytes.count - position else { throw .truncated }
        var block = TZifBlock()
        for _ in 0..<header.times {
            let time = try integer(size: timeSize)
            block.times.append(min(max(time, TimeZoneRules.distantPast), TimeZoneRules.distantFuture))
        }
        for _ in 0..<header.times { block.indices.append(try integer(size: 1) & 0xFF) }
        for _ in 0..<header.types {
            let offset = try integer(size: 4)
            guard abs(offset) < TimeZoneRules.widestOffset else { throw .inconsistent }
            block.offsets.append(offset)
            // Whether it is daylight saving time, and where its abbreviation begins.
            try skip(2)
        }
        try skip(header.characters + header.standardIndicators + header.utcIndicators)
        return block
    }

    /// Reads the rule for the future, between two newlines; it may be empty.
    mutating func footer() throws(TimeZoneError) -> PosixTimeZone? {
        let newline = UInt8(ascii: "\n")
        guard try take(1).first == newline else { throw .inconsistent }
        guard let end = bytes[position...].firstIndex(of: newline) else { throw .truncated }
        let text = String(decoding: bytes[position..<end], as: UTF8.self)
        if text.isEmpty { return nil }
        guard let rule = PosixTimeZone(parsing: text) else { throw .invalidRule(text) }
        return rule
    }

    mutating func skip(_ count: Int) throws(TimeZoneError) { _ = try take(count) }

    private mutating func take(_ count: Int) throws(TimeZoneError) -> ArraySlice<UInt8> {
        guard count <= bytes.count - position else { throw .truncated }
        position += count
        return bytes[position - count..<position]
    }

    /// A two's complement integer, most significant byte first.
    private mutating func integer(size: Int) throws(TimeZoneError) -> Int {
        let taken = try take(size)
        var value: Int = taken.first.map { $0 < 0x80 ? 0 : -1 } ?? 0
        for byte in taken { value = value << 8 | Int(byte) }
        return value
    }
}
