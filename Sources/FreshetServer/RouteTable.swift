/// Every operation of the API; what is not here is not there.
enum RouteTable {
    static let all: [Route] =
        AssetRoutes.all + AssetHistoryRoutes.all + AuditRoutes.all + BadgeRoutes.all + BoardRoutes.all
        + ConfigRoutes.all + DecisionRoutes.all + EventRoutes.all + HealthRoutes.all + HookRoutes.all
        + IngestRoutes.all + LineageRoutes.all + MetricsRoutes.all + OperationRoutes.all + PageRoutes.all
        + PauseRoutes.all + PlanRoutes.all + RunEffectRoutes.all + RunRoutes.all + SavingsRoutes.all
        + ScheduleRoutes.all + SensorRoutes.all + SessionRoutes.all + TriggerRoutes.all
}
