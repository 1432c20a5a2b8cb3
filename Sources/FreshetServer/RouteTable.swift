import Hummingbird

/// Every resource of the API, in alphabetical order.
enum RouteTable {
    static let all: [@Sendable (RouterGroup<BasicRequestContext>, ServerContext) -> Void] = [
        PauseRoutes.register,
        RunRoutes.register,
        TriggerRoutes.register,
    ]
}
