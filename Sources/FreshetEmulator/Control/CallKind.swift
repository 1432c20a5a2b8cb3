/// What a request is, as the ledger and faults name it.
enum CallKind: String, CaseIterable, Codable, Sendable {
    case capacities
    case dashboards
    case databricksJobs = "databricks_jobs"
    case databricksRunCancel = "databricks_run_cancel"
    case databricksRunGet = "databricks_run_get"
    case databricksRunList = "databricks_run_list"
    case databricksRunNow = "databricks_run_now"
    case databricksRunOutput = "databricks_run_output"
    case databricksStatementCancel = "databricks_statement_cancel"
    case databricksStatementGet = "databricks_statement_get"
    case databricksStatementPost = "databricks_statement_post"
    case databricksToken = "databricks_token"
    case databricksWarehouse = "databricks_warehouse"
    case dataflowCancel = "dataflow_cancel"
    case dataflowRefresh = "dataflow_refresh"
    case dataflowTransactions = "dataflow_transactions"
    case dataflows
    case dataset
    case datasets
    case datasources
    case directQueryScheduleGet = "direct_query_schedule_get"
    case directQuerySchedulePatch = "direct_query_schedule_patch"
    case discovery
    case executeQueries = "execute_queries"
    case fabricDefinition = "fabric_definition"
    case fabricOperation = "fabric_operation"
    case fabricResult = "fabric_result"
    case group
    case groups
    case identity
    case keyVault = "key_vault"
    case parameters
    case refreshDelete = "refresh_delete"
    case refreshDetails = "refresh_details"
    case refreshGet = "refresh_get"
    case refreshPost = "refresh_post"
    case refreshables
    case reports
    case s3CreateBucket = "s3_create_bucket"
    case s3Delete = "s3_delete"
    case s3DeleteBucket = "s3_delete_bucket"
    case s3Get = "s3_get"
    case s3Head = "s3_head"
    case s3HeadBucket = "s3_head_bucket"
    case s3List = "s3_list"
    case s3ListBuckets = "s3_list_buckets"
    case s3Location = "s3_location"
    case s3Put = "s3_put"
    case s3Unsupported = "s3_unsupported"
    case s3Upload = "s3_upload"
    case s3Versioning = "s3_versioning"
    case scanModified = "scan_modified"
    case scanResult = "scan_result"
    case scanStart = "scan_start"
    case scanStatus = "scan_status"
    case scheduleGet = "schedule_get"
    case schedulePatch = "schedule_patch"
    case takeOver = "take_over"
    case tiles
    case token
    case unknown
    case upstreamDataflows = "upstream_dataflows"

    /// Whether a name means this kind: its own, or a family's such as `refresh` or `s3`.
    func isNamed(_ name: String) -> Bool { rawValue == name || rawValue.hasPrefix(name + "_") }
}
