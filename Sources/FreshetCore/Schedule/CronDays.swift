/// The days that the two day fields of an expression name together.
struct CronDays: Hashable, Sendable {
    private let days: CronSet
    private let hasLastDay: Bool
    private let hasLastWorkday: Bool
    private let weekdays: CronSet
    private let lastWeekdays: CronSet
    private let nthWeekdays: [Int: CronSet]
    /// Whether a day has to match both fields rather than either.
    private let needsBoth: Bool

    /// - Parameters:
    ///   - days: the days of the month.
    ///   - weekdays: the days of the week.
    ///   - startWithStar: whether one of the fields begins with a star: then it does not widen what the other says.
    init(_ days: CronPieces, _ weekdays: CronPieces, startWithStar: Bool) {
        self.days = days.numbers
        hasLastDay = days.hasLastDay
        hasLastWorkday = days.hasLastWorkday
        self.weekdays = weekdays.numbers
        lastWeekdays = weekdays.lastWeekdays
        nthWeekdays = weekdays.nthWeekdays
        needsBoth = startWithStar
    }

    /// - Parameters:
    ///   - date: the day in question.
    ///   - day: its number in the month.
    ///   - length: of its month, in days.
    func contain(_ date: CivilDate, day: Int, length: Int) -> Bool {
        let byMonth = matchesMonth(date, day, length)
        if byMonth != needsBoth { return byMonth }
        return matchesWeek(date, day, length)
    }

    private func matchesMonth(_ date: CivilDate, _ day: Int, _ length: Int) -> Bool {
        if days.contains(day) || hasLastDay && day == length { return true }
        guard hasLastWorkday else { return false }
        let end = date.adding(days: length - day)
        return date == end.adding(days: -max(0, end.weekday - 5))
    }

    private func matchesWeek(_ date: CivilDate, _ day: Int, _ length: Int) -> Bool {
        let weekday = date.weekday % 7
        if weekdays.contains(weekday) { return true }
        if day + 7 > length, lastWeekdays.contains(weekday) { return true }
        return nthWeekdays[(day + 6) / 7]?.contains(weekday) == true
    }
}
