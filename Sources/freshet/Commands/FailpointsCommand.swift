#if FRESHET_FAILPOINTS
    import ArgumentParser
    import FreshetFailpoints

    struct FailpointsCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "failpoints",
            abstract: "Print the name of every place at which FRESHET_FAILPOINTS can end, fail or delay the program.",
            usage: "freshet failpoints",
            shouldDisplay: false
        )

        func run() {
            for point in Failpoint.allCases { Output.write(point.name + "\n", to: 1) }
        }
    }
#endif
