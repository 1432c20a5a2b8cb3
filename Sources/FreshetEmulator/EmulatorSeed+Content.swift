extension EmulatorSeed {
    /// What a workspace holds beside its models.
    public struct Content: Codable, Sendable {
        public var reports: [Report] = []
        public var dashboards: [Dashboard] = []
        public var dataflows: [Dataflow] = []

        public init() {}

        /// Two reports on Sales, one on Inventory, a dashboard of three tiles, and a dataflow that Sales reads.
        public static var retail: Content {
            var content = Content()
            content.reports = [
                Report(name: "Sales overview", model: "Sales"), Report(name: "Customers", model: "Sales"),
                Report(name: "Stock levels", model: "Inventory"),
            ]
            content.dashboards = [
                Dashboard(
                    name: "Management",
                    tiles: [
                        Tile(title: "Revenue", report: "Sales overview"),
                        Tile(title: "New customers", report: "Customers"),
                        Tile(title: "Stock", report: "Stock levels"),
                    ]
                )
            ]
            content.dataflows = [Dataflow(name: "Currency rates", models: ["Sales"])]
            return content
        }
    }

    public struct Report: Codable, Sendable {
        public var name: String
        /// The name of the model it shows, in the same workspace.
        public var model: String

        public init(name: String, model: String) {
            self.name = name
            self.model = model
        }
    }

    public struct Dashboard: Codable, Sendable {
        public var name: String
        public var tiles: [Tile]

        public init(name: String, tiles: [Tile]) {
            self.name = name
            self.tiles = tiles
        }
    }

    public struct Tile: Codable, Sendable {
        public var title: String
        /// The name of the report it was pinned from, in the same workspace.
        public var report: String

        public init(title: String, report: String) {
            self.title = title
            self.report = report
        }
    }

    public struct Dataflow: Codable, Sendable {
        public var name: String
        /// The names of the models that read it, in the same workspace.
        public var models: [String]

        public init(name: String, models: [String]) {
            self.name = name
            self.models = models
        }
    }
}
