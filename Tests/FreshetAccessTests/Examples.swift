@testable import FreshetAccess

/// A request that fits a route.
enum Examples {
    private static let values = [
        "asset": "powerbi:retail:sales", "asset...": "powerbi/retail/sales", "operation": "op-1", "run": "0190-ab",
        "sensor": "warehouse:footfall", "source": "dbt-cloud", "token": "ci", "trigger": "0190-cd", "user": "ana",
    ]

    static func target(of route: Route) -> String {
        values.reduce(route.template.description) { $0.replacing("{\($1.key)}", with: $1.value) }
    }
}
